"""Functions that are generated for one model each, when it is first read or written, and the converter that has them.

Generated code names each member in place; a loop over descriptions of the members takes several times as long. What it
calls for members of other types is generated when it is first called: a call touches few of the hundred models.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from cattrs import Converter

converter: Final[Converter] = Converter(detailed_validation=False)
"""Takes further hooks, until a type that they concern is first read or written."""

Hook = Callable[..., Any]

_pending: Final[list[Callable[[], object]]] = []


class Namespace:
    """The names that the source of a generated function uses."""

    def __init__(self, **names: object) -> None:
        self._names: dict[str, Any] = names

    def update(self, **names: object) -> None:
        """Add values by names of one's own."""
        self._names.update(names)

    def add(self, value: object) -> str:
        """Return a name for a value."""
        name = f"_{len(self._names)}"
        self._names[name] = value
        return name

    def add_lazily(self, make: Callable[[], Hook]) -> str:
        """Return a name for a function that is made when it is first called."""
        name = self.add(None)

        def bind() -> Hook:
            if self._names[name] is first:
                self._names[name] = make()
            hook: Hook = self._names[name]
            return hook

        def first(*arguments: object) -> Any:
            return bind()(*arguments)

        self._names[name] = first
        defer(bind)
        return name

    def define(self, lines: Iterable[str], label: str) -> Hook:
        """Return the function ``generated`` that the lines define; ``label`` is what tracebacks call their file."""
        exec(compile("\n".join(lines), f"<{label}>", "exec"), self._names)  # noqa: S102 - lines of our own
        hook: Hook = self._names["generated"]
        return hook


def defer(generate: Callable[[], object]) -> None:
    """Remember what generates further functions, for ``generate_pending``."""
    _pending.append(generate)


def generate_pending() -> None:
    """Generate all that the functions so far may call, and what those may call in turn."""
    while _pending:
        _pending.pop()()
