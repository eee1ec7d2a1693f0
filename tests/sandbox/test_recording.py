"""What is recorded of requests, and the feed of what happens."""

import asyncio

import httpx
import pytest

from aiotalonone.sandbox import Fault, Sandbox, SandboxEvent
from aiotalonone.sandbox.recording.feed import MAX_HISTORY, MAX_WAITING, Feed
from tests.sandbox.support import CAMPAIGNS

SESSION = "/v2/customer_sessions/s-1"
CART = {"cartItems": [{"sku": "tea", "quantity": 2, "price": 1.5}], "couponCodes": ["SPRING", "NOPE"]}


async def test_a_request_is_recorded_with_its_response(shop):
    """A request is recorded with its number, time, operation, path, query, bodies, status, duration and effects."""
    response = await shop.http.put("/v2/customer_sessions/s%2F1?dry=true", json={"customerSession": CART})
    [request] = shop.sandbox.requests
    assert (request.number, request.time, request.operation_id) == (1, shop.clock(), "updateCustomerSessionV2")
    assert (request.method, request.path, request.query_string) == ("PUT", "/v2/customer_sessions/s%2F1", "dry=true")
    assert (request.status, request.dry, request.replayed, request.fault) == (200, True, False, None)
    assert (request.json, request.response_json) == ({"customerSession": CART}, response.json())
    assert request.duration_ms is not None
    assert 0 < request.duration_ms < 10_000
    assert [effect["effectType"] for effect in request.effects] == [
        effect["effectType"] for effect in response.json()["effects"]
    ]
    assert response.headers["X-Sandbox-Request"] == "1"


async def test_no_secret_is_kept(shop):
    """Of a key or token only the scheme is kept, and of a cookie nothing, wherever the record is looked at."""
    headers = {"Cookie": "a=secret", "Proxy-Authorization": "Basic secret"}
    await shop.http.get(SESSION, headers=headers | {"Authorization": "ApiKey-v1 secret"})
    await shop.http.get(SESSION, headers=headers | {"Authorization": "secret"})
    first, second = shop.sandbox.requests
    assert first.headers["authorization"] == "ApiKey-v1"
    assert (second.headers["authorization"], second.headers["cookie"]) == ("", "")
    assert "secret" not in (await shop.http.get("/sandbox/requests/1")).text
    assert "secret" not in repr(shop.sandbox.requests)


async def test_errors_are_recorded(shop):
    """A request that is rejected, of an unknown path or without a valid key, is recorded with its body."""
    await shop.http.put(SESSION, json={"customerSession": {"state": "paid"}})
    await shop.http.post("/v9/nothing", json={"a": 1})
    await shop.http.put(SESSION, json={"b": 1}, headers={"Authorization": ""})
    seen = [(one.operation_id, one.status, one.json) for one in shop.sandbox.requests]
    assert seen == [
        ("updateCustomerSessionV2", 400, {"customerSession": {"state": "paid"}}),
        (None, 404, {"a": 1}),
        ("updateCustomerSessionV2", 401, {"b": 1}),
    ]
    assert all(one.trace is None for one in shop.sandbox.requests)


async def test_a_replay_is_recorded_as_one(shop):
    """A request whose idempotency key is known is recorded as replayed, and ran no rules."""
    for _ in range(2):
        await shop.http.put(SESSION, json={"customerSession": CART}, headers={"Idempotency-Key": "k"})
    first, second = shop.sandbox.requests
    assert (first.replayed, second.replayed) == (False, True)
    assert (first.trace is None, second.trace is None) == (False, True)
    assert second.response_json == first.response_json


async def test_a_key_that_is_too_long_is_no_replay(shop):
    """A request that is rejected because of its idempotency key is not recorded as replayed."""
    await shop.http.put(SESSION, json={"customerSession": CART}, headers={"Idempotency-Key": "k" * 256})
    [request] = shop.sandbox.requests
    assert (request.status, request.replayed) == (400, False)


@pytest.mark.parametrize(
    ("fault", "status", "applied"),
    [
        (Fault.STATUS_503, 503, False),
        (Fault.STATUS_307, 307, False),
        (Fault.RESET, None, False),
        (Fault.DROP_BEFORE_READING, None, False),
        (Fault.DROP_AFTER_COMMIT, None, True),
        (Fault.NOT_JSON, 200, True),
    ],
)
async def test_a_fault_is_recorded(shop, fault, status, applied):
    """A request that meets a fault is recorded with it, its body, the status that was sent, and what it did."""
    shop.sandbox.faults.add("updateCustomerSessionV2", fault)
    try:
        await shop.http.put(SESSION, json={"customerSession": CART})
    except ConnectionError:
        assert status is None
    [request] = shop.sandbox.requests
    assert (request.fault, request.status, request.json) == (fault, status, {"customerSession": CART})
    assert bool(request.effects) is applied


async def test_a_request_is_recorded_while_it_is_served(shop):
    """A request that is in flight is recorded without a status and a duration."""
    seen = []

    @shop.sandbox.before_commit
    async def look(_):
        [request] = shop.sandbox.requests
        seen.append((request.status, request.duration_ms, request.body))

    await shop.http.put(SESSION, content=b'{"customerSession": {}}')
    assert seen == [(None, None, b'{"customerSession": {}}')]


async def test_long_bodies_are_cut(shop):
    """Of a body 64 KiB are kept; its JSON value is then an error rather than a part of it."""
    body = {"attributes": {"long": "x" * 100_000}, "responseContent": ["customerProfile"]}
    await shop.http.put("/v2/customer_profiles/a?runRuleEngine=true", json=body)
    [request] = shop.sandbox.requests
    assert (len(request.body), request.request_body.is_cut, request.response.is_cut) == (65_536, True, True)
    assert request.request_body.length > 100_000
    with pytest.raises(ValueError, match=r"^only 65536 bytes of \d+ are recorded$"):
        _ = request.json
    with pytest.raises(ValueError, match=r"^only 65536 bytes of \d+ are recorded$"):
        _ = request.response_json


async def test_the_last_500_requests_are_kept(shop):
    """Beyond 500 requests the oldest are forgotten; numbers continue, also after a reset."""
    for _ in range(501):
        await shop.http.get(SESSION)
    numbers = [request.number for request in shop.sandbox.requests]
    assert (len(numbers), numbers[0], numbers[-1]) == (500, 2, 501)
    shop.sandbox.reset()
    await shop.http.get(SESSION)
    assert [request.number for request in shop.sandbox.requests] == [502]


async def test_what_is_the_sandboxs_own_is_not_recorded(shop):
    """Requests below /sandbox/ are not recorded."""
    await shop.http.get("/sandbox/state")
    await shop.http.get("/sandbox/nothing")
    assert shop.sandbox.requests == []


async def test_many_effects_are_bounded(shop):
    """Of the effects of one request the first 200 are kept."""
    cart = [{"sku": "tea", "quantity": 300, "price": 9}]
    response = await shop.put_session("s", couponCodes=["SPRING"], cartItems=cart)
    [request] = shop.sandbox.requests
    assert (len(response["effects"]), len(request.effects)) == (301, 200)


async def test_rollbacks_have_effects_and_no_trace(shop):
    """A cancellation is recorded with the effects of its roll-back, and without a run of the rules."""
    await shop.put_session("s", **CART, state="closed")
    await shop.put_session("s", state="cancelled")
    cancelled = shop.sandbox.requests[-1]
    assert {effect["effectType"] for effect in cancelled.effects} == {"rollbackCoupon", "rollbackDiscount"}
    assert cancelled.trace is None


async def test_silent_events_have_effects():
    """An event without a response body is recorded with the effects that it had."""
    effect = {"type": "showNotification", "title": "Thank you"}
    event_rule = {"name": "r", "conditions": [{"type": "event", "eventType": "review"}], "effects": [effect]}
    sandbox = Sandbox({"campaigns": [{"id": 1, "name": "One", "rules": [event_rule]}]})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), base_url="http://sandbox") as http:
        headers = {"Authorization": "ApiKey-v1 sandbox-key"}
        await http.post("/v2/events", json={"profileId": "ada", "type": "review"}, headers=headers)
    [request] = sandbox.requests
    assert (request.status, request.response_json) == (204, None)
    assert [one["props"]["title"] for one in request.effects] == ["Thank you"]


async def test_a_subscriber_is_told_what_happens(shop):
    """A subscriber gets each request when it is done, and everything that is set."""
    subscription = shop.sandbox.subscribe()
    await shop.http.get(SESSION)
    shop.sandbox.set_now(None)
    shop.sandbox.set_campaigns(CAMPAIGNS)
    await shop.http.put("/sandbox/faults", json=[])
    shop.sandbox.seed({})
    shop.sandbox.reset()
    events = [await anext(subscription) for _ in range(6)]
    assert [event.kind for event in events] == ["request", "clock", "campaigns", "faults", "seed", "reset"]
    assert [event.id for event in events] == [1, 2, 3, 4, 5, 6]
    assert (events[0].data.number, events[0].data.status) == (1, 400)


async def test_a_subscriber_waits():
    """A subscriber that has had all events waits for the next one."""
    feed = Feed()
    subscription = feed.subscribe()
    waiting = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    assert not waiting.done()
    feed.publish("clock")
    assert await waiting == SandboxEvent(1, "clock")


async def test_a_slow_subscriber_loses_the_oldest():
    """Of the events that wait for a subscriber, the last 1000 are kept."""
    feed = Feed()
    subscription = feed.subscribe()
    for _ in range(MAX_WAITING + 5):
        feed.publish("clock")
    assert (await anext(subscription)).id == 6


def test_a_subscription_that_is_dropped_is_forgotten():
    """The feed holds no subscription that its subscriber has dropped."""
    feed = Feed()
    feed.subscribe()
    feed.publish("clock")
    assert len(feed._subscriptions) == 0


@pytest.mark.parametrize(("after", "expected"), [(3, []), (1, [2, 3]), (0, [1, 2, 3])])
async def test_a_subscriber_comes_back(after, expected):
    """A subscriber that names the last event it knows gets those since then."""
    feed = Feed()
    for _ in range(3):
        feed.publish("clock")
    subscription = feed.subscribe(after)
    feed.publish("faults")
    events = [await anext(subscription) for _ in range(len(expected) + 1)]
    assert [event.id for event in events] == [*expected, 4]
    assert [event.kind for event in events] == ["clock"] * len(expected) + ["faults"]


@pytest.mark.parametrize("after", [1, 999_999])
async def test_a_subscriber_that_missed_something_starts_anew(after):
    """If the events since then are not remembered, or are another sandbox's, the subscriber is told of a reset."""
    feed = Feed()
    for _ in range(MAX_HISTORY + 10):
        feed.publish("clock")
    subscription = feed.subscribe(after)
    assert await anext(subscription) == SandboxEvent(MAX_HISTORY + 10, "reset")
