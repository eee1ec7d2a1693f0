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
class ColumnOption:
    """What ``--column`` asks for."""

    column: str
    attribute: str | None
    """``None`` leaves the column out."""
    type: Type | None
    """``None`` leaves the type to the file."""


@frozen
class ColumnMapping:
    """What becomes of a column."""

    column: str
    attribute: str | None
    type: Type
    origin: str


def parse_column_option(text: str) -> ColumnOption:
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
    return ColumnOption(column, attribute if wanted else None, SELECTABLE.get(kind))


def map_columns(columns: Sequence[FileColumn], id_column: str, options: Sequence[ColumnOption]) -> list[ColumnMapping]:
    """What becomes of each column but that of the IDs: an attribute of its name, unless an option says otherwise.

    Raises:
        CommandError: A column is not in the file, two would be one attribute, or none can hold what a column holds.
    """
    given = {option.column: option for option in options}
    require_columns(columns, [id_column, *given])
    if id_column in given:
        raise CommandError(f"--column {id_column}: the ID column is no attribute")
    mappings = [_map_column(column, given.get(column.name)) for column in columns if column.name != id_column]
    attributes = [mapping.attribute for mapping in mappings if mapping.attribute is not None]
    for attribute in attributes:
        if attributes.count(attribute) > 1:
            raise CommandError(f"two columns would be the attribute {attribute}: --column COLUMN= leaves one out")
    return mappings


def require_columns(columns: Sequence[FileColumn], wanted: Iterable[str]) -> None:
    """That the file has the columns that are named.

    Raises:
        CommandError: It has not.
    """
    names = [column.name for column in columns]
    for name in wanted:
        if name not in names:
            raise CommandError(f"the file has no column {name}: it has {', '.join(names) or 'none'}")


def _map_column(column: FileColumn, option: ColumnOption | None) -> ColumnMapping:
    option = option or ColumnOption(column.name, column.name, None)
    kind, origin = (option.type, "--column") if option.type else (column.type, column.origin)
    if option.attribute is None:
        return ColumnMapping(column.name, None, Type.OWN, "--column")
    if not column.name and not option.attribute:
        raise CommandError("a column has no name: --column =attributes.NAME gives it one, --column = leaves it out")
    if kind is None:
        raise CommandError(f"no attribute holds a {origin}: --column {column.name}= leaves the column out")
    return ColumnMapping(column.name, option.attribute, kind, origin)
