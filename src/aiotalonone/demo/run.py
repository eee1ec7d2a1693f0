"""The demo from start to end: a sandbox, the replay against it, and the judgement of both."""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console

from aiotalonone import AsyncIntegrationClient, RetryPolicy
from aiotalonone.demo import observation, report
from aiotalonone.demo.campaigns import campaign_file
from aiotalonone.demo.facts import Fact, differences
from aiotalonone.demo.faults import FaultFile, Trouble
from aiotalonone.demo.phases import PHASES
from aiotalonone.demo.replay import Replay
from aiotalonone.demo.scenario import Scenario
from aiotalonone.demo.screen import Screen
from aiotalonone.sandbox.process import API_KEY, MANAGEMENT_TOKEN, sandbox_process

RETRY: Final = RetryPolicy(initial_backoff=0.001)
"""The usual policy, but for its pauses: this API is never overloaded, whatever it says."""


async def run(scenario: Scenario, expected: Mapping[Fact, Any], console: Console, faults: FaultFile = ()) -> bool:
    """Replays the scenario and shows what came of it; true if that is exactly what was expected."""
    async with sandbox_process(campaign_file(scenario.dataset), faults) as url:
        replay = await _replay(url, scenario, console)
    return _judge(replay, expected, faults, console)


async def _replay(url: str, scenario: Scenario, console: Console) -> Replay:
    trouble = Trouble()
    with Screen(console) as screen:
        async with AsyncIntegrationClient(
            url,
            api_key=API_KEY,
            management_token=MANAGEMENT_TOKEN,
            retry=RETRY,
            middleware=[trouble.repetitions],
        ) as client:
            replay = Replay(client, scenario, screen, trouble=trouble)
            for phase in PHASES:
                await phase(replay)
            held = await client.request("GET", "/sandbox/state")
            replay.observed |= observation.of_sandbox(held)
            trouble.met = held["faults"]
    return replay


def _judge(replay: Replay, expected: Mapping[Fact, Any], faults: FaultFile, console: Console) -> bool:
    console.print(report.dataset_table(replay.scenario))
    console.print(report.operations_table(replay.meter))
    console.print(report.coupons_table(replay.observed))
    console.print(report.effects_table(replay.observed))
    if faults:
        console.print(report.faults_table(replay.trouble))
    differing = differences(expected, replay.observed)
    problems = [f"{count:,} calls: {error}" for error, count in replay.errors.items()]
    problems += [f"{operation} was not used" for operation in replay.meter.unused]
    problems += replay.trouble.missed(faults)
    report.show_verdict(console, len(expected), differing, problems)
    return not differing and not problems
