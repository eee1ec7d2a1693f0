"""What becomes of each column: which attribute, of which type, or none."""

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from aiotalonone.cli.exits import CommandError
from aiotalonone.cli.rows import FileColumn
from aiotalonone.cli.values import Type

SELECTABLE: Final = {kind.value: kind for kind in Type if kind is not Type.OWN}
_ATTRIBUTES: Final = "attributes."


@frozen
class Wish:
    """What ``--column`` asks for."""

    column: str
    attribute: str | None
    """``None`` leaves the column out."""
    type: Type | None
    """``None`` leaves the type to the file."""


@frozen
class Target:
    """What becomes of a column."""

    column: str
    attribute: str | None
    type: Type
    origin: str


def wish_of(text: str) -> Wish:
    """``COLUMN=attributes.NAME:TYPE``, without either part, or with neither.

    Raises:
        CommandError: It is written otherwise.
    """
    column, equals, wanted = text.partition("=")
    path, _, kind = wanted.rpartition(":") if ":" in wanted else (wanted, "", "")
    is_path = not path or (path.startswith(_ATTRIBUTES) and path != _ATTRIBUTES)
    if not equals or not is_path or (":" in wanted and kind not in SELECTABLE):
        raise CommandError(
            f"--column {text}: write COLUMN=attributes.NAME, with :TYPE after it for another type than the file's "
            f"({', '.join(SELECTABLE)}), COLUMN=:TYPE for the type alone, or COLUMN= to leave it out"
        )
    attribute = path.removeprefix(_ATTRIBUTES) or column
    return Wish(column, attribute if wanted else None, SELECTABLE.get(kind))


def targets_of(columns: Sequence[FileColumn], id_column: str, wishes: Sequence[Wish]) -> list[Target]:
    """What becomes of each column but that of the IDs: an attribute of its name, unless a wish says otherwise.

    Raises:
        CommandError: A column is not in the file, two would be one attribute, or none can hold what a column holds.
    """
    wished = {wish.column: wish for wish in wishes}
    require_columns(columns, [id_column, *wished])
    if id_column in wished:
        raise CommandError(f"--column {id_column}: the ID column is no attribute")
    targets = [_target(column, wished.get(column.name)) for column in columns if column.name != id_column]
    attributes = [target.attribute for target in targets if target.attribute is not None]
    for attribute in attributes:
        if attributes.count(attribute) > 1:
            raise CommandError(f"two columns would be the attribute {attribute}: --column COLUMN= leaves one out")
    return targets


def require_columns(columns: Sequence[FileColumn], wanted: Iterable[str]) -> None:
    """That the file has the columns that are named.

    Raises:
        CommandError: It has not.
    """
    names = [column.name for column in columns]
    for name in wanted:
        if name not in names:
            raise CommandError(f"the file has no column {name}: it has {', '.join(names) or 'none'}")


def _target(column: FileColumn, wish: Wish | None) -> Target:
    wish = wish or Wish(column.name, column.name, None)
    kind, origin = (wish.type, "--column") if wish.type else (column.type, column.origin)
    if wish.attribute is None:
        return Target(column.name, None, Type.OWN, "--column")
    if not column.name and not wish.attribute:
        raise CommandError("a column has no name: --column =attributes.NAME gives it one, --column = leaves it out")
    if kind is None:
        raise CommandError(f"no attribute holds a {origin}: --column {column.name}= leaves the column out")
    return Target(column.name, wish.attribute, kind, origin)
