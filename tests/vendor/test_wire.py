"""The same values, given to the vendor's SDK and to the client, are the same request, but for what a table explains."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from attrs import define, field
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
OLDER = "the SDK has the member of an older version"
DEFAULT_OF_CARD = "the SDK sends the default of the specification"
DEFAULT = "the SDK sends a default of the specification, which would change a session that exists"

DIFFERENCES: dict[str, dict[str, str]] = {
    "returnCartItems": {"query runRuleEngine": LOST},
    "createAudienceV2": {"body /subscribedApplicationsIds": LOST},
    "updateAudienceV2": {"body /subscribedApplicationsIds": LOST},
    "bestPriorPrice": {"body /strictEndDate": OLDER, "body /timeframeEndDateType": OLDER},
    "deleteLoyaltyTransactionsFromLedgers": {"body /subledgerIds": NULL},
    "generateLoyaltyCard": {"body /status": DEFAULT_OF_CARD},
    "getCustomerAchievementHistory": {"query startDate": NO_COLON, "query endDate": NO_COLON},
    "getLoyaltyBalances": {"query endDate": NO_COLON},
    "getLoyaltyCardBalances": {"query endDate": NO_COLON},
    "getLoyaltyCardTransactions": {"query startDate": NO_COLON, "query endDate": NO_COLON},
    "getLoyaltyProgramProfileTransactions": {"query startDate": NO_COLON, "query endDate": NO_COLON},
    "updateCustomerProfileV2": {"body /audiencesChanges": NULL},
    "updateCustomerSessionV2": {
        "query now": NO_COLON,
        "body /customerSession/state": DEFAULT,
        "body /customerSession/experimentVariantAllocations": LOST,
    },
}
"""What may differ, by operation and place, each with its reason."""

FOR_BOTH: dict[str, dict[str, Any]] = {"generateLoyaltyCard": {"cardIdentifier": "A-z_9"}}
"""Members of bodies whose other values the SDK rejects: its pattern is older than the specification's."""

FOR_SDK: dict[str, dict[str, Any]] = {
    "bestPriorPrice": {"strictEndDate": False},
    "getLoyaltyProgramProfilePoints": {"subledger_id": "text"},
}
"""What the SDK is given besides, or in another form: a member that it demands, one value in place of several."""


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
    for body, query in (
        (MINIMAL.get(operation.body), {}),
        (known_to("current", FULL.get(operation.body)), query_values(operation)),
    ):
        yield (None if body is None else orjson.loads(encode(body)) | FOR_BOTH.get(operation.operation_id, {})), query


@pytest.mark.parametrize("operation", sdk.KNOWN, ids=lambda operation: operation.operation_id)
async def test_both_send_the_same_request(operation: Operation[Any]) -> None:
    """Method, path, query, credential and JSON are the same, but for the places in the table, all of which differ."""
    recorder, found = Recorder(), set()
    async with serving(recorder) as server, AsyncIntegrationClient(server.url, api_key="k") as client:
        vendor = sdk.api(server.url, "k")
        for body, query in requests(operation):
            with pytest.raises(APIStatusError):
                await call(client, operation, body=body, query=query)
            own = FOR_SDK.get(operation.operation_id, {})
            response = await sdk.call(
                vendor,
                operation,
                path=path_values(operation),
                body=body and body | own,
                query={name: own.get(name, value) for name, value in query.items()},
            )
            assert response.status == 400
            found |= differences(recorder.requests.pop(0), recorder.requests.pop(0))
    assert recorder.requests == []
    assert found == set(DIFFERENCES.get(operation.operation_id, {}))


def test_the_table_explains_operations_that_there_are() -> None:
    """No row of the table is left over from an operation that the SDK or the client no longer has."""
    assert DIFFERENCES.keys() <= {operation.operation_id for operation in sdk.KNOWN}
