"""The options that several commands have, in one wording."""

from pathlib import Path
from typing import Annotated

import typer
from attrs import frozen

from aiotalonone.settings import BASE_URL_VARIABLE

_CONNECTION = "Where to"
_JOB = "The job"
_OUTPUT = "What is shown"

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", exists=True, dir_okay=False, readable=True, help=".csv, .ndjson (both also .gz) or .parquet"
    ),
]
IdColumn = Annotated[str, typer.Option(metavar="COLUMN", help="Has the customers' integration IDs.")]
Job = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Names NAME.sqlite, what the job remembers, and NAME.rejects.ndjson.",
        show_default="of the file",
        rich_help_panel=_JOB,
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the job where it was not finished.", rich_help_panel=_JOB)
]
Restart = Annotated[
    bool, typer.Option("--restart", help="Begin anew where it was not finished.", rich_help_panel=_JOB)
]
Rate = Annotated[
    float | None,
    typer.Option(metavar="NUMBER", help="Requests per second, at most.", rich_help_panel=_JOB),
]
Rejects = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        help="Takes the records that were not accepted.",
        show_default="NAME.rejects.ndjson",
        rich_help_panel=_JOB,
    ),
]
Redact = Annotated[
    bool, typer.Option("--redact", help="Keep attributes' values out of that file.", rich_help_panel=_JOB)
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Read and check all of the file, and send nothing.", rich_help_panel=_OUTPUT)
]
AsJson = Annotated[
    bool, typer.Option("--json", help="The report as one JSON document.", rich_help_panel=_OUTPUT)
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL", envvar=BASE_URL_VARIABLE, help="Your deployment.", rich_help_panel=_CONNECTION
    ),
]
Sandbox = Annotated[
    bool,
    typer.Option("--sandbox", help="A local Talon.One, for this command alone.", rich_help_panel=_CONNECTION),
]


@frozen(kw_only=True)
class SyncOptions:
    """How a file is to be brought to Talon.One."""

    file: Path
    job: str | None
    resume: bool
    restart: bool
    rate: float | None
    rejects: Path | None
    redact: bool
    dry_run: bool
    as_json: bool
    base_url: str | None
    sandbox: bool
