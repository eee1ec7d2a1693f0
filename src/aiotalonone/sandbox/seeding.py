"""Put customers, sessions and events into the sandbox, by the operations that requests perform."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import define
from starlette.datastructures import QueryParams

from aiotalonone.sandbox import json
from aiotalonone.sandbox.http.messages import Request
from aiotalonone.sandbox.http.problems import ApiProblem
from aiotalonone.sandbox.http.query import Query
from aiotalonone.sandbox.operations import OPERATIONS, Context
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.recording.feed import SEED
from aiotalonone.sandbox.validation import (
    MAX_CODE_LENGTH,
    MAX_INTEGRATION_ID_LENGTH,
    TOO_MANY,
    JsonObject,
    ValidationError,
    check_depth,
    dotted,
    unknown_name,
)

MAX_ENTRIES: Final = 10_000
"""Entries of one seed: the sandbox does nothing else meanwhile."""

_BY_ID: Final = {operation.operation_id: operation for operation in OPERATIONS}


class SeedError(ValueError):
    """A seed cannot be read or is invalid; the message names the place."""


@define(frozen=True)
class _Step:
    """An operation to perform for an entry."""

    operation_id: str
    path: Mapping[str, str]
    body: dict[str, Any]


def _profile(entry: JsonObject) -> _Step:
    integration_id = entry.required_text("integrationId", max_length=MAX_INTEGRATION_ID_LENGTH)
    return _Step("updateCustomerProfileV2", {"integrationId": integration_id}, _without(entry, "integrationId"))


def _referral(entry: JsonObject) -> _Step:
    return _Step("createReferral", {}, entry.values)


def _reservation(entry: JsonObject) -> _Step:
    code = entry.required_text("couponValue", max_length=MAX_CODE_LENGTH)
    return _Step("createCouponReservation", {"couponValue": code}, _without(entry, "couponValue"))


def _session(entry: JsonObject) -> _Step:
    body = {"customerSession": _without(entry, "integrationId")}
    return _Step("updateCustomerSessionV2", {"customerSessionId": entry.required_text("integrationId")}, body)


def _event(entry: JsonObject) -> _Step:
    return _Step("trackEventV3" if "integrationId" in entry else "trackEventV2", {}, entry.values)


STEPS: Final[Mapping[str, Callable[[JsonObject], _Step]]] = {
    "profiles": _profile,
    "referrals": _referral,
    "reservations": _reservation,
    "sessions": _session,
    "events": _event,
}
"""What a seed may have, in the order in which it is put in."""


def seed(platform: Platform, source: Mapping[str, Any] | Path | str) -> Counter[str]:
    """Put in what a mapping or a file has, all of it or nothing, and return how many entries of each kind.

    Raises:
        SeedError: The file is not a JSON object, or an operation rejects an entry.
    """
    try:
        return plant(platform, _document(source))
    except ValidationError as error:
        raise SeedError(f"{dotted(error.path) or 'the seed'}: {error.text}") from None


def _document(source: Mapping[str, Any] | Path | str) -> Any:
    if isinstance(source, Mapping):
        return dict(source)
    try:
        return json.load(source)
    except ValueError as error:
        raise SeedError(str(error)) from error


def plant(platform: Platform, document: Any) -> Counter[str]:
    """Do what `seed` does, with the content of a file.

    Raises:
        ValidationError: It is not a JSON object, or an operation rejects an entry.
    """
    check_depth(document)
    entries = list(_entries(JsonObject(document)))
    draft = platform.state.draft(platform.clock())
    context, applied = Context(platform.account, draft), Counter[str]()
    for kind, entry in entries:
        step = STEPS[kind](entry)
        _perform(context, step, entry)
        applied[step.operation_id] += 1
    draft.save()
    platform.state.applied.update(applied)
    platform.feed.publish(SEED)
    return Counter(kind for kind, _ in entries)


def _entries(members: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield the entries in the order in which they are put in."""
    for name in members.values:
        if name not in STEPS:
            raise members.error(name, unknown_name("member", name, STEPS))
    kinds = {kind: members.objects(kind) for kind in STEPS}
    if sum(map(len, kinds.values())) > MAX_ENTRIES:
        raise ValidationError((), f"must have at most {MAX_ENTRIES} entries", title=TOO_MANY)
    for kind, found in kinds.items():
        for entry in found:
            yield kind, entry


def _perform(context: Context, step: _Step, entry: JsonObject) -> None:
    content = json.dumps(step.body)
    request = Request(step.operation_id, step.path, Query(QueryParams()), {}, content)
    try:
        _BY_ID[step.operation_id].perform(context, request)
    except ValidationError as error:
        raise ValidationError(
            (*entry.path, *error.path), error.text, title=error.title, details=error.details
        ) from None
    except ApiProblem as problem:
        raise ValidationError(entry.path, _reason(problem), title=problem.message) from None


def _reason(problem: ApiProblem) -> str:
    return ", ".join(error["details"] for error in problem.errors) or problem.message


def _without(entry: JsonObject, name: str) -> dict[str, Any]:
    return {key: value for key, value in entry.values.items() if key != name}
