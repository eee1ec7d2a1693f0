"""What happens, while it happens: live bars on a terminal, a line per phase elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Screen:
    """Shows the phases of the replay on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description:<46}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bars.stop()

    @contextmanager
    def phase(self, title: str, total: int) -> Iterator[Callable[[], None]]:
        """Shows one phase of so many steps; what it hands out is to be called after each."""
        bar = self._bars.add_task(title, total=total)
        started = perf_counter()
        yield lambda: self._bars.advance(bar)
        if not self._console.is_terminal:
            self._console.print(f"{title:<46}{total:>8,}{perf_counter() - started:>8.1f} s", highlight=False)
