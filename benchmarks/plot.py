"""One picture of a run: processor time by contender, and how far each figure is from its goals."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import FIGURES
from benchmarks.results import Results, Term
from benchmarks.workloads.workload import Workload

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNITS: Final = [0.25, 0.5, 1.0, 2.0, 4.0]
CALLERS: Final = {"session-1": 1, "session-10": 10, "session-50": 50, "session-500": 500}


def write_plot(path: Path, workloads: Iterable[Workload], results: Results) -> None:
    """Write the picture.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    import matplotlib as mpl  # noqa: PLC0415 - only those who draw need it

    mpl.use("svg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    picture, (above, below) = plt.subplots(2, 1, figsize=(9, 10), layout="constrained")
    _draw_callers(above, workloads, results)
    _draw_figures(below, results)
    picture.savefig(path)
    plt.close(picture)


def _draw_callers(axes: "Axes", workloads: Iterable[Workload], results: Results) -> None:
    """Draw a line for each contender: its processor time per call, by the number of callers."""
    drawn = [workload.contenders for workload in workloads if workload.name in CALLERS]
    kinds = {name: kind for contenders in drawn for name, kind in contenders.items()}
    for contender, kind in kinds.items():
        spreads = {number: results.spread(Term(name, contender, "cpu")) for name, number in CALLERS.items()}
        points = [(number, spread.median) for number, spread in spreads.items() if spread]
        if points:
            style = "-" if kind == "typed" else "--"
            axes.plot(*zip(*points, strict=True), style, marker="o", label=f"{contender} ({kind})")
    axes.set(xscale="log", yscale="log", xlabel="callers", ylabel="CPU µs per call", title="A session update")
    _set_ticks(axes, list(CALLERS.values()))
    if axes.has_data():
        axes.legend(fontsize="small")


def _draw_figures(axes: "Axes", results: Results) -> None:
    """Draw each figure in units of what it must be: the further to the left, the better."""
    measured = [(figure, spread) for figure in FIGURES if (spread := figure.measured(results))]
    for place, (figure, spread) in enumerate(measured):
        low, middle, high, aim = (
            value / figure.must if figure.is_lower_better else figure.must / value
            for value in (spread.low, spread.median, spread.high, figure.aim)
        )
        axes.plot([low, high], [place, place], color="tab:blue")
        axes.plot(middle, place, "o", color="tab:blue")
        axes.plot(aim, place, "|", color="tab:green", markersize=14)
    axes.axvline(1, color="tab:red", linewidth=1)
    axes.set_yticks(range(len(measured)), [figure.name for figure, _ in measured], fontsize="small")
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel="in units of what it must be (red); green: the aim; left is better", title="Figures")
    _set_ticks(axes, UNITS)


def _set_ticks(axes: "Axes", ticks: list[float]) -> None:
    """Label an axis with these numbers as one reads them, and with no others."""
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
