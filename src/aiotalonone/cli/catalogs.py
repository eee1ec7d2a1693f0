"""``aiotalonone catalogs``: sync a file's rows as items of a catalog."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from attrs import frozen

from aiotalonone.bulk import CatalogSync, InvalidRecord
from aiotalonone.cli.columns import ColumnMapping, map_columns, parse_column_option, require_columns
from aiotalonone.cli.commands import Command, Group
from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.options import SYNC_EXIT_CODES, SyncOptions, job_files, open_source, with_options
from aiotalonone.cli.profiles import Columns, ProfileMapping
from aiotalonone.cli.records import Record
from aiotalonone.cli.rows import InvalidRow, Row, Rows
from aiotalonone.cli.sync import Sync, is_empty
from aiotalonone.cli.values import ConversionError, number, text

catalogs: Final = typer.Typer(help="Items of catalogs.", no_args_is_help=True, cls=Group)

_MEMBERS: Final = ("type", "payload")
_OWN_TYPES: Final = {"price": "number", "product": "text"}
"""Types of the columns that become no attributes, by their members."""

CatalogId = Annotated[int, typer.Option("--catalog", metavar="ID", min=1, help="The catalog.", show_default=False)]
PriceColumn = Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of the prices.")]
ProductColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column of the products' names. An item without one loses its product."),
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Replace items: they lose the attributes that are not in the file.")
]
Remove = Annotated[bool, typer.Option("--remove", help="Remove the items in the file.")]


@catalogs.callback()
def group() -> None:
    """Manage the items of catalogs."""


@catalogs.command(cls=Command, epilog=SYNC_EXIT_CODES)
@with_options(SyncOptions)
def sync(
    *,
    catalog: CatalogId,
    price_column: PriceColumn = None,
    product_column: ProductColumn = None,
    replace: Replace = False,
    remove: Remove = False,
    column: Columns = None,
    options: SyncOptions,
) -> None:
    """Add or update the items in a file, 1000 in a request, or remove them.

    --id-column has the SKUs. Every column except those of SKUs, prices and products becomes an attribute of its name.
    Items that are not in the file stay as they are, as do prices and attributes that a row has no value for.
    """
    files = job_files(options, "catalog")
    items = ItemOptions(price_column, product_column, replace=replace, remove=remove)
    items.check(column, is_retry=options.retry_rejects is not None)
    rows = open_source(options, _MEMBERS)
    mapping = RejectedActions() if options.retry_rejects is not None else _mapping(rows, options, items, column or ())
    task = Sync(
        files=files,
        job=CatalogSync,
        rows=rows,
        mapping=mapping,
        options=options,
        settings={"catalog_id": catalog},
        campaigns=lambda: {"catalogs": [{"id": catalog, "name": f"catalog {catalog}"}]},
        columns=list(mapping.describe()),
    )
    raise typer.Exit(task.run())


@frozen
class ItemOptions:
    """What a command does with the items of a file, and which columns have their prices and products."""

    price_column: str | None
    product_column: str | None
    replace: bool
    remove: bool

    @property
    def own_columns(self) -> Mapping[str, str]:
        """The members that columns other than attributes have, by the column's name."""
        named = {self.price_column: "price", self.product_column: "product"}
        return {column: member for column, member in named.items() if column is not None}

    @property
    def type(self) -> str:
        """The type of the actions."""
        return "REMOVE" if self.remove else "ADD" if self.replace else "PATCH"

    @property
    def flag(self) -> Mapping[str, bool]:
        """The flag that makes an action fit for items that exist and those that do not."""
        return {"replaceIfExists": True} if self.replace else {"createIfNotExists": True}

    def check(self, columns: Sequence[str] | None, *, is_retry: bool) -> None:
        """Check that the options can be used together.

        Raises:
            CommandError: They cannot.
        """
        content = bool(self.own_columns or columns)
        if is_retry and (content or self.replace or self.remove):
            raise CommandError("a rejects file has the type and the content of each of its actions")
        if self.replace and self.remove:
            raise CommandError("give either --replace or --remove")
        if self.remove and content:
            raise CommandError("--remove takes only the column of the SKUs")
        if self.price_column is not None and self.price_column == self.product_column:
            raise CommandError("--price-column and --product-column must be different columns")


def _mapping(rows: Rows, options: SyncOptions, items: ItemOptions, columns: Sequence[str]) -> "CatalogMapping":
    sku_column = options.id_column or ""
    if sku_column in items.own_columns:
        raise CommandError(f"--id-column {sku_column} is the column of the SKUs and nothing else")
    known = rows.columns()
    mappings: list[ColumnMapping] = []
    if known or not is_empty(rows):
        hint = rows.hint(sku_column)
        require_columns(known, [sku_column, *items.own_columns], hint)
        attributes = [column for column in known if column.name not in items.own_columns]
        given = [parse_column_option(text) for text in columns]
        for option in given:
            if (member := items.own_columns.get(option.column)) is not None:
                raise CommandError(f"--column {option.column}: the column of the {member} cannot be an attribute")
        if not items.remove:
            mappings = map_columns(attributes, sku_column, given, hint=hint, may_be_late=rows.has_late_columns)
    return CatalogMapping(ProfileMapping(sku_column, mappings, options.verbatim_ids), items)


@frozen
class CatalogMapping:
    """Makes records for ``CatalogSync``; SKU and attributes are read as a profile's ID and attributes are."""

    content: ProfileMapping
    items: ItemOptions

    @property
    def needed(self) -> Collection[str]:
        """The columns that are not left out."""
        return {*self.content.needed, *self.items.own_columns}

    def notices(self) -> Iterator[str]:
        """Yield what its user should know about the rows so far, a line each."""
        return self.content.notices()

    def describe(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield column, attribute, type and origin of each column."""
        _, *attributes = self.content.describe()
        yield self.content.id_column, "(SKU)", "text", "--id-column"
        for column, member in self.items.own_columns.items():
            yield column, f"({member})", _OWN_TYPES[member], f"--{member}-column"
        yield from attributes

    def to_record(self, row: Row | InvalidRow) -> Record:
        """Return the record of a row, or one that says why the row is invalid."""
        if isinstance(row, InvalidRow):
            return InvalidRecord(row.content, row.message)
        if self.items.remove:
            row = {name: value for name, value in row.items() if name == self.content.id_column}
        own = self.items.own_columns
        found = self.content.to_record({name: value for name, value in row.items() if name not in own})
        reasons = [found.reason] if isinstance(found, InvalidRecord) else []
        content = dict(found)
        payload: Record = {"sku": content["integrationId"]}
        for column, member in own.items():
            value = _own_value(column, member, row.get(column), reasons)
            if value is not None:
                payload[member] = value
        if not self.items.remove:
            payload |= {"attributes": content["attributes"], **self.items.flag}
        record = {"type": self.items.type, "payload": payload}
        return InvalidRecord(record, "; ".join(reasons)) if reasons else record


def _own_value(column: str, member: str, value: Any, reasons: list[str]) -> Any:
    """Return a price or a product; one that is invalid stays as it is, and its reason is added."""
    try:
        if member == "price":
            return number(value)
        name = text(value)
    except ConversionError as failure:
        reasons.append(f"{column} {failure}")
        return value
    return {"name": name} if name else None


@frozen
class RejectedActions:
    """Takes the records of a rejects file as they are: they are actions."""

    needed: Collection[str] = _MEMBERS

    def notices(self) -> Iterator[str]:
        """Yield nothing."""
        return iter(())

    def describe(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield nothing: there are no columns."""
        return iter(())

    def to_record(self, row: Row | InvalidRow) -> Record:
        """Return the record of a row, or one that says why the row is invalid."""
        return InvalidRecord(row.content, row.message) if isinstance(row, InvalidRow) else dict(row)
