"""How a row becomes what a customer does to an audience."""

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from aiotalonone.cli.columns import require_columns
from aiotalonone.cli.records import Record, UnfitRecord
from aiotalonone.cli.rows import BrokenRow, FileColumn, Row
from aiotalonone.cli.values import ConversionError, identifier

ACTIONS: Final = ("add", "delete")


@frozen(kw_only=True)
class AudienceMapping:
    """Makes records for ``AudienceSync``; of audience and action each is given once, or by a column."""

    id_column: str
    audience: int | None
    audience_column: str | None
    action: str
    action_column: str | None

    def require(self, columns: Sequence[FileColumn]) -> None:
        """That the file has what is named.

        Raises:
            CommandError: It has not.
        """
        named = (self.id_column, self.audience_column, self.action_column)
        require_columns(columns, [name for name in named if name is not None])

    def record(self, row: Row | BrokenRow) -> Record:
        """The record of a row, or one that says why there is none."""
        if isinstance(row, BrokenRow):
            return UnfitRecord(row.content, row.message)
        reasons = list(self._reasons(row))
        if reasons:
            return UnfitRecord(self._raw(row), "; ".join(reasons))
        raw = self._raw(row)
        return raw | {
            "profileIntegrationId": identifier(raw["profileIntegrationId"]),
            "audienceId": _whole_number(raw["audienceId"]),
        }

    def _raw(self, row: Row) -> Record:
        return {
            "action": self.action if self.action_column is None else row.get(self.action_column),
            "profileIntegrationId": row.get(self.id_column),
            "audienceId": self.audience if self.audience_column is None else row.get(self.audience_column),
        }

    def _reasons(self, row: Row) -> Iterator[str]:
        raw = self._raw(row)
        if raw["action"] not in ACTIONS:
            yield f"{self.action_column} is neither add nor delete"
        try:
            identifier(raw["profileIntegrationId"])
        except ConversionError as failure:
            yield f"{self.id_column} {failure}"
        if _whole_number(raw["audienceId"]) is None:
            yield f"{self.audience_column} is no whole number"


def _whole_number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
