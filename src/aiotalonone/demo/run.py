"""The demo from start to end: a sandbox, the replay against it, and the judgement of both."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from aiotalonone import AsyncIntegrationClient
from aiotalonone.demo import observation, report
from aiotalonone.demo.campaigns import campaign_file
from aiotalonone.demo.facts import Fact, differences
from aiotalonone.demo.phases import PHASES
from aiotalonone.demo.replay import Replay
from aiotalonone.demo.scenario import Scenario
from aiotalonone.demo.screen import Screen
from aiotalonone.demo.server import API_KEY, MANAGEMENT_TOKEN, sandbox_process


async def run(scenario: Scenario, expected: Mapping[Fact, Any], console: Console) -> bool:
    """Replays the scenario and shows what came of it; true if that is exactly what was expected."""
    async with sandbox_process(campaign_file(scenario.dataset)) as url:
        replay = await _replay(url, scenario, console)
    return _judge(replay, expected, console)


async def _replay(url: str, scenario: Scenario, console: Console) -> Replay:
    with Screen(console) as screen:
        async with AsyncIntegrationClient(url, api_key=API_KEY, management_token=MANAGEMENT_TOKEN) as client:
            replay = Replay(client, scenario, screen)
            for phase in PHASES:
                await phase(replay)
            held = await client.request("GET", "/sandbox/state")
            replay.observed |= observation.of_sandbox(held)
    return replay


def _judge(replay: Replay, expected: Mapping[Fact, Any], console: Console) -> bool:
    console.print(report.dataset_table(replay.scenario))
    console.print(report.operations_table(replay.meter))
    console.print(report.coupons_table(replay.observed))
    console.print(report.effects_table(replay.observed))
    differing = differences(expected, replay.observed)
    problems = [f"{count:,} calls: {error}" for error, count in replay.errors.items()]
    problems += [f"{operation} was not used" for operation in replay.meter.unused]
    report.show_verdict(console, len(expected), differing, problems)
    return not differing and not problems
