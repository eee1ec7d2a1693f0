import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import pytest_asyncio
from attrs import define

from aiotalonone.sandbox import Fault, Sandbox, TriggeredFault
from aiotalonone.sandbox.server import Server
from tests.sandbox.support import CAMPAIGNS, Clock
from tests.support.sandbox_server import Connection, request, serving, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFERRAL = ("POST", "/v1/referrals", {"campaignId": 30, "advocateProfileIntegrationId": "a"})
SESSION = ("PUT", "/v2/customer_sessions/s", {"customerSession": {"profileId": "a"}})
PROFILES = ("PUT", "/v2/customer_profiles", {"customerProfiles": [{"integrationId": "a"}]})


@define
class SwappableSandbox:
    """A server whose sandbox can be swapped."""

    sandbox: Sandbox
    server: Server | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on to the present sandbox."""
        await self.sandbox.app(scope, receive, send)

    def request(self, *parts: Any) -> AbstractAsyncContextManager[Connection]:
        """Send a request on a new connection."""
        return request(self.server.url, *parts)

    async def get_json(self, *parts: Any) -> tuple[int, Any]:
        """Return the status and the JSON of a complete response."""
        async with self.request(*parts) as connection:
            status, _ = await connection.head()
            content = await connection.rest()
            return status, json.loads(content) if content else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[SwappableSandbox]:
    swappable = SwappableSandbox(Sandbox())
    async with serving(swappable) as swappable.server:
        yield swappable


@pytest.fixture
def swappable(served, caplog) -> Iterator[SwappableSandbox]:
    """Return the server with a new sandbox, which must not log anything."""
    served.sandbox = Sandbox(CAMPAIGNS, clock=Clock())
    log = logging.getLogger("uvicorn.error")
    log.addHandler(caplog.handler)
    yield served
    log.removeHandler(caplog.handler)
    assert caplog.get_records("call") == []


@pytest.mark.parametrize(("fault", "applied"), [(Fault.DROP_BEFORE_READING, 0), (Fault.DROP_AFTER_COMMIT, 1)])
async def test_dropped_connection_sends_nothing(swappable, fault, applied):
    """A dropped connection closes without a byte, and only a drop after the commit has applied the request."""
    swappable.sandbox.faults.add("createReferral", fault)
    async with swappable.request(*REFERRAL) as connection:
        assert await connection.rest() == b""
    assert swappable.sandbox.applied("createReferral") == len(swappable.sandbox.state.referrals) == applied


async def test_reset_fault_resets_the_connection(swappable):
    """The fault RESET resets the connection, and nothing is applied."""
    swappable.sandbox.faults.add("createReferral", Fault.RESET)
    async with swappable.request(*REFERRAL) as connection:
        with pytest.raises(ConnectionResetError):
            await connection.rest()
    assert swappable.sandbox.applied("createReferral") == 0


async def test_half_a_body_ends_too_early(swappable):
    """The headers announce the whole body, and the connection closes after half of it."""
    swappable.sandbox.faults.add("createReferral", Fault.HALF_A_BODY)
    async with swappable.request(*REFERRAL) as connection:
        status, headers = await connection.head()
        body = await connection.rest()
    assert status == 201
    assert len(body) == int(headers["content-length"]) // 2
    assert swappable.sandbox.applied("createReferral") == 1


async def test_half_of_no_body_is_no_response(swappable):
    """If the response has no body, the connection closes without a response."""
    swappable.sandbox.faults.add("updateCustomerProfilesV2", Fault.HALF_A_BODY)
    async with swappable.request(*PROFILES) as connection:
        assert await connection.rest() == b""
    assert swappable.sandbox.applied("updateCustomerProfilesV2") == 1


async def test_wrong_content_length_is_too_short(swappable):
    """The headers announce half of the body, and all of it is sent."""
    swappable.sandbox.faults.add("createReferral", Fault.WRONG_CONTENT_LENGTH)
    async with swappable.request(*REFERRAL) as connection:
        status, headers = await connection.head()
        body = await connection.rest()
    assert status == 201
    assert int(headers["content-length"]) == len(body) // 2
    assert json.loads(body)["campaignId"] == 30
    assert swappable.sandbox.applied("createReferral") == 1


async def test_trickle_sends_the_body_in_pieces(swappable):
    """The body is sent eight bytes at a time, each piece after the pause of the piece before."""
    pauses, go = [], asyncio.Semaphore(0)

    async def sleep(seconds):
        pauses.append(seconds)
        await go.acquire()

    swappable.sandbox.faults.sleep = sleep
    swappable.sandbox.faults.add("createReferral", Fault.TRICKLE, seconds=0.5)
    async with swappable.request(*REFERRAL) as connection:
        _, headers = await connection.head()
        length, body = int(headers["content-length"]), b""
        while len(body) < length:
            body += await connection.reader.readexactly(min(8, length - len(body)))
            go.release()
        assert await connection.rest() == b""
    assert json.loads(body)["campaignId"] == 30
    assert pauses == [0.5] * -(-length // 8)


async def test_not_json_is_a_page(swappable):
    """The response is an HTML page with status 200, and the request is applied."""
    swappable.sandbox.faults.add("createReferral", Fault.NOT_JSON)
    async with swappable.request(*REFERRAL) as connection:
        status, headers = await connection.head()
        body = await connection.rest()
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!doctype html>")
    assert swappable.sandbox.applied("createReferral") == 1


async def test_call_without_a_response_ends_with_its_client(swappable):
    """A call without a response ends when its client disconnects, and does not block other calls."""
    swappable.sandbox.faults.add("createReferral", Fault.NO_RESPONSE)
    async with swappable.request(*REFERRAL) as connection:
        await until(lambda: swappable.sandbox.faults.triggered)
        assert (await swappable.get_json(*SESSION))[0] == 200
        connection.writer.write_eof()
        assert await connection.rest() == b""
    await until(lambda: not swappable.server.server_state.tasks)
    assert swappable.sandbox.applied("createReferral") == 0


@pytest.mark.parametrize("fault", [Fault.NO_RESPONSE, Fault.TRICKLE, Fault.SLOW_COMMIT])
async def test_server_stops_despite_a_fault(fault):
    """A server that stops ends a call whose fault would last an hour."""
    sandbox = Sandbox(CAMPAIGNS)
    sandbox.faults.add("createReferral", fault, seconds=3600)
    async with serving(sandbox.app) as server, request(server.url, *REFERRAL):
        await until(lambda: sandbox.faults.triggered)
        server.leaving.set()
        await until(lambda: not server.server_state.tasks)


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        (Fault.STATUS_307, 307, ("location", "http://elsewhere.invalid/v1/referrals")),
        (Fault.STATUS_409, 409, None),
        (Fault.STATUS_429, 429, None),
        (Fault.STATUS_429_SECONDS, 429, ("retry-after", "90")),
        (Fault.STATUS_429_DATE, 429, ("retry-after", "fri, 02 jan 2026 03:05:35 gmt")),
        (Fault.STATUS_500, 500, None),
        (Fault.STATUS_502, 502, None),
        (Fault.STATUS_503, 503, None),
    ],
)
async def test_status_fault_is_an_error_of_the_api(swappable, fault, status, header):
    """A status fault is an error in the API's format with the headers of its kind, and applies nothing."""
    swappable.sandbox.faults.add("createReferral", fault, seconds=89.5 if fault is Fault.STATUS_429_SECONDS else 90)
    async with swappable.request(*REFERRAL) as connection:
        seen_status, headers = await connection.head()
        body = json.loads(await connection.rest())
    sent = {item for item in headers.items() if item[0] in ("location", "retry-after")}
    assert (seen_status, body["StatusCode"], sent) == (status, status, {header} - {None})
    assert swappable.sandbox.applied("createReferral") == 0


@pytest.fixture
def slow(swappable):
    """Return the pauses of a slow commit, and the event that ends them."""
    pauses, go = [], asyncio.Event()

    async def sleep(seconds):
        pauses.append(seconds)
        await go.wait()

    swappable.sandbox.faults.sleep = sleep
    swappable.sandbox.faults.add("updateCustomerSessionV2", Fault.SLOW_COMMIT, seconds=20)
    return pauses, go


async def test_slow_commit_applies_after_the_pause(swappable, slow):
    """During the pause of a slow commit nothing is applied, and another update of the session waits."""
    pauses, go = slow
    async with swappable.request(*SESSION) as first, asyncio.TaskGroup() as group:
        await until(lambda: pauses)
        second = group.create_task(swappable.get_json(*SESSION))
        await until(lambda: len(swappable.server.server_state.tasks) == 2)
        assert (await swappable.get_json(*REFERRAL))[0] == 201
        assert swappable.sandbox.applied("updateCustomerSessionV2") == 0
        go.set()
        assert (await first.head())[0] == 200
    assert second.result()[0] == 200
    assert swappable.sandbox.applied("updateCustomerSessionV2") == 2
    assert pauses == [20]


async def test_slow_commit_applies_without_its_client(swappable, slow):
    """A slow commit is applied although its client has disconnected."""
    pauses, _ = slow
    async with swappable.request(*SESSION) as connection:
        await until(lambda: pauses)
        assert swappable.sandbox.applied("updateCustomerSessionV2") == 0
        await connection.leave()
        await until(lambda: swappable.sandbox.applied("updateCustomerSessionV2") == 1)


@pytest.mark.parametrize("fault", Fault)
async def test_call_after_a_fault_is_served(swappable, fault):
    """The call after a fault is served as usual."""

    async def sleep(_):
        """Takes no time."""

    swappable.sandbox.faults.sleep = sleep
    swappable.sandbox.faults.add("createReferral", fault)
    async with swappable.request(*REFERRAL):
        await until(lambda: swappable.sandbox.faults.triggered)
    await until(lambda: not swappable.server.server_state.tasks)
    assert (await swappable.get_json(*REFERRAL))[0] == 201
    assert swappable.sandbox.faults.triggered == [TriggeredFault("createReferral", fault, 1)]


async def test_retry_with_its_key_is_applied_once(swappable):
    """A retry with its idempotency key after a lost response gets the first response, and is applied once."""
    swappable.sandbox.faults.drop_after_commit("updateCustomerSessionV2")
    async with request(swappable.server.url, *SESSION, **{"Idempotency-Key": "k"}) as connection:
        assert await connection.rest() == b""
    async with request(swappable.server.url, *SESSION, **{"Idempotency-Key": "k"}) as connection:
        assert (await connection.head())[0] == 200
    assert swappable.sandbox.applied("updateCustomerSessionV2") == 1


async def test_faults_are_replaced_over_http(swappable):
    """A list sent to the sandbox replaces all faults, and the state has the counts."""
    swappable.sandbox.faults.add("createReferral", Fault.STATUS_500)
    script = [{"operationId": "createReferral", "fault": "status503", "every": 2}]
    assert await swappable.get_json("PUT", "/sandbox/faults", script) == (204, None)
    assert [(await swappable.get_json(*REFERRAL))[0] for _ in range(4)] == [201, 503, 201, 503]
    _, state = await swappable.get_json("GET", "/sandbox/state")
    assert state["applied"] == {"createReferral": 2}


async def test_faults_are_added_over_http(swappable):
    """A list that is posted is added to the faults that are there, whose calls count on."""
    swappable.sandbox.faults.add("createReferral", Fault.STATUS_500, calls=(1, 3))
    assert (await swappable.get_json(*REFERRAL))[0] == 500
    script = [{"operationId": "createReferral", "fault": "status503"}]
    assert await swappable.get_json("POST", "/sandbox/faults", script) == (204, None)
    _, listed = await swappable.get_json("GET", "/sandbox/faults")
    assert [(one["fault"], one["calls"]) for one in listed["faults"]] == [("status500", [2]), ("status503", [1])]
    assert [(await swappable.get_json(*REFERRAL))[0] for _ in range(3)] == [503, 500, 201]


async def test_invalid_faults_over_http_change_nothing(swappable):
    """An invalid list is a 400 with the swappable of the mistake, and the faults before it stay."""
    swappable.sandbox.faults.add("createReferral", Fault.STATUS_503)
    script = [{"operationId": "createReferral", "fault": "status500"}, {"operationId": "sing", "fault": "status500"}]
    status, response = await swappable.get_json("PUT", "/sandbox/faults", script)
    assert (status, response["errors"][0]["source"]) == (400, {"pointer": "/1/operationId"})
    assert (await swappable.get_json(*REFERRAL))[0] == 503


@pytest.mark.parametrize("fault", list(Fault))
async def test_client_that_leaves_within_its_request_is_no_error(swappable, fault):
    """If the client disconnects before its body is complete, no fault is an error of the server, nor is it applied."""
    swappable.sandbox.faults.add("createReferral", fault)
    incomplete = {"Content-Length": "1000"}
    async with request(swappable.server.url, *REFERRAL, **incomplete) as connection:
        await until(lambda: swappable.sandbox.faults.triggered)
        await connection.leave()
    await until(lambda: not swappable.server.server_state.tasks)
    assert swappable.sandbox.applied("createReferral") == 0
