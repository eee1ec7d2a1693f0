"""``python -m tools.operations`` writes the page of all operations: what each does, and what a retry of it does."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from aiotalonone import endpoints
from aiotalonone.endpoints import EndpointGroup
from aiotalonone.operation import Entity, Operation, RetrySafety, snake_case

PAGE: Final = Path(__file__).parents[1] / "docs" / "operations.md"
INTRODUCTION: Final = """\
# Operations

Every operation of the Integration API: what it does, the method that calls it, and whether a failed attempt is retried.
[A call of each](calls.md) shows them in code; the [reference](reference/groups/index.rst) has parameters, results and
errors.

- **Retry** says what the client does after an attempt that the API may have received. *Reads only* and *same state* are
  retried, and so is *with its key*: the API replays its response to a known `Idempotency-Key`. *Never* is not retried,
  and the error's outcome is UNKNOWN. The same goes for `sync_catalog` with a body that adds an item only if it does not
  exist. A dry call is always retried, and so is every request that was surely not sent.
- **Lane** names the entity whose updates wait for each other, since the API rejects too many concurrent ones:
  [lanes](concepts/lanes.md).
- A method that returns one page has an iterator (`iter_…`) over the entries of all pages.

`python -m tools.operations` writes this page from the code.
"""
RETRY: Final = {
    RetrySafety.SAFE: "reads only",
    RetrySafety.IDEMPOTENCY_KEY: "with its key",
    RetrySafety.IDEMPOTENT: "same state",
    RetrySafety.UNSAFE: "never",
}
LANES: Final = {None: "", Entity.SESSION: "session", Entity.PROFILE: "profile"}


def _retry(operation: Operation[Any]) -> str:
    """Return what the client does, which the body may change."""
    usual = RETRY[operation.retry_safety]
    return usual if operation.may_act_twice is None else f"{usual}; never of some bodies"


def page() -> str:
    """Return the page."""
    return "\n".join([INTRODUCTION, *(line for module in endpoints.modules() for line in _section(module))])


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


def _section(module: ModuleType) -> Iterator[str]:
    name = module.__name__.rpartition(".")[2]
    [group] = (
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, EndpointGroup) and kind is not EndpointGroup
    )
    yield f"## client.{name}\n"
    yield "| method | what it does, and its request | retry | lane |"
    yield "|---|---|---|---|"
    for operation in vars(module).values():
        if isinstance(operation, Operation):
            yield f"| {' | '.join(_cells(group, operation))} |"
    yield ""


def _cells(group: type[EndpointGroup], operation: Operation[Any]) -> Iterator[str]:
    name = snake_case(operation.operation_id)
    iterator = f"iter_{name.removeprefix('get_')}"
    methods = [f"`{name}`"]
    method = getattr(group, name)
    if hasattr(method, "__deprecated__"):
        methods.append("(deprecated)")
    if hasattr(group, iterator):
        methods.append(f"· `{iterator}`")
    yield " ".join(methods)
    yield f"{_first_line(method)}<br>`{operation.request}`"
    yield _retry(operation)
    yield LANES[operation.entity]


def _first_line(method: object) -> str:
    """Return the first line of a docstring, as Markdown."""
    return (inspect.getdoc(method) or "").partition("\n")[0].replace("``", "`")


if __name__ == "__main__":
    main()
