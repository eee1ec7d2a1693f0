"""Say where a specification of the API is not what the repository knows: ``python -m tools.drift FILE [VERSION]``.

The file is OpenAPI 3, as YAML or JSON. It is compared with the newest facts of ``tests/contract/facts/``, or with those
of the version that is named. Each row of the table is a difference, with what it asks of a maintainer. The exit status
is 0 if there is no difference, 1 if there is one, and 2 if the file cannot be read.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from tools.acts import Acts
from tools.differences import (
    Difference,
    differences,
    entries_of_authorization,
    entries_of_operations,
    entries_of_schemas,
)
from tools.facts import NotOpenAPIError, all_facts_of
from tools.specs import VERSIONS, Spec, spec

_MAX_WIDTH: Final = 60
_USAGE: Final = f"usage: python -m tools.drift FILE [{'|'.join(VERSIONS)}]"


class Row(NamedTuple):
    """One difference."""

    what: str
    """``new``, ``gone`` or ``changed``."""
    where: str
    """The operation or schema, and what of it."""
    facts: str
    """What the repository's facts say."""
    file: str
    """What the file says."""
    act: str
    """What a maintainer does about it."""


def drift(ours: Spec, theirs: Spec) -> list[Row]:
    """Return where a specification is not what the facts say: how to authorize, then operations, then schemas.

    Raises:
        KeyError: The specification refers to a schema that it does not have.
    """
    acts = Acts(theirs)
    return [
        _row(difference, act(difference))
        for entries_of, act in (
            (entries_of_authorization, acts.on_authorization),
            (entries_of_operations, acts.on_operation),
            (entries_of_schemas, acts.on_schema),
        )
        for difference in differences(entries_of(ours), entries_of(theirs))
    ]


def table(rows: Iterable[Row]) -> str:
    """Return rows as a table of Markdown; a cell that is long does not widen its column."""
    cells = [list(Row._fields), *([text.replace("|", "\\|") for text in row] for row in rows)]
    widths = [min(max(map(len, column)), _MAX_WIDTH) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    lines = (" | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(f"| {line} |" for line in lines)


def main(*arguments: str) -> int:
    """Print the differences and return the exit status."""
    match arguments:
        case (name,):
            version = VERSIONS[-1]
        case (name, version) if version in VERSIONS:
            pass
        case _:
            return _fail(_USAGE)
    try:
        rows, unknown = _drift_of(Path(name), version)
    except NotOpenAPIError as failure:
        return _fail(f"{name}: {failure}")
    if not rows:
        print(f"no drift: {name} says what the facts of {version} say")
        return 0
    print(table(rows))
    print(f"\n{len(rows)} {'difference' if len(rows) == 1 else 'differences'} from the facts of {version}")
    if unknown:
        print(f"tools/facts.py does not know: {', '.join(dict.fromkeys(unknown))}")
    return 1


def _row(difference: Difference, act: str) -> Row:
    return Row(difference.what, difference.place, difference.facts, difference.file, act)


def _drift_of(path: Path, version: str) -> tuple[list[Row], list[str]]:
    """Return the rows of a file, and its keywords that are not known.

    Raises:
        NotOpenAPIError: It cannot be read.
    """
    try:
        facts, unknown = all_facts_of(path.read_bytes())
        return drift(spec(version), Spec(facts)), unknown
    except OSError as failure:
        problem = str(failure.strerror)
    except KeyError as failure:
        problem = f"it refers to {failure.args[0]}, which it does not have"
    except RecursionError:
        problem = "a schema is a part of itself"
    raise NotOpenAPIError(problem)


def _fail(line: str) -> int:
    print(line, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
