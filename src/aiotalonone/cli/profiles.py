"""``aiotalonone profiles``: a file's rows as customers' profiles."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from aiotalonone.bulk import ProfileSync
from aiotalonone.cli import options
from aiotalonone.cli.columns import ColumnMapping, map_columns, parse_column_option
from aiotalonone.cli.profile_mapping import ProfileMapping
from aiotalonone.cli.rows import rows_of
from aiotalonone.cli.screen import console, table
from aiotalonone.cli.sync import Sync

profiles: Final = typer.Typer(help="Customers' profiles.", no_args_is_help=True)

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="COLUMN=attributes.NAME:TYPE",
        help="Another name or type for a column's attribute; may be repeated. "
        "COLUMN=:TYPE keeps the name, COLUMN= leaves the column out. "
        "Types: text, number, boolean, time, list.",
    ),
]


@profiles.callback()
def group() -> None:
    """Customers' profiles."""


@profiles.command()
def sync(
    file: options.File,
    *,
    id_column: options.IdColumn,
    column: Columns = None,
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
    """Set the attributes of the profiles in a file, 1000 in a request.

    Every column but that of the IDs becomes an attribute of its name. What a row has no value for stays as it is.

    \b
    Exit codes:
      0  Every record was accepted.
      2  Nothing was sent: the command, FILE or the job's files do not fit.
      3  Some records were not accepted; --rejects has them.
      4  Stopped, or broken off; --resume goes on.
    """  # noqa: D301 - a backspace, which keeps the lines below it as they are
    rows = rows_of(file)
    mapping = ProfileMapping(
        id_column, map_columns(rows.columns(), id_column, list(map(parse_column_option, column or ())))
    )
    _show(mapping.columns, id_column)
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
    task = Sync(kind="profiles", job=ProfileSync, rows=rows, record_of=mapping.record, options=asked)
    raise typer.Exit(task.run())


def _show(mappings: Sequence[ColumnMapping], id_column: str) -> None:
    shown = table("The columns", "column", "attribute", "type", "from")
    shown.add_row(id_column, "(integration ID)", "text", "--id-column")
    for mapping in mappings:
        if mapping.attribute is None:
            shown.add_row(mapping.column, "(left out)", "", mapping.origin)
        else:
            shown.add_row(mapping.column, mapping.attribute, mapping.type.value, mapping.origin)
    console().print(shown)
