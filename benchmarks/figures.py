"""The figures that the project promises itself: what each is, what it must be, and what it aims at."""

from typing import Final, NamedTuple

from benchmarks.results import Results, Spread, Term


class Figure(NamedTuple):
    """A metric, or its ratio to another one."""

    name: str
    must: float
    aim: float
    top: Term
    bottom: Term | None = None
    is_lower_better: bool = True

    def measured(self, results: Results) -> Spread | None:
        """Return what was measured, or ``None`` if a contender has no samples."""
        return results.ratio(self.top, self.bottom) if self.bottom else results.spread(self.top)

    def reached(self, value: float) -> str:
        """Return which of the two goals a value reaches."""
        sign = 1 if self.is_lower_better else -1
        if sign * value <= sign * self.aim:
            return "aim"
        return "must" if sign * value <= sign * self.must else "no"


def _cpu(workload: str, contender: str = "ours") -> Term:
    return Term(workload, contender, "cpu")


def _over_vendor(callers: int, must: float, aim: float) -> Figure:
    workload = f"session-{callers}"
    name = f"CPU per typed call / vendor's SDK in threads, {callers} caller{'s' if callers > 1 else ''}"
    return Figure(name, must, aim, _cpu(workload), _cpu(workload, "vendor"))


FIGURES: Final = (
    _over_vendor(1, 0.6, 0.45),
    _over_vendor(10, 0.45, 0.33),
    _over_vendor(50, 0.45, 0.33),
    Figure("CPU per typed call, 50 callers / 1 caller", 0.9, 0.8, _cpu("session-50"), _cpu("session-1")),
    Figure(
        "CPU per typed call / aiohttp (bytes), 10 callers", 2.6, 1.9, _cpu("session-10"), _cpu("session-10", "aiohttp")
    ),
    Figure(
        "p99 / aiohttp (bytes), 500 callers, 100 connections, 5 ms",
        0.7,
        0.45,
        Term("tail", "ours", "p99"),
        Term("tail", "aiohttp", "p99"),
    ),
    Figure(
        "CPU above an instant transport, typed call / httpx put",
        1.4,
        1.15,
        _cpu("above-wire"),
        _cpu("above-wire", "httpx"),
    ),
    Figure(
        "structure of a 31 KB state / orjson.loads",
        3.2,
        2.3,
        _cpu("structure", "structure"),
        _cpu("structure", "orjson.loads"),
    ),
    Figure("encode 1,000 profiles / orjson.dumps", 2.0, 1.6, _cpu("encode", "encode"), _cpu("encode", "orjson.dumps")),
    Figure(
        "memory of a profile / its dict", 0.75, 0.65, Term("memory", "model", "bytes"), Term("memory", "dict", "bytes")
    ),
    Figure("first call - second after warm_up(), ms", 2, 1, Term("first-call", "ours_warmed_up", "extra")),
    Figure("first call - second without, ms", 15, 8, Term("first-call", "ours", "extra")),
    Figure(
        "import / import of httpx",
        1.5,
        1.3,
        Term("import", "aiotalonone", "milliseconds"),
        Term("import", "httpx", "milliseconds"),
    ),
    Figure(
        "bulk profiles/s / hand-written loop",
        0.85,
        1.0,
        Term("bulk", "ours", "rate"),
        Term("bulk", "by_hand", "rate"),
        is_lower_better=False,
    ),
    Figure(
        "bulk profiles/s with checkpoint / hand-written loop",
        0.75,
        0.9,
        Term("bulk", "ours_checkpoint", "rate"),
        Term("bulk", "by_hand", "rate"),
        is_lower_better=False,
    ),
)


def needed_contenders(workload: str) -> set[str]:
    """Return the contenders of a workload that a figure is made of."""
    terms = [term for figure in FIGURES for term in (figure.top, figure.bottom) if term is not None]
    return {term.contender for term in terms if term.workload == workload}
