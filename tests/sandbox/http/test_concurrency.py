import asyncio
from collections import Counter

import pytest

SESSION = ("PUT", "/v2/customer_sessions/s", {"customerSession": {}})
SESSION_V1 = ("PUT", "/v1/customer_sessions/s", {})
PROFILE = ("PUT", "/v2/customer_profiles/p", {})
PROFILE_V1 = ("PUT", "/v1/customer_profiles/p", {})
EVENT = ("POST", "/v1/events", {"type": "t", "sessionId": "s", "profileId": "p", "attributes": {}})
EVENT_V2 = ("POST", "/v2/events", {"type": "t", "profileId": "p"})
EVENT_V3 = ("POST", "/v3/events", {"type": "t", "profileId": "p", "integrationId": "e"})
RETURN = ("POST", "/v2/customer_sessions/s/returns", {"return": {"returnedCartItems": [{"position": 0}]}})
REOPEN = ("PUT", "/v2/customer_sessions/s/reopen", None)


async def at_once(shop, *calls):
    """Send all calls while the first ones wait, and return how many waited and all responses."""
    running, go = Counter(), asyncio.Event()

    async def wait(operation_id):
        running[operation_id] += 1
        await go.wait()

    shop.sandbox.before_commit(wait)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shop.http.request(method, path, json=body)) for method, path, body in calls]
        for _ in range(50):  # turns of the loop, enough for every call to reach its wait
            await asyncio.sleep(0)
        held = running.total()
        go.set()
    shop.sandbox.before_commit(None)
    return held, [task.result() for task in tasks]


async def test_hook_is_awaited_until_it_is_removed(shop):
    """The before-commit hook is awaited with the operation's name before the changes, until it is removed."""
    seen = []

    @shop.sandbox.before_commit
    async def note(operation_id):
        seen.append((operation_id, shop.sandbox.applied(operation_id)))

    await shop.put_session("s")
    shop.sandbox.before_commit(None)
    await shop.put_session("s")
    assert seen == [("updateCustomerSessionV2", 0)]


@pytest.mark.parametrize(
    ("calls", "kind"),
    [
        ([SESSION] * 5, "session"),
        ([SESSION, SESSION_V1, SESSION, SESSION_V1, SESSION], "session"),
        ([PROFILE] * 5, "profile"),
        ([PROFILE, EVENT, PROFILE_V1, EVENT, PROFILE], "profile"),
        ([PROFILE, EVENT_V2, EVENT_V3, EVENT_V2, EVENT_V3], "profile"),
        ([SESSION, SESSION, SESSION, RETURN, REOPEN], "session"),
    ],
)
async def test_one_runs_two_wait_others_get_409(shop, calls, kind):
    """Of five concurrent updates of an entity, three succeed one after the other and two get the documented 409."""
    held, responses = await at_once(shop, *calls)
    assert held == 1
    rejected = [one for one in responses if one.status_code == 409]
    assert len(rejected) == 2
    for response in rejected:
        assert response.json()["message"] == f"Too many requests are updating this {kind} at the same time"
        assert response.json()["StatusCode"] == 409


async def test_updates_of_different_entities_run_concurrently(shop):
    """Updates of ten sessions and ten profiles run concurrently."""
    sessions = [("PUT", f"/v2/customer_sessions/{n}", {"customerSession": {}}) for n in range(10)]
    profiles = [("PUT", f"/v2/customer_profiles/{n}", {}) for n in range(10)]
    held, responses = await at_once(shop, *sessions, *profiles)
    assert held == 20
    assert {one.status_code for one in responses} == {200}


async def test_entity_is_free_after_a_409(shop):
    """After a 409 the session accepts three concurrent updates again."""
    await at_once(shop, *[SESSION] * 5)
    _, responses = await at_once(shop, *[SESSION] * 3)
    assert [one.status_code for one in responses] == [200, 200, 200]


EVENT_ONLY = ("POST", "/v1/events", {"type": "t", "sessionId": "s", "attributes": {}})


@pytest.mark.parametrize(
    "calls",
    [
        [EVENT_ONLY] * 6,
        [EVENT_ONLY, SESSION, EVENT, EVENT_ONLY, SESSION_V1, EVENT],
    ],
)
async def test_events_count_as_updates_of_their_session(shop, calls):
    """Events count among the three concurrent updates of their session, with or without a customer."""
    held, responses = await at_once(shop, *calls)
    assert held == 1
    assert messages(responses) == ["Too many requests are updating this session at the same time"] * 3


async def test_sessions_count_as_updates_of_their_customer(shop):
    """Session updates count for their customer, whether the request or the sandbox knows the customer."""
    for session in "abcd":
        await shop.put_session(session, profileId="p")
    silent = [("PUT", f"/v2/customer_sessions/{session}", {"customerSession": {}}) for session in "ab"]
    event = ("POST", "/v1/events", {"type": "t", "sessionId": "c", "attributes": {}})
    named = ("PUT", "/v1/customer_sessions/e", {"profileId": "p"})
    held, responses = await at_once(shop, *silent, event, named, PROFILE)
    assert held == 1
    assert messages(responses) == ["Too many requests are updating this profile at the same time"] * 2


@pytest.mark.parametrize("call", [RETURN, REOPEN])
async def test_returns_and_reopenings_count_for_the_customer(shop, call):
    """A return and a reopening count for the customer of their session."""
    await shop.put_session("s", profileId="p", cartItems=[{"sku": "tea", "quantity": 1}], state="closed")
    _, responses = await at_once(shop, PROFILE, PROFILE, PROFILE, call)
    assert messages(responses) == ["Too many requests are updating this profile at the same time"]


async def test_session_counts_for_the_customer_in_the_request(shop):
    """A session update counts for the customer that the request names, not for the customer of the session before."""
    await shop.put_session("s", profileId="p")
    moved = ("PUT", "/v2/customer_sessions/s", {"customerSession": {"profileId": "q"}})
    held, responses = await at_once(shop, moved, PROFILE, PROFILE, PROFILE)
    assert held == 2
    assert messages(responses) == []


async def test_rejected_update_does_not_count_for_its_session(shop):
    """An update that gets a 409 for its customer does not count among the updates of its session."""
    update = ("PUT", "/v2/customer_sessions/s", {"customerSession": {"profileId": "p"}})
    _, responses = await at_once(shop, *[PROFILE] * 3, *[update] * 4, *[SESSION] * 3)
    assert messages(responses) == ["Too many requests are updating this profile at the same time"] * 4


async def test_crossing_updates_do_not_deadlock(shop):
    """Updates that share their sessions and customers crosswise all succeed."""
    crossed = [
        ("PUT", f"/v1/customer_sessions/{session}", {"profileId": profile})
        for session, profile in ("ap", "bq", "aq", "bp", "ap", "bq")
    ]
    _, responses = await at_once(shop, *crossed)
    assert [one.status_code for one in responses] == [200] * 6


def messages(responses):
    """Return the messages of the 409 responses."""
    return [one.json()["message"] for one in responses if one.status_code == 409]
