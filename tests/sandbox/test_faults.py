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
class Place:
    """A server, and the sandbox that is behind it at the moment."""

    sandbox: Sandbox
    server: Server | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Passes a request on."""
        await self.sandbox.app(scope, receive, send)

    def request(self, *parts: Any) -> AbstractAsyncContextManager[Connection]:
        """Sends a request of its own connection."""
        return request(self.server.url, *parts)

    async def ask(self, *parts: Any) -> tuple[int, Any]:
        """The status and the JSON of a sound answer."""
        async with self.request(*parts) as connection:
            status, _ = await connection.head()
            content = await connection.rest()
            return status, json.loads(content) if content else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Place]:
    place = Place(Sandbox())
    async with serving(place) as place.server:
        yield place


@pytest.fixture
def place(served, caplog) -> Iterator[Place]:
    """The server with a new sandbox; it must find nothing to complain of."""
    served.sandbox = Sandbox(CAMPAIGNS, clock=Clock())
    log = logging.getLogger("uvicorn.error")
    log.addHandler(caplog.handler)
    yield served
    log.removeHandler(caplog.handler)
    assert caplog.get_records("call") == []


@pytest.mark.parametrize(("fault", "applied"), [(Fault.DROP_BEFORE_READING, 0), (Fault.DROP_AFTER_COMMIT, 1)])
async def test_a_dropped_connection_closes_without_a_byte(place, fault, applied):
    """Before reading nothing has happened, after the commit the referral exists."""
    place.sandbox.faults.add("createReferral", fault)
    async with place.request(*REFERRAL) as connection:
        assert await connection.rest() == b""
    assert place.sandbox.applied("createReferral") == len(place.sandbox.state.referrals) == applied


async def test_the_fault_reset_resets_the_connection(place):
    """The client gets no orderly end, and nothing is applied."""
    place.sandbox.faults.add("createReferral", Fault.RESET)
    async with place.request(*REFERRAL) as connection:
        with pytest.raises(ConnectionResetError):
            await connection.rest()
    assert place.sandbox.applied("createReferral") == 0


async def test_half_a_body_ends_too_early(place):
    """The headers are those of the whole answer; the connection closes in its middle."""
    place.sandbox.faults.add("createReferral", Fault.HALF_A_BODY)
    async with place.request(*REFERRAL) as connection:
        status, headers = await connection.head()
        body = await connection.rest()
    assert status == 201
    assert len(body) == int(headers["content-length"]) // 2
    assert place.sandbox.applied("createReferral") == 1


async def test_an_answer_without_a_body_has_no_half(place):
    """The connection closes without a response instead."""
    place.sandbox.faults.add("updateCustomerProfilesV2", Fault.HALF_A_BODY)
    async with place.request(*PROFILES) as connection:
        assert await connection.rest() == b""
    assert place.sandbox.applied("updateCustomerProfilesV2") == 1


async def test_a_wrong_content_length_is_too_short(place):
    """More bytes follow than the headers promise, and together they are the response."""
    place.sandbox.faults.add("createReferral", Fault.WRONG_CONTENT_LENGTH)
    async with place.request(*REFERRAL) as connection:
        status, headers = await connection.head()
        body = await connection.rest()
    assert status == 201
    assert int(headers["content-length"]) == len(body) // 2
    assert json.loads(body)["campaignId"] == 30
    assert place.sandbox.applied("createReferral") == 1


async def test_a_trickle_is_the_whole_body_in_pieces(place):
    """No piece comes before the pause after the one before is over."""
    pauses, go = [], asyncio.Semaphore(0)

    async def pause(seconds):
        pauses.append(seconds)
        await go.acquire()

    place.sandbox.faults.sleep = pause
    place.sandbox.faults.add("createReferral", Fault.TRICKLE, seconds=0.5)
    async with place.request(*REFERRAL) as connection:
        _, headers = await connection.head()
        length, body = int(headers["content-length"]), b""
        while len(body) < length:
            body += await connection.reader.readexactly(min(8, length - len(body)))
            go.release()
        assert await connection.rest() == b""
    assert json.loads(body)["campaignId"] == 30
    assert pauses == [0.5] * -(-length // 8)


async def test_a_page_is_no_json(place):
    """Something between answers 200 with HTML; the change is made."""
    place.sandbox.faults.add("createReferral", Fault.NOT_JSON)
    async with place.request(*REFERRAL) as connection:
        status, headers = await connection.head()
        body = await connection.rest()
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!doctype html>")
    assert place.sandbox.applied("createReferral") == 1


async def test_a_call_without_an_answer_ends_with_its_client(place):
    """Not a byte comes while others are served, and nothing is left running."""
    place.sandbox.faults.add("createReferral", Fault.NO_RESPONSE)
    async with place.request(*REFERRAL) as connection:
        await until(lambda: place.sandbox.faults.triggered)
        assert (await place.ask(*SESSION))[0] == 200
        connection.writer.write_eof()
        assert await connection.rest() == b""
    await until(lambda: not place.server.server_state.tasks)
    assert place.sandbox.applied("createReferral") == 0


@pytest.mark.parametrize("fault", [Fault.NO_RESPONSE, Fault.TRICKLE, Fault.SLOW_COMMIT])
async def test_a_server_that_stops_waits_for_no_fault(fault):
    """A call that would wait for an hour ends with the server, while its client still waits."""
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
async def test_a_status_is_an_error_in_the_format_of_the_api(place, fault, status, header):
    """It says where or when to try again only if that is its point, and applies nothing."""
    place.sandbox.faults.add("createReferral", fault, seconds=89.5 if fault is Fault.STATUS_429_SECONDS else 90)
    async with place.request(*REFERRAL) as connection:
        answered, headers = await connection.head()
        body = json.loads(await connection.rest())
    told = {item for item in headers.items() if item[0] in ("location", "retry-after")}
    assert (answered, body["StatusCode"], told) == (status, status, {header} - {None})
    assert place.sandbox.applied("createReferral") == 0


@pytest.fixture
def slow(place):
    """The pauses of a slow commit, and the event that ends them."""
    pauses, go = [], asyncio.Event()

    async def pause(seconds):
        pauses.append(seconds)
        await go.wait()

    place.sandbox.faults.sleep = pause
    place.sandbox.faults.add("updateCustomerSessionV2", Fault.SLOW_COMMIT, seconds=20)
    return pauses, go


async def test_a_slow_commit_applies_after_the_pause(place, slow):
    """Until then nothing has changed, and the session's lane is taken."""
    pauses, go = slow
    async with place.request(*SESSION) as first, asyncio.TaskGroup() as group:
        await until(lambda: pauses)
        second = group.create_task(place.ask(*SESSION))
        await until(lambda: len(place.server.server_state.tasks) == 2)
        assert (await place.ask(*REFERRAL))[0] == 201
        assert place.sandbox.applied("updateCustomerSessionV2") == 0
        go.set()
        assert (await first.head())[0] == 200
    assert second.result()[0] == 200
    assert place.sandbox.applied("updateCustomerSessionV2") == 2
    assert pauses == [20]


async def test_a_slow_commit_applies_for_a_client_that_has_left(place, slow):
    """The change is made although its response is lost."""
    pauses, _ = slow
    async with place.request(*SESSION) as connection:
        await until(lambda: pauses)
        assert place.sandbox.applied("updateCustomerSessionV2") == 0
        await connection.leave()
        await until(lambda: place.sandbox.applied("updateCustomerSessionV2") == 1)


@pytest.mark.parametrize("fault", Fault)
async def test_the_next_call_is_served(place, fault):
    """A fault of one call leaves nothing behind."""

    async def pause(_):
        """Takes no time."""

    place.sandbox.faults.sleep = pause
    place.sandbox.faults.add("createReferral", fault)
    async with place.request(*REFERRAL):
        await until(lambda: place.sandbox.faults.triggered)
    await until(lambda: not place.server.server_state.tasks)
    assert (await place.ask(*REFERRAL))[0] == 201
    assert place.sandbox.faults.triggered == [TriggeredFault("createReferral", fault, 1)]


async def test_a_repetition_with_its_key_is_applied_once(place):
    """After a lost response the same key returns the first response, whose change counts once."""
    place.sandbox.faults.drop_after_commit("updateCustomerSessionV2")
    async with request(place.server.url, *SESSION, **{"Idempotency-Key": "k"}) as connection:
        assert await connection.rest() == b""
    async with request(place.server.url, *SESSION, **{"Idempotency-Key": "k"}) as connection:
        assert (await connection.head())[0] == 200
    assert place.sandbox.applied("updateCustomerSessionV2") == 1


async def test_faults_are_scripted_over_http(place):
    """A list takes the place of all faults before, and the counts are in the state."""
    place.sandbox.faults.add("createReferral", Fault.STATUS_500)
    script = [{"operationId": "createReferral", "fault": "status503", "every": 2}]
    assert await place.ask("PUT", "/sandbox/faults", script) == (204, None)
    assert [(await place.ask(*REFERRAL))[0] for _ in range(4)] == [201, 503, 201, 503]
    _, state = await place.ask("GET", "/sandbox/state")
    assert state["applied"] == {"createReferral": 2}


async def test_a_bad_script_over_http_changes_nothing(place):
    """An invalid script is rejected with the place of the mistake, and the earlier faults stay."""
    place.sandbox.faults.add("createReferral", Fault.STATUS_503)
    script = [{"operationId": "createReferral", "fault": "status500"}, {"operationId": "sing", "fault": "status500"}]
    status, answer = await place.ask("PUT", "/sandbox/faults", script)
    assert (status, answer["errors"][0]["source"]) == (400, {"pointer": "/1/operationId"})
    assert (await place.ask(*REFERRAL))[0] == 503
