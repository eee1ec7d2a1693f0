"""``aiotalonone profiles``: sync a file's rows as customer profiles."""

import shlex
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from attrs import define, field

from aiotalonone.bulk import InvalidRecord, ProfileSync
from aiotalonone.cli.columns import ColumnMapping, map_columns, parse_column_option
from aiotalonone.cli.commands import Command, Group
from aiotalonone.cli.engine import DEFAULT_WORKERS, Engine, OnRay
from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.options import SYNC_EXIT_CODES, SyncOptions, job_files, open_source, with_options
from aiotalonone.cli.records import Record
from aiotalonone.cli.rows import INFERRED, InvalidRow, Row, Rows
from aiotalonone.cli.sync import Sync, is_empty
from aiotalonone.cli.values import ConversionError, Converter, converter, identifier, native, verbatim_identifier

profiles: Final = typer.Typer(help="Customer profiles.", no_args_is_help=True, cls=Group)

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="COLUMN=attributes.NAME:TYPE",
        help="Another name or type for a column's attribute; may be given several times. "
        "COLUMN=:TYPE keeps the name, COLUMN= leaves the column out. "
        "Types: text, number, boolean, time, date, list.",
    ),
]

Conversion = tuple[str | None, Converter]
"""An attribute and the converter of its values; no attribute if the column is left out."""

_ID: Final = "integrationId"
_MEMBERS: Final = (_ID, "attributes")
_MAX_SHOWN_ROWS: Final = 12
"""Columns up to which each has a row of the table, even if it is like others."""
_NAMED: Final = 8
"""Columns that are named in a row for several."""
_MAX_NAMED_LATE: Final = 20


@profiles.callback()
def group() -> None:
    """Customer profiles."""


EngineOption = Annotated[
    Engine | None, typer.Option(help="Run the job on a cluster; the default is this process, which is enough for most.")
]
Address = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Of the cluster; by default that of RAY_ADDRESS, or a new one.")
]
Workers = Annotated[int, typer.Option(metavar="NUMBER", min=1, help="Max. workers on the cluster.")]
CheckpointURL = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="Folder for the job's checkpoint that all machines of the cluster share, such as s3://…"
    ),
]


@profiles.command(cls=Command, epilog=SYNC_EXIT_CODES)
@with_options(SyncOptions)
def sync(
    *,
    column: Columns = None,
    engine: EngineOption = None,
    address: Address = None,
    max_workers: Workers = DEFAULT_WORKERS,
    checkpoint: CheckpointURL = None,
    options: SyncOptions,
) -> None:
    """Set the attributes of the profiles in a file, 1000 in a request.

    Every column except the ID column becomes an attribute of its name. An attribute that a row has no value for is
    left unchanged.
    """
    if engine is None and (address, max_workers, checkpoint) != (None, DEFAULT_WORKERS, None):
        raise CommandError("--address, --max-workers and --checkpoint are for --engine")
    files = job_files(options, "profiles")
    rows = open_source(options, _MEMBERS)
    mapping = _mapping(rows, options, column or ())
    task = Sync(
        files=files,
        job=ProfileSync,
        rows=rows,
        mapping=mapping,
        options=options,
        columns=list(mapping.describe()),
        engine=OnRay(mapping=mapping, address=address, checkpoint=checkpoint, workers=max_workers) if engine else None,
    )
    raise typer.Exit(task.run())


def _mapping(rows: Rows, options: SyncOptions, columns: Sequence[str]) -> "ProfileMapping":
    id_column = _ID if options.id_column is None else options.id_column
    column_options = [parse_column_option(text) for text in columns]
    known = rows.columns()
    mappings = []
    if known or not is_empty(rows):
        mappings = map_columns(
            known, id_column, column_options, hint=rows.hint(id_column), may_be_late=rows.has_late_columns
        )
    return ProfileMapping(id_column, mappings, options.verbatim_ids)


class _Conversions(dict[str, Conversion]):
    """Conversions of the known columns; any other column becomes an attribute of its name."""

    def __init__(self, known: Mapping[str, Conversion]) -> None:
        super().__init__(known)
        self._attributes = {attribute for attribute, _ in known.values()}
        self.late: list[str] = []
        """Columns that were not known."""

    def __missing__(self, column: str) -> Conversion:
        attribute = column.strip()
        is_free = bool(attribute) and attribute not in self._attributes
        self._attributes.add(attribute)
        self.late.append(column)
        return self.setdefault(column, (attribute, native if is_free else _reject_name))


def _reject_name(_: Any) -> Any:
    raise ConversionError("has no name, or that of another column's attribute")


@define
class ProfileMapping:
    """Makes records for ``ProfileSync``."""

    id_column: str
    columns: Sequence[ColumnMapping]
    verbatim_ids: bool = False
    """Whether IDs are taken as they are."""
    trimmed: int = field(default=0, init=False)
    """IDs that had blanks around them."""
    _identifier: Converter = field(init=False)
    _conversions: _Conversions = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._identifier = verbatim_identifier if self.verbatim_ids else identifier
        conversions: dict[str, Conversion] = {
            mapping.column: (mapping.attribute, converter(mapping.type)) for mapping in self.columns
        }
        self._conversions = _Conversions({**conversions, self.id_column: (None, self._identifier)})

    @property
    def needed(self) -> Collection[str]:
        """The columns that are not left out."""
        return {self.id_column, *(mapping.column for mapping in self.columns if mapping.attribute is not None)}

    @property
    def known(self) -> Collection[str]:
        """The columns that the first rows have: what any other one means depends on the rows before."""
        return {self.id_column, *(mapping.column for mapping in self.columns)}

    def id_of(self, row: Row) -> str | None:
        """Return the ID of a row's record, or ``None`` if it has no valid one; count it if it had blanks around it."""
        found = row.get(self.id_column)
        try:
            identified: str = self._identifier(found)
        except ConversionError:
            return None
        self.trimmed += identified != found and isinstance(found, str)
        return identified

    def notices(self) -> Iterator[str]:
        """Yield what its user should know about the rows so far, a line each."""
        if self.trimmed:
            yield f"Blanks around {self.trimmed:,} {'ID' if self.trimmed == 1 else 'IDs'} were removed."
        if late := self._conversions.late:
            more = f" and {len(late) - _MAX_NAMED_LATE} more" if len(late) > _MAX_NAMED_LATE else ""
            yield (
                f"Columns that the first rows do not have, sent as attributes of their names: "
                f"{', '.join(late[:_MAX_NAMED_LATE])}{more}. --column COLUMN= leaves one out."
            )

    def describe(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield column, attribute, type and origin of each column; many that are alike share a row."""
        yield self.id_column, "(integration ID)", "text", "--id-column"
        alike: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
        is_long = len(self.columns) > _MAX_SHOWN_ROWS
        for mapping in self.columns:
            kind = "" if mapping.attribute is None else mapping.type.value
            attribute = "(left out)" if mapping.attribute is None else mapping.attribute
            if not is_long:
                yield mapping.column, attribute, kind, mapping.origin
            else:
                attribute = "(the same)" if attribute == mapping.column else attribute
                alike[attribute, kind, mapping.origin].append(mapping.column)
        for (attribute, kind, origin), names in alike.items():
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            yield ", ".join(names[:_NAMED]) + more, attribute, kind, origin

    def to_record(self, row: Row | InvalidRow) -> Record:
        """Return the record of a row, or one that says why the row is invalid."""
        if isinstance(row, InvalidRow):
            return InvalidRecord(row.content, row.message)
        found = row.get(self.id_column)
        try:
            record = {_ID: self._identifier(found), "attributes": self._attributes(row)}
        except ConversionError:
            return self._invalid_record(row)
        if record[_ID] != found and isinstance(found, str):
            self.trimmed += 1
        return record

    def _attributes(self, row: Row) -> Record:
        conversions, attributes = self._conversions, {}
        for column, value in row.items():  # the innermost loop of a job
            attribute, convert = conversions[column]
            if attribute is not None:
                attributes[attribute] = convert(value)
        return attributes

    def _invalid_record(self, row: Row) -> InvalidRecord:
        """Return the row with everything that is wrong with it; what cannot be converted is left as it is."""
        reasons: list[str] = []
        found = self._convert(self.id_column, row.get(self.id_column), reasons)
        attributes = {
            attribute: self._convert(column, value, reasons)
            for column, value in row.items()
            if (attribute := self._conversions[column][0]) is not None
        }
        return InvalidRecord({_ID: found, "attributes": attributes}, "; ".join(reasons))

    def _convert(self, column: str, value: Any, reasons: list[str]) -> Any:
        try:
            return self._conversions[column][1](value)
        except ConversionError as failure:
            reasons.append(f"{column} {failure}{self._hint(column)}")
            return value

    def _hint(self, column: str) -> str:
        """Return what to do if the column's type was inferred."""
        inferred = any(mapping.column == column and mapping.origin == INFERRED for mapping in self.columns)
        option = shlex.quote(f"{column}=:text")
        return f" (its first rows are; --column {option} sends text)" if inferred else ""
