"""What becomes of an advanced event whose response was lost: the API is asked for it by its ID."""

import asyncio
import pickle

import httpx
import orjson
import pytest

from aiotalonone import (
    BadRequestError,
    ConflictError,
    DeadlineExceededError,
    EventV3,
    IntegrationStateV2,
    MiddlewareError,
    Outcome,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
    TransportError,
    deadline,
    structure,
)
from tests.endpoints.responses import EVENT_V3
from tests.support.scripted_api import HANG, scripted_client
from tests.support.virtual_time import in_virtual_time

EVENT = {"profileId": "c-1", "type": "signup", "integrationId": "e/1", "connectedSessionId": "s-1"}
EXISTS = {"message": "An advanced event with this ID already exists"}
BUSY = {"message": "Too many requests are updating this profile at the same time"}
LOST = httpx.ReadError
POST, GET = "POST /v3/events", "GET /v3/events/e%2F1"
FOUND = IntegrationStateV2(advanced_event=structure(EVENT_V3, EventV3))
ONCE = {"retry": RetryPolicy(attempts=1)}
TRANSPORTS = pytest.mark.parametrize("transport", ["own", "external"])


def conflict(body=None):
    return httpx.Response(409, json=EXISTS if body is None else body)


def found(**members):
    return httpx.Response(200, json={**EVENT_V3, **members})


def not_found():
    return httpx.Response(404, json={"message": "Event not found"})


def targets(script):
    return [f"{request.method} {request.url.raw_path.decode()}" for request in script.requests]


def track(client, **query):
    return client.events.track_event_v3(EVENT, **query)


@TRANSPORTS
@in_virtual_time
async def test_an_event_that_exists_after_a_lost_response_was_recorded(transport):
    """If a retry of a lost request gets 409 and the event exists, the call succeeds with the event."""
    async with scripted_client(transport, LOST, conflict(), found()) as (client, script):
        assert await track(client) == FOUND
    assert targets(script) == [POST, POST, GET]


@in_virtual_time
async def test_a_silent_call_that_was_recorded_returns_nothing():
    """``silent=True`` returns ``None`` for an event that was found as for any other, and False the state."""
    async with scripted_client("own", LOST, conflict(), found()) as (client, script):
        assert await track(client, silent=True) is None
        assert targets(script) == [f"{POST}?silent=yes"] * 2 + [GET]
    async with scripted_client("own", LOST, conflict(), found()) as (client, _):
        assert await track(client, silent=False) == FOUND


@TRANSPORTS
@pytest.mark.parametrize("ending", [LOST, 503, 408])
@in_virtual_time
async def test_an_event_is_asked_for_when_no_retry_is_left(transport, ending):
    """If the outcome is unknown after the last attempt and the event exists, the call succeeds with the event."""
    async with scripted_client(transport, ending, ending, ending, found()) as (client, script):
        assert await track(client) == FOUND
    assert targets(script) == [POST] * 3 + [GET]


@pytest.mark.parametrize(("ending", "kind"), [(LOST, TransportError), (503, ServerError)])
@in_virtual_time
async def test_an_event_that_is_not_found_may_still_be_recorded(ending, kind):
    """If the event does not exist, the error of the call stays, and its outcome is still unknown."""
    async with scripted_client("own", ending, not_found(), **ONCE) as (client, script):
        with pytest.raises(kind) as caught:
            await track(client)
    assert targets(script) == [POST, GET]
    assert (caught.value.operation_id, caught.value.outcome) == ("trackEventV3", Outcome.UNKNOWN)
    assert (caught.value.attempts, caught.value.is_resumable) == (1, True)


@in_virtual_time
async def test_a_conflict_is_unknown_if_the_event_is_not_found():
    """A 409 to a retry whose event does not exist is a ConflictError that says that the outcome is unknown."""
    async with scripted_client("own", LOST, conflict(), not_found()) as (client, _):
        with pytest.raises(ConflictError) as caught:
            await track(client)
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("body", [EXISTS, {}, {"message": None}])
@in_virtual_time
async def test_a_first_conflict_is_the_callers(body):
    """A 409 to the first attempt says that the ID was used before: nothing is asked, and nothing sent again."""
    async with scripted_client("own", conflict(body), found()) as (client, script):
        with pytest.raises(ConflictError) as caught:
            await track(client)
    assert targets(script) == [POST]
    assert caught.value.outcome is Outcome.REJECTED


@in_virtual_time
async def test_a_conflict_is_the_callers_if_no_attempt_before_was_carried_out():
    """A 409 after attempts that were not sent, or were one too many, is rejected without asking."""
    failures = [TransportError("no connection", "trackEventV3", Outcome.NOT_SENT)]

    async def not_sent_at_first(exchange, call_next):
        if failures:
            raise failures.pop()
        return await call_next(exchange)

    async with scripted_client("own", 429, conflict(), found(), middleware=[not_sent_at_first]) as (client, script):
        with pytest.raises(ConflictError) as caught:
            await track(client)
    assert targets(script) == [POST, POST]
    assert caught.value.outcome is Outcome.REJECTED


@in_virtual_time
async def test_a_conflict_of_too_many_updates_is_retried():
    """A 409 whose message says that too many requests update the profile is retried, and no event is asked for."""
    async with scripted_client("own", conflict(BUSY), conflict(BUSY), 200) as (client, script):
        assert await track(client, silent=False) == IntegrationStateV2()
    assert targets(script) == [f"{POST}?silent=no"] * 3


@pytest.mark.parametrize("status", [400, 401, 404])
@in_virtual_time
async def test_a_rejected_event_is_not_asked_for(status):
    """A request that the API rejected leaves nothing to ask."""
    async with scripted_client("own", status) as (client, script):
        with pytest.raises(Exception, match=str(status)):
            await track(client)
    assert targets(script) == [POST]


@in_virtual_time
async def test_a_dry_event_is_not_asked_for():
    """A dry call stores nothing that could be found."""
    async with scripted_client("own", LOST, **ONCE) as (client, script):
        with pytest.raises(TransportError):
            await track(client, dry=True)
    assert targets(script) == [f"{POST}?dry=true"]


@in_virtual_time
async def test_a_response_that_cannot_be_decoded_is_not_asked_for():
    """An event that was recorded and whose response cannot be decoded stays an error whose outcome is applied."""
    async with scripted_client("own", httpx.Response(200, content=b"<p>")) as (client, script):
        with pytest.raises(ResponseDecodeError) as caught:
            await track(client, silent=False)
    assert len(script.requests) == 1
    assert caught.value.outcome is Outcome.APPLIED


@pytest.mark.parametrize(
    "members",
    [{"type": "visit"}, {"profileId": "c-2"}, {"integrationId": "e/2"}, {"connectedSessionId": "s-2"}],
)
@in_virtual_time
async def test_another_event_with_the_same_id_proves_nothing(members):
    """If the event that is found has another type, customer, ID or session, the call's error stays as it is."""
    async with scripted_client("own", LOST, conflict(), found(**members)) as (client, _):
        with pytest.raises(ConflictError) as caught:
            await track(client)
    assert caught.value.outcome is Outcome.UNKNOWN


@in_virtual_time
async def test_what_the_response_leaves_out_is_not_compared():
    """An event that is found without its optional members is the one that was sent, if the others are the same."""
    bare = {name: EVENT_V3[name] for name in ("id", "created", "applicationId", "type", "attributes", "effects")}
    async with scripted_client("own", LOST, conflict(), httpx.Response(200, json=bare)) as (client, _):
        assert (await track(client)).advanced_event == structure(bare, EventV3)


@pytest.mark.parametrize("answer", [{}, {"data": []}, []])
@in_virtual_time
async def test_a_response_without_an_event_proves_nothing(answer):
    """A 200 without any member of the event does not make the call succeed."""
    async with scripted_client("own", LOST, conflict(), httpx.Response(200, json=answer)) as (client, _):
        with pytest.raises(ConflictError):
            await track(client)


@in_virtual_time
async def test_a_lookup_that_fails_leaves_the_error_of_the_call():
    """If nothing can be asked either, the call's own error is raised, after as many requests as the policy allows."""
    async with scripted_client("own", LOST) as (client, script):
        with pytest.raises(TransportError) as caught:
            await track(client)
    assert targets(script) == [POST] * 3 + [GET] * 3
    assert (caught.value.operation_id, caught.value.attempts) == ("trackEventV3", 3)


@in_virtual_time
async def test_an_id_that_cannot_be_asked_for_leaves_the_error_of_the_call():
    """An ID of two dots can be sent in a body and not in a path: the call's own error is raised."""
    async with scripted_client("own", LOST, **ONCE) as (client, script):
        with pytest.raises(TransportError) as caught:
            await client.events.track_event_v3({**EVENT, "integrationId": ".."})
    assert (targets(script), caught.value.outcome) == ([POST], Outcome.UNKNOWN)


@in_virtual_time
async def test_call_and_lookup_share_the_deadline():
    """The lookup has what the call has left of its deadline; after that the call's own error is raised."""

    async def slowly(exchange, call_next):
        await asyncio.sleep(6)
        return await call_next(exchange)

    async with scripted_client("own", LOST, found(), deadline=10, middleware=[slowly], **ONCE) as (client, script):
        with pytest.raises(TransportError) as caught:
            await track(client)
        assert asyncio.get_running_loop().time() == 10
    assert not isinstance(caught.value, DeadlineExceededError)
    assert targets(script) == [POST]


@in_virtual_time
async def test_a_call_beyond_its_deadline_asks_nothing():
    """A call whose deadline is over ends in time, its outcome unknown, and can be resumed."""
    async with scripted_client("own", HANG, deadline=3) as (client, script):
        with pytest.raises(DeadlineExceededError) as caught:
            await track(client)
        assert asyncio.get_running_loop().time() == 3
    assert targets(script) == [POST]
    assert (caught.value.outcome, caught.value.is_resumable) == (Outcome.UNKNOWN, True)


@in_virtual_time
async def test_a_block_of_calls_has_one_deadline_for_the_lookup_too():
    """Within ``deadline(…)`` the lookup ends with the block, whatever the client's own deadline is."""
    async with scripted_client("own", LOST, HANG, deadline=1, **ONCE) as (client, script):
        with deadline(20), pytest.raises(TransportError):
            await track(client)
        assert asyncio.get_running_loop().time() == 20
    assert targets(script) == [POST, GET]


@in_virtual_time
async def test_a_task_that_is_cancelled_while_it_asks_is_cancelled():
    """A cancellation during the lookup is the caller's: it is not turned into the error of the call."""
    async with scripted_client("own", LOST, HANG, **ONCE) as (client, script):
        task = asyncio.create_task(track(client))
        while len(script.requests) < 2:  # noqa: ASYNC110 - the script has no event for it
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@in_virtual_time
async def test_a_cancelled_call_asks_nothing():
    """A call that its caller cancels ends without a lookup."""
    async with scripted_client("own", HANG) as (client, script):
        task = asyncio.create_task(track(client))
        while not script.requests:  # noqa: ASYNC110 - the script has no event for it
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert targets(script) == [POST]


@in_virtual_time
async def test_a_resumed_event_that_exists_was_recorded():
    """An event that is resumed, with its error pickled, and gets 409 is asked for: if it exists, the call succeeded."""
    async with scripted_client("own", LOST, not_found(), conflict(), found(), **ONCE) as (client, script):
        with pytest.raises(TransportError) as caught:
            await track(client)
        error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
        assert await client.resume(error, IntegrationStateV2) == FOUND
    assert targets(script) == [POST, GET, POST, GET]
    assert orjson.loads(script.requests[2].content) == EVENT


@in_virtual_time
async def test_a_resume_that_is_rejected_keeps_the_outcome():
    """A resumed event whose 409 cannot be explained leaves the outcome unknown, never rejected."""
    async with scripted_client("own", LOST, not_found(), conflict(), not_found(), **ONCE) as (client, _):
        with pytest.raises(TransportError) as caught:
            await track(client)
        with pytest.raises(ConflictError) as again:
            await client.resume(caught.value)
    assert again.value.outcome is Outcome.UNKNOWN


@in_virtual_time
async def test_the_error_of_a_middleware_is_not_overruled():
    """If a middleware fails after a lost attempt, its failure is told, whether or not the event exists."""

    async def broken(exchange, call_next):
        try:
            return await call_next(exchange)
        finally:
            if exchange.operation.operation_id == "trackEventV3":
                raise RuntimeError("broken")

    async with scripted_client("own", LOST, found(), middleware=[broken]) as (client, script):
        with pytest.raises(MiddlewareError):
            await track(client)
    assert targets(script) == [POST]


@in_virtual_time
async def test_the_lookup_is_a_call_of_its_own():
    """Middleware and ``with_raw_response`` see the lookup as the call that it is."""
    seen = []

    async def note(exchange, call_next):
        seen.append(exchange.operation.operation_id)
        return await call_next(exchange)

    async with scripted_client("own", LOST, found(), call_middleware=[note], **ONCE) as (client, _):
        raw = await client.with_raw_response(track(client))
    assert seen == ["trackEventV3", "getEventV3"]
    assert (raw.result, raw.status, raw.attempts) == (FOUND, 200, 1)


@in_virtual_time
async def test_other_operations_ask_nothing():
    """An operation without an ID of the caller's ends in its error, as before."""
    async with scripted_client("own", LOST) as (client, script):
        with pytest.raises(TransportError):
            await client.events.track_event_v2({"profileId": "c-1", "type": "signup"})
    assert targets(script) == ["POST /v2/events"] * 3
    assert len(set(script.keys)) == 1
    async with scripted_client("own", 400) as (client, _):
        with pytest.raises(BadRequestError):
            await client.events.get_event_v3("e-1")
