"""Tables: rows of text, aligned for a terminal or written as Markdown."""

from collections.abc import Iterable
from typing import NamedTuple

from benchmarks.figures import FIGURES
from benchmarks.results import Results, Spread, Term
from benchmarks.workloads.workload import Workload

NOTHING = "-"


class Table(NamedTuple):
    """A heading, and rows of which the first names the columns."""

    heading: str
    rows: list[list[str]]
    notes: list[str]

    def aligned(self) -> str:
        """Return it for a terminal: the first column to the left, numbers to the right."""
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        lines = [_aligned_row(row, widths) for row in self.rows]
        lines.insert(1, "-" * len(lines[0]))
        return "\n".join([self.heading, "", *lines, *self.notes])

    def markdown(self) -> str:
        """Return it as Markdown."""
        first, *others = ["| " + " | ".join(row) + " |" for row in self.rows]
        rule = "|---|" + "---:|" * (len(self.rows[0]) - 1)
        notes = ["", *self.notes] if self.notes else []
        return "\n".join([f"### {self.heading}", "", first, rule, *others, *notes])


def _aligned_row(row: list[str], widths: list[int]) -> str:
    first, *others = [
        text.ljust(width) if place == 0 else text.rjust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join([first, *others]).rstrip()


def tables(workloads: Iterable[Workload], results: Results) -> list[Table]:
    """Return a table for each workload, and that of the figures."""
    return [*(workload_table(workload, results) for workload in workloads), figures_table(results)]


def workload_table(workload: Workload, results: Results) -> Table:
    """Return what was measured of each contender: medians, their spread, and the ratio to the first one."""
    reference = next(iter(workload.contenders))
    titles = [metric.title for metric in workload.metrics]
    rows = [["contender", "kind", *titles, f"{titles[0]} / {reference}"]]
    rows += [_row(workload, results, contender, reference) for contender in workload.contenders]
    missing = results.missing.get(workload.name, {})
    return Table(f"{workload.name}: {workload.title}", rows, [f"{name}: {why}" for name, why in missing.items()])


def _row(workload: Workload, results: Results, contender: str, reference: str) -> list[str]:
    cells = [
        _text(results.spread(Term(workload.name, contender, metric.key)), metric.digits) for metric in workload.metrics
    ]
    key = workload.metrics[0].key
    ratio = results.ratio(Term(workload.name, contender, key), Term(workload.name, reference, key))
    return [contender, workload.contenders[contender], *cells, _text(ratio, 2)]


def figures_table(results: Results) -> Table:
    """Return the figures beside what they must be."""
    rows = [["figure", "must", "aim", "median", "min-max", "reached"]]
    for figure in FIGURES:
        measured = figure.measured(results)
        sign = "≤" if figure.is_lower_better else "≥"
        reached = figure.reached(measured.median) if measured else NOTHING
        goals = [f"{sign} {figure.must:g}", f"{figure.aim:g}"]
        values = [f"{measured.median:.2f}", _range(measured, 2)] if measured else [NOTHING, NOTHING]
        rows.append([figure.name, *goals, *values, reached])
    return Table("Figures: medians of the ratios within each round", rows, [])


def _text(spread: Spread | None, digits: int) -> str:
    """Return a median and, in brackets, its spread."""
    if spread is None:
        return NOTHING
    return f"{spread.median:,.{digits}f} ({_range(spread, digits)})"


def _range(spread: Spread, digits: int) -> str:
    return f"{spread.low:,.{digits}f}-{spread.high:,.{digits}f}"
