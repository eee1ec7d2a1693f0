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

_NAME: Final = "generated"
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

    def add_lazily(self, make: Callable[[], Hook], *, is_rare: bool = False) -> str:
        """Return a name for a function that is made when it is first called, or by ``generate_pending`` unless rare."""
        name = self.add(None)

        def bind() -> Hook:
            if self._names[name] is first:
                self._names[name] = make()
            hook: Hook = self._names[name]
            return hook

        def first(*arguments: object) -> Any:
            return bind()(*arguments)

        self._names[name] = first
        if not is_rare:
            defer(bind)
        return name

    def define(self, lines: Iterable[str], label: str) -> Hook:
        """Return the function ``generated`` that the lines define; ``label`` is what tracebacks call their file."""
        exec(compile("\n".join(lines), f"<{label}>", "exec"), self._names)  # noqa: S102 - lines of our own
        hook: Hook = self._names[_NAME]
        return hook


def is_generated(hook: Hook) -> bool:
    """Return whether a function comes from here, and is not a caller's own."""
    return getattr(hook, "__name__", "") == _NAME


def defer(generate: Callable[[], object]) -> None:
    """Remember what generates further functions, for ``generate_pending``."""
    _pending.append(generate)


def generate_pending() -> None:
    """Generate all that the functions so far may call, and what those may call in turn."""
    while _pending:
        _pending.pop()()
