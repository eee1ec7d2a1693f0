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

    assert shop.sandbox.pause is None
    shop.sandbox.pause = pause
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shop.http.request(method, path, json=body)) for method, path, body in calls]
        for _ in range(50):  # turns of the loop, enough for every call to reach its place
            await asyncio.sleep(0)
        held = running.total()
        go.set()
    shop.sandbox.pause = None
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
