"""Which attribute each column becomes, and of which type."""

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.rows import FileColumn
from aiotalonone.cli.values import Type

SELECTABLE: Final = {kind.value: kind for kind in Type if kind is not Type.NATIVE}
_ATTRIBUTES: Final = "attributes."


@frozen
class ColumnOption:
    """A parsed option ``--column``."""

    column: str
    attribute: str | None
    """``None`` leaves the column out."""
    type: Type | None
    """``None`` keeps the type of the file."""


@frozen
class ColumnMapping:
    """The attribute of a column."""

    column: str
    attribute: str | None
    """``None`` if the column is left out."""
    type: Type
    origin: str
    """What the type follows from."""


def parse_column_option(text: str) -> ColumnOption:
    """Parse ``COLUMN=attributes.NAME:TYPE``, in which name and type are both optional.

    Raises:
        CommandError: The text has another form.
    """
    column, equals, wanted = text.partition("=")
    path, _, kind = wanted.rpartition(":") if ":" in wanted else (wanted, "", "")
    is_path = not path or (path.startswith(_ATTRIBUTES) and path != _ATTRIBUTES)
    if not equals or not is_path or (":" in wanted and kind not in SELECTABLE):
        raise CommandError(
            f"--column {text} must be COLUMN=attributes.NAME, with :TYPE after it for another type than the file's "
            f"({', '.join(SELECTABLE)}), COLUMN=:TYPE for the type alone, or COLUMN= to leave the column out"
        )
    attribute = path.removeprefix(_ATTRIBUTES) or column
    return ColumnOption(column, attribute if wanted else None, SELECTABLE.get(kind))


def map_columns(columns: Sequence[FileColumn], id_column: str, options: Sequence[ColumnOption]) -> list[ColumnMapping]:
    """Return a mapping for each column except the ID column: to an attribute of its name, or as an option says.

    Raises:
        CommandError: A column is missing in the file, two have the same attribute, or one has no attribute's type.
    """
    given = {option.column: option for option in options}
    require_columns(columns, [id_column, *given])
    if id_column in given:
        raise CommandError(f"--column {id_column}: the ID column cannot be an attribute")
    mappings = [_map_column(column, given.get(column.name)) for column in columns if column.name != id_column]
    attributes = [mapping.attribute for mapping in mappings if mapping.attribute is not None]
    for attribute in attributes:
        if attributes.count(attribute) > 1:
            raise CommandError(f"two columns have the attribute {attribute}: --column COLUMN= leaves one out")
    return mappings


def require_columns(columns: Sequence[FileColumn], wanted: Iterable[str]) -> None:
    """Check that the file has the given columns.

    Raises:
        CommandError: A column is missing.
    """
    names = [column.name for column in columns]
    for name in wanted:
        if name not in names:
            raise CommandError(f"the file has no column {name}; it has {', '.join(names) or 'no columns'}")


def _map_column(column: FileColumn, option: ColumnOption | None) -> ColumnMapping:
    option = option or ColumnOption(column.name, column.name, None)
    kind, origin = (option.type, "--column") if option.type else (column.type, column.origin)
    if option.attribute is None:
        return ColumnMapping(column.name, None, Type.NATIVE, "--column")
    if not column.name and not option.attribute:
        raise CommandError("a column has no name: --column =attributes.NAME gives it one, --column = leaves it out")
    if kind is None:
        raise CommandError(f"an attribute cannot hold a {origin}: --column {column.name}= leaves the column out")
    return ColumnMapping(column.name, option.attribute, kind, origin)
