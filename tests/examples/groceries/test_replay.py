import asyncio
from io import StringIO

import pytest
from rich.console import Console

from aiotalonone import AsyncIntegrationClient, Outcome, TalonOneError, endpoints
from examples.groceries.replay import CONCURRENCY, OPERATIONS, CallStats, ProgressDisplay, Replay, chunked, grouped


async def do_nothing(_):
    pass


def make_replay(scenario, console=None):
    client = AsyncIntegrationClient("http://127.0.0.1:9", api_key="k")
    return Replay(client, scenario, ProgressDisplay(console or Console(file=StringIO())))


async def test_failed_call_affects_only_its_own_item(scenario):
    """A failed call stops neither other items nor those after it, and is counted by its message."""
    replay, done = make_replay(scenario), []

    async def work(item):
        if item % 2:
            raise TalonOneError("503", operation_id="trackEvent", outcome=Outcome.UNKNOWN)
        done.append(item)

    await replay.phase("Counting", [range(4), range(4, 8)], work)
    assert sorted(done) == [0, 2, 4, 6]
    assert replay.errors == {"trackEvent failed: 503 (unknown)": 4}


async def test_sequences_run_concurrently_and_each_in_order(scenario):
    """At most `CONCURRENCY` sequences run at once, and never two items of one sequence."""
    running, counts, seen = set(), [], []

    async def work(item):
        sequence, _ = item
        assert sequence not in running
        running.add(sequence)
        counts.append(len(running))
        await asyncio.sleep(0)
        running.remove(sequence)
        seen.append(item)

    sequences = [[(number, step) for step in range(3)] for number in range(CONCURRENCY * 2)]
    await make_replay(scenario).phase("Running", sequences, work)
    assert max(counts) == CONCURRENCY
    assert all([item for item in seen if item[0] == number] == sequence for number, sequence in enumerate(sequences))


def test_items_of_one_household_are_one_sequence():
    """Items with the same key form one sequence, in their order."""
    assert grouped(["a1", "b1", "a2"], lambda item: item[0]) == [["a1", "a2"], ["b1"]]


def test_last_chunk_holds_the_rest():
    """Each chunk is a sequence of its own, and the last one holds the rest."""
    assert chunked("abcde", 2) == [("ab",), ("cd",), ("e",)]


async def test_phase_is_one_line_without_a_terminal(scenario):
    """Without a terminal, a phase is one line with its title, number of items and time."""
    output = StringIO()
    await make_replay(scenario, Console(file=output, width=100)).phase("Counting", [range(1200)], do_nothing)
    assert output.getvalue().split()[:2] == ["Counting", "1,200"]


async def test_phase_is_a_bar_on_a_terminal(scenario):
    """On a terminal, a phase is a bar that ends with all items done."""
    output = StringIO()
    replay = make_replay(scenario, Console(file=output, force_terminal=True, width=100))
    with replay.progress:
        await replay.phase("Counting", [[0, 0]], do_nothing)
    assert "2/2" in output.getvalue()


@pytest.mark.parametrize(("percent", "seconds"), [(50, 10.0), (95, 19.0), (100, 20.0)])
def test_percentile_is_a_measured_duration(percent, seconds):
    """A percentile is the duration of the nearest rank, without interpolation."""
    assert CallStats([float(n) for n in range(20, 0, -1)]).percentile(percent) == seconds


def test_failed_call_is_counted_and_still_fails(scenario):
    """A call that fails counts as a call and as a failure, and its error is raised."""
    replay = make_replay(scenario)
    with pytest.raises(TalonOneError), replay.measuring("trackEvent"):
        raise TalonOneError("409", operation_id="trackEvent", outcome=Outcome.REJECTED)
    assert replay.calls["trackEvent"].failures == 1
    assert replay.calls["trackEvent"].calls == 1


def test_unused_operations_are_named(scenario):
    """Every operation of the client is unused until its first call."""
    replay = make_replay(scenario)
    assert replay.unused_operations == [operation.operation_id for operation in endpoints.all_operations()]
    with replay.measuring("trackEvent"):
        pass
    assert replay.unused_operations == [operation for operation in OPERATIONS if operation != "trackEvent"]
