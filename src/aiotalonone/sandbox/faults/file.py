"""The fault file: a JSON list of faults, on disk or in a request."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiotalonone.sandbox import json
from aiotalonone.sandbox.faults.script import CALLS_OR_EVERY, Fault, FaultRule
from aiotalonone.sandbox.validation import JsonObject, ValidationError, dotted, type_error

NAMES = tuple(fault.value for fault in Fault)


class FaultFileError(ValueError):
    """The fault file cannot be read or is invalid; the message names the place."""


def load_faults(source: Sequence[Mapping[str, Any]] | Path | str, operation_ids: Collection[str]) -> list[FaultRule]:
    """Read a list or a file.

    Raises:
        FaultFileError: The file is not a JSON list, or an entry is invalid.
    """
    try:
        return read_faults(_entries(source), operation_ids)
    except ValidationError as error:
        place = dotted(error.path)
        raise FaultFileError(f"{place or 'the fault file'}: {error.text}") from None


def _entries(source: Sequence[Mapping[str, Any]] | Path | str) -> Any:
    if not isinstance(source, (Path, str)):
        return list(source)
    try:
        return json.load(source)
    except ValueError as error:
        raise FaultFileError(str(error)) from error


def read_faults(entries: Any, operation_ids: Collection[str]) -> list[FaultRule]:
    """Read a parsed list of faults.

    Raises:
        ValidationError: It is not a list, or an entry is invalid.
    """
    if not isinstance(entries, list):
        raise type_error((), "array", entries)
    return [_rule(JsonObject(entry, (index,)), operation_ids) for index, entry in enumerate(entries)]


def _rule(members: JsonObject, operation_ids: Collection[str]) -> FaultRule:
    operation_id = members.required_text("operationId")
    if operation_id not in operation_ids:
        raise members.error("operationId", f"there is no operation {operation_id!r}")
    members.required_text("fault")
    fault = Fault(members.choice("fault", NAMES))
    if "calls" in members and "every" in members:
        raise members.error("every", CALLS_OR_EVERY)
    calls = members.integers("calls") if "calls" in members else (1,)
    seconds = members.amount("seconds")
    try:
        return FaultRule(
            operation_id,
            fault,
            calls,
            members.integer("every"),
            1.0 if seconds is None else float(seconds),
        )
    except ValidationError:
        raise
    except ValueError as error:
        raise ValidationError(members.path, str(error)) from None
