"""``aiotalonone audiences``: sync a file's rows as memberships of audiences."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from attrs import define, field

from aiotalonone.bulk import AudienceSync, InvalidRecord
from aiotalonone.cli.columns import require_columns
from aiotalonone.cli.commands import Command, Group
from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.options import SYNC_EXIT_CODES, SyncOptions, job_files, open_source, with_options
from aiotalonone.cli.records import Record
from aiotalonone.cli.rows import FileColumn, InvalidRow, Row, Rows
from aiotalonone.cli.sync import Sync, is_empty
from aiotalonone.cli.values import ConversionError, identifier, verbatim_identifier, whole_number

audiences: Final = typer.Typer(help="Members of audiences.", no_args_is_help=True, cls=Group)


class Action(StrEnum):
    """What to do with a customer."""

    ADD = "add"
    DELETE = "delete"


_MEMBERS: Final = ("action", "profileIntegrationId", "audienceId")

Audience = Annotated[int | None, typer.Option(metavar="ID", help="The audience of all rows.")]
AudienceColumn = Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of the audiences' IDs instead.")]
ActionOption = Annotated[
    Action | None, typer.Option(help="Whether customers join or leave an audience.", show_default="add")
]
ActionColumn = Annotated[str | None, typer.Option(metavar="COLUMN", help="Column with add or delete instead.")]


@audiences.callback()
def group() -> None:
    """Manage the members of audiences."""


@audiences.command(cls=Command, epilog=SYNC_EXIT_CODES)
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
    files = job_files(options, "audiences")
    if options.retry_rejects is not None:
        if audience is not None or audience_column or action or action_column:
            raise CommandError("a rejects file has an audience and an action in each of its records")
        action_column, options_id, audience_column = _MEMBERS
    else:
        options_id = options.id_column or ""
        if (audience is None) == (audience_column is None):
            raise CommandError("give either --audience or --audience-column")
        if action is not None and action_column is not None:
            raise CommandError("give either --action or --action-column")
    rows = open_source(options, _MEMBERS)
    mapping = AudienceMapping(
        id_column=options_id,
        audience=audience,
        audience_column=audience_column,
        action=action or Action.ADD,
        action_column=action_column,
        verbatim_ids=options.verbatim_ids,
    )
    columns = rows.columns()
    if columns or not is_empty(rows):
        mapping.require(columns, rows.hint(options_id))
    task = Sync(
        files=files,
        job=AudienceSync,
        rows=rows,
        mapping=mapping,
        options=options,
        campaigns=_campaigns(rows, mapping),
    )
    raise typer.Exit(task.run())


@define(kw_only=True)
class AudienceMapping:
    """Makes records for ``AudienceSync``; audience and action are constant or have a column each."""

    id_column: str
    audience: int | None
    audience_column: str | None
    action: str
    action_column: str | None
    verbatim_ids: bool = False
    """Whether IDs are taken as they are."""
    trimmed: int = field(default=0, init=False)
    """IDs that had blanks around them."""

    @property
    def needed(self) -> Collection[str]:
        """The columns that are named."""
        named = (self.id_column, self.audience_column, self.action_column)
        return [name for name in named if name is not None]

    def require(self, columns: Sequence[FileColumn], hint: str = "") -> None:
        """Check that the file has all columns that are named.

        Raises:
            CommandError: A column is missing; the message ends with the hint, or the columns' names.
        """
        require_columns(columns, self.needed, hint)

    def notices(self) -> Iterator[str]:
        """Yield what its user should know about the rows so far, a line each."""
        if self.trimmed:
            yield f"Blanks around {self.trimmed:,} {'ID' if self.trimmed == 1 else 'IDs'} were removed."

    def to_record(self, row: Row | InvalidRow) -> Record:
        """Return the record of a row, or one that says why the row is invalid."""
        if isinstance(row, InvalidRow):
            return InvalidRecord(row.content, row.message)
        members = self._members(row)
        found = members["profileIntegrationId"]
        try:
            record = {
                "action": _action(members["action"]),
                "profileIntegrationId": self._identifier(found),
                "audienceId": whole_number(members["audienceId"]),
            }
        except ConversionError:
            return InvalidRecord(members, "; ".join(self._reasons(members)))
        if record["profileIntegrationId"] != found and isinstance(found, str):
            self.trimmed += 1
        return record

    @property
    def _identifier(self) -> Callable[[Any], str]:
        return verbatim_identifier if self.verbatim_ids else identifier

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
            (self.id_column, self._identifier, "profileIntegrationId"),
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
        records = map(dict, map(mapping.to_record, rows.read(mapping.needed)))
        numbers = {number for record in records if isinstance(number := record.get("audienceId"), int)}
        mapping.trimmed = 0
        return {"audiences": [{"id": number, "name": f"audience {number}"} for number in sorted(numbers)]}

    return make
