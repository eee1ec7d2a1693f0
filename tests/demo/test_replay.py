import asyncio
from io import StringIO

from rich.console import Console

from aiotalonone import AsyncIntegrationClient, Outcome, TalonOneError
from aiotalonone.demo.replay import LANES_AT_ONCE, Replay, in_order, in_portions
from aiotalonone.demo.screen import Screen


async def nothing(_):
    pass


def a_replay(scenario, console=None):
    client = AsyncIntegrationClient("http://127.0.0.1:9", api_key="k")
    return Replay(client, scenario, Screen(console or Console(file=StringIO())))


async def test_a_failed_call_stops_nothing_but_its_own_item(scenario):
    """Failures are counted by what they say."""
    replay, done = a_replay(scenario), []

    async def work(item):
        if item % 2:
            raise TalonOneError("503", operation_id="trackEvent", outcome=Outcome.UNKNOWN)
        done.append(item)

    await replay.phase("Counting", [range(4), range(4, 8)], work)
    assert sorted(done) == [0, 2, 4, 6]
    assert replay.errors == {"trackEvent failed: 503 (unknown)": 4}


async def test_lanes_run_side_by_side_and_each_in_its_order(scenario):
    """Never more lanes at once than allowed, never two items of one lane."""
    running, most, seen = set(), [], []

    async def work(item):
        lane, _ = item
        assert lane not in running
        running.add(lane)
        most.append(len(running))
        await asyncio.sleep(0)
        running.remove(lane)
        seen.append(item)

    lanes = [[(lane, step) for step in range(3)] for lane in range(LANES_AT_ONCE * 2)]
    await a_replay(scenario).phase("Running", lanes, work)
    assert max(most) == LANES_AT_ONCE
    assert all([item for item in seen if item[0] == lane[0][0]] == lane for lane in lanes)


def test_one_household_is_one_lane():
    """In the order in which its items come."""
    assert in_order(["a1", "b1", "a2"], lambda item: item[0]) == [["a1", "a2"], ["b1"]]


def test_portions_hold_so_many_items_and_the_last_one_the_rest():
    """Each portion is a lane of its own."""
    assert in_portions("abcde", 2) == [("ab",), ("cd",), ("e",)]


async def test_elsewhere_than_on_a_terminal_each_phase_is_one_line(scenario):
    """Title, items and time; no control characters."""
    output = StringIO()
    await a_replay(scenario, Console(file=output, width=100)).phase("Counting", [range(1200)], nothing)
    assert output.getvalue().split()[:2] == ["Counting", "1,200"]


async def test_on_a_terminal_a_bar_moves(scenario):
    """The bar ends with all items done."""
    output = StringIO()
    replay = a_replay(scenario, Console(file=output, force_terminal=True, width=100))
    with replay.screen:
        await replay.phase("Counting", [[0, 0]], nothing)
    assert "2/2" in output.getvalue()
