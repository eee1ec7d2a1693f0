"""The same values, given to the vendor's SDK and to the client, are the same request, but for what a table explains."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from attrs import define, field
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from aiotalonone import APIStatusError, AsyncIntegrationClient
from aiotalonone.codec import encode
from aiotalonone.operation import Operation
from tests.contract.bodies import FULL, MINIMAL, known_to
from tests.contract.calls import call, path_values, query_values
from tests.support.sandbox_server import serving
from tests.vendor import sdk

NO_COLON = "the SDK writes the offset of a time without its colon, which RFC 3339 demands"
LOST = "the SDK has no such member, and drops it"
NULL = "the SDK writes a member that was left out as null"
DEFAULT = "the SDK sends a default of the specification, which would change a session that exists"

DATES = {"query startDate": NO_COLON, "query endDate": NO_COLON}
DIFFERENCES: dict[str, dict[str, str]] = {
    "createAudienceV2": {"body /subscribedApplicationsIds": LOST},
    "updateAudienceV2": {"body /subscribedApplicationsIds": LOST},
    "getCustomerAchievementHistory": DATES,
    "getLoyaltyBalances": {"query endDate": NO_COLON},
    "getLoyaltyProgramProfileTransactions": DATES,
    "deleteLoyaltyTransactionsFromLedgers": {"body /subledgerIds": NULL},
    "getLoyaltyCardBalances": {"query endDate": NO_COLON},
    "getLoyaltyCardTransactions": DATES,
    "returnCartItems": {"query runRuleEngine": LOST},
    "updateCustomerProfileV2": {"body /audiencesChanges": NULL},
    "updateCustomerSessionV2": {
        "query now": NO_COLON,
        "body /customerSession/state": DEFAULT,
        "body /customerSession/experimentVariantAllocations": LOST,
    },
}
"""What may differ, by operation and place, each with its reason."""

NOT_SENT = {
    "bestPriorPrice": "the SDK demands a member that the API no longer has",
    "generateLoyaltyCard": "the SDK takes fewer characters in the identifier of a card",
    "getLoyaltyProgramProfilePoints": "the SDK takes one subledger only",
    "updateAudienceCustomersAttributes": "the SDK has no class for the body",
}
"""The operations whose whole request the SDK does not send, each with its reason."""


@define
class Recorder:
    """An ASGI application that rejects every request, and keeps it."""

    requests: list[dict[str, Any]] = field(factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Respond with 400."""
        request = Request(scope, receive)
        content = await request.body()
        sent = {
            "method": request.method,
            "path": scope["raw_path"].decode(),
            "authorization": request.headers["authorization"],
            "body": orjson.loads(content) if content else None,
            "query": {name: request.query_params.getlist(name) for name in request.query_params},
        }
        self.requests.append(sent)
        await JSONResponse({"message": "no"}, 400)(scope, receive, send)


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> set[str]:
    """Return the places where two requests differ."""
    found = {name for name in ("method", "path", "authorization") if ours[name] != theirs[name]}
    names = {*ours["query"], *theirs["query"]}
    found |= {f"query {name}" for name in names if ours["query"].get(name) != theirs["query"].get(name)}
    return found | set(_differences_of_values(ours["body"], theirs["body"], "body "))


def _differences_of_values(ours: Any, theirs: Any, place: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted({*ours, *theirs}):
            if name in ours and name in theirs:
                yield from _differences_of_values(ours[name], theirs[name], f"{place}/{name}")
            else:
                yield f"{place}/{name}"
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences_of_values(one, other, f"{place}/{index}")
    elif ours != theirs:
        yield place


def requests(operation: Operation[Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the body and query of a request with what is demanded, and of one with everything that both know."""
    yield MINIMAL.get(operation.body), {}
    yield known_to("current", FULL.get(operation.body)), query_values(operation)


SENT = [operation for operation in sdk.KNOWN if operation.operation_id not in NOT_SENT]


@pytest.mark.parametrize("operation", SENT, ids=lambda operation: operation.operation_id)
async def test_both_send_the_same_request(operation: Operation[Any]) -> None:
    """Method, path, query, credential and JSON are the same, but for the places in the table, all of which differ."""
    recorder, found = Recorder(), set()
    async with serving(recorder) as server, AsyncIntegrationClient(server.url, api_key="k") as client:
        vendor = sdk.api(server.url, "k")
        for body, query in requests(operation):
            with pytest.raises(APIStatusError):
                await call(client, operation, body=body, query=query)
            value = None if body is None else orjson.loads(encode(body))
            path = path_values(operation)
            assert (await sdk.call(vendor, operation, path=path, body=value, query=query)).status == 400
            found |= differences(recorder.requests.pop(0), recorder.requests.pop(0))
    assert recorder.requests == []
    assert found == set(DIFFERENCES.get(operation.operation_id, {}))


@pytest.mark.parametrize("operation_id", NOT_SENT)
async def test_what_the_sdk_does_not_send_fails_in_the_sdk(operation_id: str) -> None:
    """An operation that is not compared is one whose whole request the SDK itself rejects."""
    [operation] = [one for one in sdk.KNOWN if one.operation_id == operation_id]
    _, (body, query) = requests(operation)
    value = None if body is None else orjson.loads(encode(body))
    vendor = sdk.api("http://127.0.0.1:9", "k")
    with pytest.raises((ValidationError, AttributeError)):
        await sdk.call(vendor, operation, path=path_values(operation), body=value, query=query)


def test_the_table_explains_operations_that_there_are() -> None:
    """No row of the tables is left over from an operation that the SDK or the client no longer has."""
    assert DIFFERENCES.keys() | NOT_SENT.keys() <= {operation.operation_id for operation in sdk.KNOWN}
