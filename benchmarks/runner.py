"""Rounds in which the contenders take turns, each in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from benchmarks import cores
from benchmarks.meter import Round
from benchmarks.results import Results
from benchmarks.server.process import ROOT, running_server
from benchmarks.workloads.workload import Job, Workload

BOUND_SECONDS: Final = 300
"""Of one contender in one round."""


class Effort(NamedTuple):
    """How long a run takes."""

    rounds: int
    share: float
    """Of the calls that the long form makes."""


class Runner:
    """Runs workloads against one server, and keeps the samples.

    Args:
        urls: Where the server listens.
        folder: Where contenders may leave files for each other.
        core: Where contenders run.
        effort: How long it may take.
        log: Told what is running.
    """

    def __init__(
        self, urls: dict[str, str], folder: str, core: int | None, effort: Effort, log: Callable[[str], None]
    ) -> None:
        self._urls = urls
        self._folder = folder
        self._core = core
        self._effort = effort
        self._log = log
        self.results = Results()

    def run(self, workloads: Collection[Workload]) -> None:
        """Run all rounds; the first contender of a round is another one each time."""
        for number in range(self._effort.rounds):
            for workload in workloads:
                if workload.max_rounds is None or number < workload.max_rounds:
                    self._log(f"round {number + 1} of {self._effort.rounds}: {workload.name}")
                    self._run_round(workload, number)

    def _run_round(self, workload: Workload, number: int) -> None:
        missing = self.results.missing.setdefault(workload.name, {})
        rounds = self.results.rounds.setdefault(workload.name, [])
        for turn in range(workload.turns):
            samples: Round = {}
            for contender in _rotated(workload.processes, number + turn):
                if contender not in missing:
                    samples |= self._measure(workload, contender)
            rounds.append(samples)

    def _measure(self, workload: Workload, contender: str) -> Round:
        """Return the samples of a contender; why there are none is noted, and it is not tried again."""
        job = Job(
            workload.subject,
            workload.name,
            contender,
            self._effort.share,
            self._urls,
            self._folder,
            self._core,
        )
        reason = f"took longer than {BOUND_SECONDS} s"
        try:
            report = _run_process(job)
        except subprocess.TimeoutExpired:
            self.results.failures += 1
        except subprocess.CalledProcessError as error:
            self.results.failures += 1
            reason = f"failed: {(error.stderr.strip() or 'no message').splitlines()[-1]}"
        else:
            if "round" in report:
                samples: Round = report["round"]
                return samples
            reason = report["not_supported"]
        self._log(f"{workload.name}, {contender}: {reason}")
        self.results.missing[workload.name][contender] = reason
        return {}


def _rotated(names: list[str], number: int) -> Iterator[str]:
    start = number % len(names)
    yield from names[start:] + names[:start]


def _run_process(job: Job) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.contend", json.dumps(job._asdict())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=BOUND_SECONDS)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def run(workloads: Collection[Workload], effort: Effort, log: Callable[[str], None]) -> Results:
    """Run workloads against a server of their own."""
    chosen = cores.choose()
    with TemporaryDirectory() as folder, running_server(Path(folder), chosen.server) as urls:
        runner = Runner(urls, folder, chosen.contender, effort, log)
        runner.run(workloads)
    return runner.results
