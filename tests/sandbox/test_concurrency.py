import asyncio
from collections import Counter

import pytest

SESSION = ("PUT", "/v2/customer_sessions/s", {"customerSession": {}})
SESSION_V1 = ("PUT", "/v1/customer_sessions/s", {})
PROFILE = ("PUT", "/v2/customer_profiles/p", {})
PROFILE_V1 = ("PUT", "/v1/customer_profiles/p", {})
EVENT = ("POST", "/v1/events", {"type": "t", "sessionId": "s", "profileId": "p", "attributes": {}})


async def at_once(shop, *calls):
    """Sends all calls while the first ones are held, and hands back what each was answered."""
    running, go = Counter(), asyncio.Event()

    async def pause(operation_id):
        running[operation_id] += 1
        await go.wait()

    shop.sandbox.before_commit(pause)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shop.http.request(method, path, json=body)) for method, path, body in calls]
        for _ in range(50):  # turns of the loop, enough for every call to reach its place
            await asyncio.sleep(0)
        held = running.total()
        go.set()
    shop.sandbox.before_commit(None)
    return held, [task.result() for task in tasks]


@pytest.mark.parametrize(
    ("calls", "kind"),
    [
        ([SESSION] * 5, "session"),
        ([SESSION, SESSION_V1, SESSION, SESSION_V1, SESSION], "session"),
        ([PROFILE] * 5, "profile"),
        ([PROFILE, EVENT, PROFILE_V1, EVENT, PROFILE], "profile"),
    ],
)
async def test_one_runs_two_wait_and_others_are_turned_away(shop, calls, kind):
    """The fourth and fifth update of the same session or profile get the documented 409."""
    held, answers = await at_once(shop, *calls)
    assert held == 1
    refused = [one for one in answers if one.status_code == 409]
    assert len(refused) == 2
    for answer in refused:
        assert answer.json()["message"] == f"Too many requests are updating this {kind} at the same time"
        assert answer.json()["StatusCode"] == 409


async def test_different_ids_do_not_wait(shop):
    """Updates of ten sessions and ten profiles run side by side."""
    sessions = [("PUT", f"/v2/customer_sessions/{n}", {"customerSession": {}}) for n in range(10)]
    profiles = [("PUT", f"/v2/customer_profiles/{n}", {}) for n in range(10)]
    held, answers = await at_once(shop, *sessions, *profiles)
    assert held == 20
    assert {one.status_code for one in answers} == {200}


async def test_the_lane_is_free_afterwards(shop):
    """A 409 is no lasting state."""
    await at_once(shop, *[SESSION] * 5)
    _, answers = await at_once(shop, *[SESSION] * 3)
    assert [one.status_code for one in answers] == [200, 200, 200]


EVENT_ONLY = ("POST", "/v1/events", {"type": "t", "sessionId": "s", "attributes": {}})


@pytest.mark.parametrize(
    "calls",
    [
        [EVENT_ONLY] * 6,
        [EVENT_ONLY, SESSION, EVENT, EVENT_ONLY, SESSION_V1, EVENT],
    ],
)
async def test_events_share_the_lane_of_their_session(shop, calls):
    """With or without a customer, three at once are all that a session takes."""
    held, answers = await at_once(shop, *calls)
    assert held == 1
    assert messages(answers) == ["Too many requests are updating this session at the same time"] * 3


async def test_sessions_share_the_lane_of_their_customer(shop):
    """Three carts of one customer at once are all, whether the request or the sandbox knows whose they are."""
    for session in "abcd":
        await shop.put_session(session, profileId="p")
    silent = [("PUT", f"/v2/customer_sessions/{session}", {"customerSession": {}}) for session in "ab"]
    event = ("POST", "/v1/events", {"type": "t", "sessionId": "c", "attributes": {}})
    named = ("PUT", "/v1/customer_sessions/e", {"profileId": "p"})
    held, answers = await at_once(shop, *silent, event, named, PROFILE)
    assert held == 1
    assert messages(answers) == ["Too many requests are updating this profile at the same time"] * 2


async def test_a_cart_leaves_the_lane_of_its_former_customer(shop):
    """The customer in the request counts, not the one who had the session before."""
    await shop.put_session("s", profileId="p")
    moved = ("PUT", "/v2/customer_sessions/s", {"customerSession": {"profileId": "q"}})
    held, answers = await at_once(shop, moved, PROFILE, PROFILE, PROFILE)
    assert held == 2
    assert messages(answers) == []


async def test_who_is_turned_away_holds_no_lane(shop):
    """A cart refused for its customer's sake leaves room in the lane of its session."""
    update = ("PUT", "/v2/customer_sessions/s", {"customerSession": {"profileId": "p"}})
    _, answers = await at_once(shop, *[PROFILE] * 3, *[update] * 4, *[SESSION] * 3)
    assert messages(answers) == ["Too many requests are updating this profile at the same time"] * 4


async def test_lanes_that_cross_do_not_lock(shop):
    """Updates that share sessions one way and customers the other are all answered."""
    crossed = [
        ("PUT", f"/v1/customer_sessions/{session}", {"profileId": profile})
        for session, profile in ("ap", "bq", "aq", "bp", "ap", "bq")
    ]
    _, answers = await at_once(shop, *crossed)
    assert [one.status_code for one in answers] == [200] * 6


def messages(answers):
    """What those were told that were turned away."""
    return [one.json()["message"] for one in answers if one.status_code == 409]
