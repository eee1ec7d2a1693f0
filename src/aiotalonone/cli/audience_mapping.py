"""How a row becomes what a customer does to an audience."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from attrs import frozen

from aiotalonone.bulk import InvalidRecord
from aiotalonone.cli.columns import require_columns
from aiotalonone.cli.records import Record
from aiotalonone.cli.rows import BrokenRow, FileColumn, Row
from aiotalonone.cli.values import ConversionError, identifier, whole_number

ACTIONS: Final = frozenset({"add", "delete"})


@frozen(kw_only=True)
class AudienceMapping:
    """Makes records for ``AudienceSync``; audience and action are each the same for all rows, or a column's."""

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
            return InvalidRecord(row.content, row.message)
        members = self._members(row)
        try:
            return {
                "action": action(members["action"]),
                "profileIntegrationId": identifier(members["profileIntegrationId"]),
                "audienceId": whole_number(members["audienceId"]),
            }
        except ConversionError:
            return InvalidRecord(members, "; ".join(self._reasons(members)))

    def _members(self, row: Row) -> Record:
        return {
            "action": self.action if self.action_column is None else row.get(self.action_column),
            "profileIntegrationId": row.get(self.id_column),
            "audienceId": self.audience if self.audience_column is None else row.get(self.audience_column),
        }

    def _reasons(self, members: Record) -> list[str]:
        """Everything that is wrong about a row."""
        checks: list[tuple[str | None, Callable[[Any], Any], str]] = [
            (self.action_column, action, "action"),
            (self.id_column, identifier, "profileIntegrationId"),
            (self.audience_column, whole_number, "audienceId"),
        ]
        reasons = []
        for column, convert, member in checks:
            try:
                convert(members[member])
            except ConversionError as failure:
                reasons.append(f"{column} {failure}")
        return reasons


def action(value: Any) -> str:
    """What a customer does.

    Raises:
        ConversionError: It is nothing that the API knows.
    """
    if isinstance(value, str) and value in ACTIONS:
        return value
    raise ConversionError("is neither add nor delete")
