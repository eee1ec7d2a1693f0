"""``aiotalonone profiles``: sync a file's rows as customer profiles."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import typer
from attrs import define, field

from aiotalonone.bulk import InvalidRecord, ProfileSync
from aiotalonone.cli.columns import ColumnMapping, map_columns, parse_column_option
from aiotalonone.cli.console import make_console, make_table
from aiotalonone.cli.options import SYNC_EXIT_CODES, SyncOptions, with_options
from aiotalonone.cli.records import Record
from aiotalonone.cli.rows import INFERRED, InvalidRow, Row, open_rows
from aiotalonone.cli.sync import Sync
from aiotalonone.cli.values import ConversionError, Converter, converter, identifier, identity

profiles: Final = typer.Typer(help="Customer profiles.", no_args_is_help=True)

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="COLUMN=attributes.NAME:TYPE",
        help="Another name or type for a column's attribute; may be given several times. "
        "COLUMN=:TYPE keeps the name, COLUMN= leaves the column out. "
        "Types: text, number, boolean, time, list.",
    ),
]

Conversion = tuple[str | None, Converter]
"""An attribute and the converter of its values; no attribute if the column is left out."""


@profiles.callback()
def group() -> None:
    """Customer profiles."""


@profiles.command(epilog=SYNC_EXIT_CODES)
@with_options(SyncOptions)
def sync(*, column: Columns = None, options: SyncOptions) -> None:
    """Set the attributes of the profiles in a file, 1000 in a request.

    Every column except the ID column becomes an attribute of its name. An attribute that a row has no value for is
    left unchanged.
    """
    rows = open_rows(options.file)
    column_options = [parse_column_option(text) for text in column or ()]
    mapping = ProfileMapping(options.id_column, map_columns(rows.columns(), options.id_column, column_options))
    _show_columns(mapping)
    task = Sync(kind="profiles", job=ProfileSync, rows=rows, to_record=mapping.to_record, options=options)
    raise typer.Exit(task.run())


class _Conversions(dict[str, Conversion]):
    """Conversions of the known columns; any other column becomes an attribute of its name."""

    def __missing__(self, column: str) -> Conversion:
        return self.setdefault(column, (column, identity))


@define
class ProfileMapping:
    """Makes records for ``ProfileSync``."""

    id_column: str
    columns: Sequence[ColumnMapping]
    _conversions: Mapping[str, Conversion] = field(init=False)

    def __attrs_post_init__(self) -> None:
        conversions = _Conversions(
            {mapping.column: (mapping.attribute, converter(mapping.type)) for mapping in self.columns}
        )
        conversions[self.id_column] = (None, identifier)
        self._conversions = conversions

    def to_record(self, row: Row | InvalidRow) -> Record:
        """Return the record of a row, or one that says why the row is invalid."""
        if isinstance(row, InvalidRow):
            return InvalidRecord(row.content, row.message)
        try:
            return {"integrationId": identifier(row.get(self.id_column)), "attributes": self._attributes(row)}
        except ConversionError:
            return self._invalid_record(row)

    def _attributes(self, row: Row) -> Record:
        conversions, attributes = self._conversions, {}
        for column, value in row.items():  # the innermost loop of a job
            attribute, convert = conversions[column]
            if attribute is not None:
                attributes[attribute] = convert(value)
        return attributes

    def _invalid_record(self, row: Row) -> InvalidRecord:
        """Return the row as it is, with everything that is wrong with it."""
        reasons = [self._reason(column, row) for column in (self.id_column, *row)]
        attributes = {
            attribute: value for column, value in row.items() if (attribute := self._conversions[column][0]) is not None
        }
        members = {"integrationId": row.get(self.id_column), "attributes": attributes}
        return InvalidRecord(members, "; ".join(dict.fromkeys(filter(None, reasons))))

    def _reason(self, column: str, row: Row) -> str | None:
        attribute, convert = self._conversions[column]
        if attribute is None and column != self.id_column:
            return None
        try:
            convert(row.get(column))
        except ConversionError as failure:
            return f"{column} {failure}{self._hint(column)}"
        return None

    def _hint(self, column: str) -> str:
        """Return what to do if the column's type was inferred."""
        inferred = any(mapping.column == column and mapping.origin == INFERRED for mapping in self.columns)
        return f" (its first rows are; --column {column}=:text sends text)" if inferred else ""


def _show_columns(mapping: ProfileMapping) -> None:
    table = make_table("The columns", "column", "attribute", "type", "from")
    table.add_row(mapping.id_column, "(integration ID)", "text", "--id-column")
    for column in mapping.columns:
        if column.attribute is None:
            table.add_row(column.column, "(left out)", "", column.origin)
        else:
            table.add_row(column.column, column.attribute, column.type.value, column.origin)
    make_console().print(table)
