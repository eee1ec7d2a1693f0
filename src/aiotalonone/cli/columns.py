"""Which attribute each column becomes, and of which type."""

import shlex
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.rows import FileColumn
from aiotalonone.cli.rows.base import repeated_name
from aiotalonone.cli.values import Type

SELECTABLE: Final = {kind.value: kind for kind in Type if kind is not Type.NATIVE}
LATE: Final = "later rows, if any"
"""Origin of a column that an option names and the first rows do not have."""
_ATTRIBUTES: Final = "attributes."
_SHOWN: Final = 30
_MAX_KINDS: Final = 3


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


def map_columns(
    columns: Sequence[FileColumn],
    id_column: str,
    options: Sequence[ColumnOption],
    *,
    hint: str = "",
    may_be_late: bool = False,
) -> list[ColumnMapping]:
    """Return a mapping for each column except the ID column: to an attribute of its name, or as an option says.

    Args:
        columns: Of the file.
        id_column: Its name.
        options: At most one for each column.
        hint: Why the ID column seems to be missing, and what to do.
        may_be_late: Whether later rows may have columns that are not among these.

    Raises:
        CommandError: A column is missing in the file or has two options, two have the same attribute, or one has no
            attribute's type.
    """
    if (column := repeated_name(option.column for option in options)) is not None:
        raise CommandError(f"--column {column}= is given twice: one option has both name and type")
    given = {option.column: option for option in options}
    require_columns(columns, [id_column], hint)
    if may_be_late:
        known = {column.name for column in columns}
        columns = [*columns, *(FileColumn(name, Type.NATIVE, LATE) for name in given if name not in known)]
    require_columns(columns, given)
    if id_column in given:
        raise CommandError(f"--column {id_column}: the ID column cannot be an attribute")
    others = [column for column in columns if column.name != id_column]
    if untyped := [column for column in others if column.type is None and column.name not in given]:
        raise _untyped(untyped)
    mappings = [_map_column(column, given.get(column.name)) for column in others]
    attribute = repeated_name(mapping.attribute for mapping in mappings if mapping.attribute is not None)
    if attribute is not None:
        raise CommandError(f"two columns have the attribute {attribute}: --column COLUMN= leaves one out")
    return mappings


def require_columns(columns: Sequence[FileColumn], wanted: Iterable[str], hint: str = "") -> None:
    """Check that the file has the given columns.

    Args:
        columns: Of the file.
        wanted: Names of columns.
        hint: Why one seems to be missing and what to do, as the end of a sentence, instead of the columns' names.

    Raises:
        CommandError: A column is missing.
    """
    names = [column.name for column in columns]
    for name in wanted:
        if name not in names:
            raise CommandError(f"the file has no column {_readable(name)}; {hint or f'it has {_listed(names)}'}")


def _untyped(columns: Sequence[FileColumn]) -> CommandError:
    """Return the error of columns whose values an attribute cannot hold, with the options that leave them out."""
    kinds = _shortened([*dict.fromkeys(column.origin for column in columns)], _MAX_KINDS)
    options = " ".join(f"--column {shlex.quote(f'{column.name}=')}" for column in columns)
    which = "the column" if len(columns) == 1 else f"these {len(columns)} columns"
    return CommandError(f"an attribute cannot hold a {kinds}: {options} leaves out {which}")


def _listed(names: Sequence[str]) -> str:
    """Return names as one line, however many there are and whatever they contain."""
    return _shortened([*map(_readable, names)], _SHOWN) or "no columns"


def _readable(name: str) -> str:
    return name if name and name.isprintable() and name == name.strip() else ascii(name)


def _shortened(texts: Sequence[str], number: int) -> str:
    return ", ".join(texts[:number]) + (f" and {len(texts) - number} more" if len(texts) > number else "")


def _map_column(column: FileColumn, option: ColumnOption | None) -> ColumnMapping:
    option = option or ColumnOption(column.name, column.name.strip(), None)
    by_option = f"--column, {LATE}" if column.origin == LATE else "--column"
    if option.attribute is None:
        return ColumnMapping(column.name, None, Type.NATIVE, by_option)
    if not option.attribute:
        raise CommandError("a column has no name: --column =attributes.NAME gives it one, --column = leaves it out")
    kind = option.type or column.type
    if kind is None:
        raise _untyped([column])
    return ColumnMapping(column.name, option.attribute, kind, by_option if option.type else column.origin)
