"""How a row becomes a customer's profile."""

from collections.abc import Mapping, Sequence

from attrs import define, field

from aiotalonone.bulk import InvalidRecord
from aiotalonone.cli.columns import ColumnMapping
from aiotalonone.cli.records import Record
from aiotalonone.cli.rows import INFERRED, BrokenRow, Row
from aiotalonone.cli.values import ConversionError, Converter, converter, identifier, own

Way = tuple[str | None, Converter]
"""An attribute and what makes its values; no attribute where a column is none."""


class _Converters(dict[str, Way]):
    """Those of the columns that are known; another one becomes an attribute of its name."""

    def __missing__(self, column: str) -> Way:
        return self.setdefault(column, (column, own))


@define
class ProfileMapping:
    """Makes records for ``ProfileSync``."""

    id_column: str
    columns: Sequence[ColumnMapping]
    _ways: Mapping[str, Way] = field(init=False)

    def __attrs_post_init__(self) -> None:
        ways = _Converters({mapping.column: (mapping.attribute, converter(mapping.type)) for mapping in self.columns})
        ways[self.id_column] = (None, identifier)
        self._ways = ways

    def record(self, row: Row | BrokenRow) -> Record:
        """The record of a row, or one that says why there is none."""
        if isinstance(row, BrokenRow):
            return InvalidRecord(row.content, row.message)
        try:
            return {"integrationId": identifier(row.get(self.id_column)), "attributes": self._attributes(row)}
        except ConversionError:
            return self._unfit(row)

    def _attributes(self, row: Row) -> Record:
        ways, attributes = self._ways, {}
        for column, value in row.items():  # the innermost loop of a job
            attribute, convert = ways[column]
            if attribute is not None:
                attributes[attribute] = convert(value)
        return attributes

    def _unfit(self, row: Row) -> InvalidRecord:
        """The row as it is, with everything that is wrong about it."""
        reasons = [self._reason(column, row) for column in (self.id_column, *row)]
        attributes = {
            attribute: value for column, value in row.items() if (attribute := self._ways[column][0]) is not None
        }
        members = {"integrationId": row.get(self.id_column), "attributes": attributes}
        return InvalidRecord(members, "; ".join(dict.fromkeys(filter(None, reasons))))

    def _reason(self, column: str, row: Row) -> str | None:
        attribute, convert = self._ways[column]
        if attribute is None and column != self.id_column:
            return None
        try:
            convert(row.get(column))
        except ConversionError as failure:
            return f"{column} {failure}{self._hint(column)}"
        return None

    def _hint(self, column: str) -> str:
        """What to do where the type was guessed."""
        guessed = [mapping for mapping in self.columns if mapping.column == column and mapping.origin == INFERRED]
        return f" (its first rows are; --column {column}=:text sends text)" if guessed else ""
