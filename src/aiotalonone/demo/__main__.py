"""``python -m aiotalonone.demo``: real baskets and coupons through every operation, against the sandbox."""

import asyncio
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from time import perf_counter

from rich.console import Console

from aiotalonone.demo.dataset import DatasetMissingError, installed_dataset, read_dataset
from aiotalonone.demo.expectation import expected_facts
from aiotalonone.demo.facts import Facts
from aiotalonone.demo.faults import FAULTS, FaultFile
from aiotalonone.demo.report import WIDTH
from aiotalonone.demo.run import run
from aiotalonone.demo.scenario import Scenario, plan


def main(expect: Callable[[Scenario], Facts] = expected_facts, faults: FaultFile = ()) -> int:
    """Runs the demo: 0 if everything came out as expected, 1 if anything differs, 2 without the dataset.

    Args:
        expect: Says what is expected.
        faults: What goes wrong meanwhile.
    """
    console = Console(width=WIDTH)
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


def _wanted_faults() -> FaultFile:
    """What goes wrong, as the command line says."""
    parser = ArgumentParser(prog="python -m aiotalonone.demo", description=__doc__)
    parser.add_argument(
        "--faults", action="store_true", help="the same while connections break and the sandbox refuses"
    )
    return FAULTS if parser.parse_args().faults else ()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: the sandbox is ended, too
    sys.exit(main(faults=_wanted_faults()))
