"""``aiotalonone audiences``: a file's rows as what customers do to audiences."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from aiotalonone.bulk import AudienceSync
from aiotalonone.cli import options
from aiotalonone.cli.audience_mapping import AudienceMapping
from aiotalonone.cli.exits import CommandError
from aiotalonone.cli.records import Mapper
from aiotalonone.cli.rows import Rows, rows_of
from aiotalonone.cli.sync import Sync

audiences: Final = typer.Typer(help="Who belongs to which audience.", no_args_is_help=True)


class Action(StrEnum):
    """What a customer does to an audience."""

    ADD = "add"
    DELETE = "delete"


Audience = Annotated[int | None, typer.Option(metavar="ID", help="The audience of all rows.")]
AudienceColumn = Annotated[str | None, typer.Option(metavar="COLUMN", help="Has the audience's ID instead.")]
ActionOption = Annotated[Action | None, typer.Option(help="Whether the customers join or leave.", show_default="add")]
ActionColumn = Annotated[str | None, typer.Option(metavar="COLUMN", help="Has add or delete instead.")]


@audiences.callback()
def group() -> None:
    """Who belongs to which audience."""


@audiences.command()
def sync(
    file: options.File,
    *,
    id_column: options.IdColumn,
    audience: Audience = None,
    audience_column: AudienceColumn = None,
    action: ActionOption = None,
    action_column: ActionColumn = None,
    job: options.Job = None,
    resume: options.Resume = False,
    restart: options.Restart = False,
    rate: options.Rate = None,
    rejects: options.Rejects = None,
    redact: options.Redact = False,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
    base_url: options.BaseUrl = None,
    proxy: options.Proxy = None,
    ca_file: options.CaFile = None,
    sandbox: options.Sandbox = False,
) -> None:
    """Let the customers in a file join or leave audiences, 1000 in a request.

    \b
    Exit codes:
      0  Every record was accepted.
      2  Nothing was sent: the command, FILE or the job's files do not fit.
      3  Some records were not accepted; --rejects has them.
      4  Stopped, or broken off; --resume goes on.
    """  # noqa: D301 - a backspace, which keeps the lines below it as they are
    if (audience is None) == (audience_column is None):
        raise CommandError("give either --audience or --audience-column")
    if action is not None and action_column is not None:
        raise CommandError("give either --action or --action-column")
    rows = rows_of(file)
    mapping = AudienceMapping(
        id_column=id_column,
        audience=audience,
        audience_column=audience_column,
        action=action or Action.ADD,
        action_column=action_column,
    )
    mapping.require(rows.columns())
    asked = options.SyncOptions(
        file=file,
        job=job,
        resume=resume,
        restart=restart,
        rate=rate,
        rejects=rejects,
        redact=redact,
        dry_run=dry_run,
        as_json=as_json,
        base_url=base_url,
        proxy=proxy,
        ca_file=ca_file,
        sandbox=sandbox,
    )
    task = Sync(
        kind="audiences",
        job=AudienceSync,
        rows=rows,
        record_of=mapping.record,
        options=asked,
        campaigns=_campaigns(rows, mapping.record),
    )
    raise typer.Exit(task.run())


def _campaigns(rows: Rows, record_of: Mapper) -> Callable[[], Mapping[str, Any]]:
    """A sandbox's campaign file with the audiences that a file names: an account would have them already."""
    return lambda: {
        "audiences": [{"id": number, "name": f"audience {number}"} for number in _audiences(rows, record_of)]
    }


def _audiences(rows: Rows, record_of: Mapper) -> Iterable[int]:
    records = map(record_of, rows.read())
    return sorted({number for record in records if isinstance(number := dict(record)["audienceId"], int)})
