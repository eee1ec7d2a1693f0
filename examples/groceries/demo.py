"""The demo from start to end: a sandbox, the replay against it, and the comparison with what was expected."""

import asyncio
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, Final

from rich.console import Console

from aiotalonone import AsyncIntegrationClient, RetryPolicy
from aiotalonone.sandbox.process import API_KEY, MANAGEMENT_TOKEN, sandbox_process
from examples.groceries import facts, report
from examples.groceries.campaigns import campaign_file
from examples.groceries.dataset import DatasetMissingError, installed_dataset, read_dataset
from examples.groceries.expectation import expected_facts
from examples.groceries.facts import Fact, Facts
from examples.groceries.faults import FaultFile, InjectedFaults
from examples.groceries.phases import PHASES
from examples.groceries.replay import ProgressDisplay, Replay
from examples.groceries.scenario import Scenario, plan

RETRY: Final = RetryPolicy(attempts=8, initial_backoff=0.001)
"""Short pauses, as the sandbox is never overloaded; many attempts, as a retry may meet a fault, too."""


def main(expect: Callable[[Scenario], Facts] = expected_facts, faults: FaultFile = ()) -> int:
    """Run the demo; return 0 if everything is as expected, 1 if anything differs, 2 without the dataset.

    Args:
        expect: Computes the expected facts.
        faults: Injected during the replay.
    """
    console = Console(width=report.WIDTH)
    started = perf_counter()
    try:
        folder = installed_dataset()
    except DatasetMissingError as error:
        console.print(f"[red]{error}", highlight=False)
        return 2
    scenario = plan(read_dataset(folder))
    as_expected = asyncio.run(run(scenario, expect(scenario), console, faults))
    console.print(f"{perf_counter() - started:.0f} s in all", highlight=False)
    return 0 if as_expected else 1


async def run(scenario: Scenario, expected: Mapping[Fact, Any], console: Console, faults: FaultFile = ()) -> bool:
    """Replay the scenario and show the result; return whether it is exactly what was expected."""
    async with sandbox_process(campaign_file(scenario.dataset), faults) as url:
        replay = await _replay(url, scenario, console)
    return _compare(replay, expected, faults, console)


async def _replay(url: str, scenario: Scenario, console: Console) -> Replay:
    injected = InjectedFaults()
    with ProgressDisplay(console) as progress:
        async with AsyncIntegrationClient(
            url, api_key=API_KEY, management_token=MANAGEMENT_TOKEN, retry=RETRY, middleware=[injected.retries]
        ) as client:
            replay = Replay(client, scenario, progress, faults=injected)
            for phase in PHASES:
                await phase(replay)
            state = await client.request("GET", "/sandbox/state")
            replay.observed |= facts.of_sandbox(state)
            injected.triggered = state["faults"]
    return replay


def _compare(replay: Replay, expected: Mapping[Fact, Any], faults: FaultFile, console: Console) -> bool:
    console.print(report.dataset_table(replay.scenario))
    console.print(report.operations_table(replay.calls))
    console.print(report.coupons_table(replay.observed))
    console.print(report.effects_table(replay.observed))
    if faults:
        console.print(report.faults_table(replay.faults))
    differing = facts.differences(expected, replay.observed)
    problems = [f"{count:,} calls: {error}" for error, count in replay.errors.items()]
    problems += [f"{operation} was not used" for operation in replay.unused_operations]
    problems += replay.faults.not_triggered(faults)
    report.show_comparison(console, len(expected), differing, problems)
    return not differing and not problems
