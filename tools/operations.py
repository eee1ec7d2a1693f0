"""``python -m tools.operations`` writes the page of all operations: what each is, and what a retry of it does."""

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

Every operation that the client has a method for; `python -m tools.operations` has written this page.

- **Retry** says what the client does after an attempt that the API may have received. *Reads only* and *same state* are
  retried; *with its key* as well, since the API replays its response to a known `Idempotency-Key`. *Never* is not, and
  the error's outcome is UNKNOWN; nor are some bodies of syncCatalog, those that add an item only if it does not exist.
  A dry call is always retried. What surely was not sent is retried for every operation.
- **Lane** names the entity whose updates wait for each other, since the API rejects too many concurrent ones.
- A method with pages has an iterator over the entries of all of them.
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
    yield "| method | request | retry | lane |"
    yield "|---|---|---|---|"
    for operation in vars(module).values():
        if isinstance(operation, Operation):
            yield f"| {' | '.join(_cells(group, operation))} |"
    yield ""


def _cells(group: type[EndpointGroup], operation: Operation[Any]) -> Iterator[str]:
    name = snake_case(operation.operation_id)
    iterator = f"iter_{name.removeprefix('get_')}"
    methods = [f"`{name}`"]
    if hasattr(getattr(group, name), "__deprecated__"):
        methods.append("(deprecated)")
    if hasattr(group, iterator):
        methods.append(f"· `{iterator}`")
    yield " ".join(methods)
    yield f"`{operation.request}`"
    yield _retry(operation)
    yield LANES[operation.entity]


if __name__ == "__main__":
    main()
