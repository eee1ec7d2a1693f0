"""``aiotalonone audiences``: sync a file's rows as memberships of audiences."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from attrs import frozen

from aiotalonone.bulk import AudienceSync, InvalidRecord
from aiotalonone.cli.columns import require_columns
from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.options import SYNC_EXIT_CODES, SyncOptions, with_options
from aiotalonone.cli.records import Record
from aiotalonone.cli.rows import FileColumn, InvalidRow, Row, Rows, open_rows
from aiotalonone.cli.sync import Sync
from aiotalonone.cli.values import ConversionError, identifier, whole_number

audiences: Final = typer.Typer(help="Members of audiences.", no_args_is_help=True)


class Action(StrEnum):
    """What to do with a customer."""

    ADD = "add"
    DELETE = "delete"


Audience = Annotated[int | None, typer.Option(metavar="ID", help="The audience of all rows.")]
AudienceColumn = Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of the audiences' IDs instead.")]
ActionOption = Annotated[
    Action | None, typer.Option(help="Whether customers join or leave an audience.", show_default="add")
]
ActionColumn = Annotated[str | None, typer.Option(metavar="COLUMN", help="Column with add or delete instead.")]


@audiences.callback()
def group() -> None:
    """Manage the members of audiences."""


@audiences.command(epilog=SYNC_EXIT_CODES)
@with_options(SyncOptions)
def sync(
    *,
    audience: Audience = None,
    audience_column: AudienceColumn = None,
    action: ActionOption = None,
    action_column: ActionColumn = None,
    options: SyncOptions,
) -> None:
    """Add the customers in a file to audiences, or remove them, 1000 in a request."""
    if (audience is None) == (audience_column is None):
        raise CommandError("give either --audience or --audience-column")
    if action is not None and action_column is not None:
        raise CommandError("give either --action or --action-column")
    rows = open_rows(options.file)
    mapping = AudienceMapping(
        id_column=options.id_column,
        audience=audience,
        audience_column=audience_column,
        action=action or Action.ADD,
        action_column=action_column,
    )
    mapping.require(rows.columns())
    task = Sync(
        kind="audiences",
        job=AudienceSync,
        rows=rows,
        to_record=mapping.to_record,
        options=options,
        campaigns=_campaigns(rows, mapping),
    )
    raise typer.Exit(task.run())


@frozen(kw_only=True)
class AudienceMapping:
    """Makes records for ``AudienceSync``; audience and action are constant or have a column each."""

    id_column: str
    audience: int | None
    audience_column: str | None
    action: str
    action_column: str | None

    def require(self, columns: Sequence[FileColumn]) -> None:
        """Check that the file has all columns that are named.

        Raises:
            CommandError: A column is missing.
        """
        named = (self.id_column, self.audience_column, self.action_column)
        require_columns(columns, [name for name in named if name is not None])

    def to_record(self, row: Row | InvalidRow) -> Record:
        """Return the record of a row, or one that says why the row is invalid."""
        if isinstance(row, InvalidRow):
            return InvalidRecord(row.content, row.message)
        members = self._members(row)
        try:
            return {
                "action": _action(members["action"]),
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
        """Return everything that is wrong with a row."""
        checks: list[tuple[str | None, Callable[[Any], Any], str]] = [
            (self.action_column, _action, "action"),
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


def _action(value: Any) -> str:
    if value in (Action.ADD.value, Action.DELETE.value):
        return str(value)
    raise ConversionError("is neither add nor delete")


def _campaigns(rows: Rows, mapping: AudienceMapping) -> Callable[[], Mapping[str, Any]]:
    """Return what makes a campaign file with the audiences that the rows name; a deployment would have them already."""

    def make() -> Mapping[str, Any]:
        records = map(dict, map(mapping.to_record, rows.read()))
        numbers = {number for record in records if isinstance(number := record.get("audienceId"), int)}
        return {"audiences": [{"id": number, "name": f"audience {number}"} for number in sorted(numbers)]}

    return make
