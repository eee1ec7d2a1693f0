"""``python -m benchmarks``: run workloads, print tables, and write the samples, the tables and a plot to a folder."""

import dataclasses
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from benchmarks.facts import machine_facts
from benchmarks.figures import needed_contenders
from benchmarks.plot import write_plot
from benchmarks.results import Results
from benchmarks.runner import Effort, run
from benchmarks.table import tables
from benchmarks.workloads import all_workloads
from benchmarks.workloads.workload import Workload

LONG: Final = Effort(rounds=5, share=1.0)
SHORT: Final = Effort(rounds=2, share=0.1)


def parsed(arguments: Sequence[str] | None) -> Namespace:
    """Return what the command line asks for."""
    parser = ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="few calls, only the contenders that a figure needs")
    parser.add_argument("--only", nargs="+", metavar="WORKLOAD", help="names, in which * stands for anything")
    parser.add_argument("--rounds", type=int, help=f"{LONG.rounds} by default, {SHORT.rounds} in the short form")
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"), help="folder for what is written")
    parser.add_argument("--list", action="store_true", help="print the workloads without running them")
    return parser.parse_args(arguments)


def selected(asked: Namespace) -> list[Workload]:
    """Return the workloads that are asked for."""
    workloads = all_workloads()
    if asked.only:
        return [known for known in workloads if any(fnmatch(known.name, pattern) for pattern in asked.only)]
    workloads = [known for known in workloads if known.by_default]
    return [cut_to_figures(known) for known in workloads if needed_contenders(known.name)] if asked.short else workloads


def cut_to_figures(workload: Workload) -> Workload:
    """Return a workload with only those contenders of which a figure is made."""
    needed = needed_contenders(workload.name)
    contenders = {name: kind for name, kind in workload.contenders.items() if name in needed}
    return dataclasses.replace(workload, contenders=contenders)


def write_all(folder: Path, workloads: Collection[Workload], results: Results, effort: Effort) -> None:
    """Write the samples, the tables as Markdown, and the plot if matplotlib is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = {"machine": machine_facts(), "effort": effort._asdict(), **dataclasses.asdict(results)}
    Path(folder, "results.json").write_text(json.dumps(samples, indent=1), encoding="utf-8")
    texts = [table.markdown() for table in tables(workloads, results)]
    Path(folder, "tables.md").write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    try:
        write_plot(Path(folder, "plot.svg"), workloads, results)
    except ModuleNotFoundError:
        log("no plot: matplotlib is not installed")
    log(f"written to {folder}")


def log(line: str) -> None:
    """Print what is running, apart from the tables."""
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks; a figure never makes them fail, a contender that broke off does."""
    asked = parsed(arguments)
    if asked.list:
        print("\n".join(f"{workload.name:14} {workload.title}" for workload in all_workloads()))
        return 0
    effort = SHORT if asked.short else LONG
    effort = effort._replace(rounds=asked.rounds or effort.rounds)
    return report(selected(asked), effort, asked.output)


def report(workloads: Collection[Workload], effort: Effort, folder: Path) -> int:
    """Run workloads, print their tables, and write everything to a folder."""
    results = run(workloads, effort, log)
    print("\n\n".join(table.aligned() for table in tables(workloads, results)))
    write_all(folder, workloads, results, effort)
    return 1 if results.failures else 0


if __name__ == "__main__":
    sys.exit(main())
