"""How a row becomes a customer's profile."""

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from aiotalonone.cli.columns import Target
from aiotalonone.cli.records import Record, UnfitRecord
from aiotalonone.cli.rows import BrokenRow, Row
from aiotalonone.cli.values import ConversionError, Type, converted, identifier


class _Targets(dict[str, Target]):
    """Those of the columns that are known; another one becomes an attribute of its name."""

    def __missing__(self, column: str) -> Target:
        return self.setdefault(column, Target(column, column, Type.OWN, "the file"))


@frozen
class ProfileMapping:
    """Makes records for ``ProfileSync``."""

    id_column: str
    targets: Sequence[Target]
    _by_column: Mapping[str, Target] = field(init=False)

    def __attrs_post_init__(self) -> None:
        id_target = Target(self.id_column, None, Type.OWN, "")
        found = _Targets({target.column: target for target in (id_target, *self.targets)})
        object.__setattr__(self, "_by_column", found)

    def record(self, row: Row | BrokenRow) -> Record:
        """The record of a row, or one that says why there is none."""
        if isinstance(row, BrokenRow):
            return UnfitRecord(row.content, row.message)
        try:
            return {"integrationId": identifier(row.get(self.id_column)), "attributes": self._attributes(row)}
        except ConversionError:
            return self._unfit(row)

    def _attributes(self, row: Row) -> Record:
        by_column = self._by_column
        return {
            target.attribute: converted(value, target.type)
            for column, value in row.items()
            if (target := by_column[column]).attribute is not None
        }

    def _unfit(self, row: Row) -> UnfitRecord:
        """The row as it is, with everything that is wrong about it."""
        reasons = [self._reason(column, row) for column in (self.id_column, *row)]
        attributes = {
            attribute: value
            for column, value in row.items()
            if (attribute := self._by_column[column].attribute) is not None
        }
        members = {"integrationId": row.get(self.id_column), "attributes": attributes}
        return UnfitRecord(members, "; ".join(dict.fromkeys(filter(None, reasons))))

    def _reason(self, column: str, row: Row) -> str | None:
        target, value = self._by_column[column], row.get(column)
        try:
            if column == self.id_column:
                identifier(value)
            elif target.attribute is not None:
                converted(value, target.type)
        except ConversionError as failure:
            guessed = f" (a {target.type.value} by its first rows; --column {column}=:text sends text)"
            return f"{column} {failure}{guessed if target.origin == 'inferred' else ''}"
        return None
