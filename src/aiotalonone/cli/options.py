"""The options that several commands have, in one wording."""

from pathlib import Path
from typing import Annotated

import typer
from attrs import field, frozen

from aiotalonone.settings import BASE_URL_VARIABLE, CA_FILE_VARIABLE, PROXY_VARIABLE

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
        help="Of NAME.sqlite, what the job remembers, and NAME.rejects.ndjson; FILE's name where it is left out.",
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the job where it was not finished.")]
Restart = Annotated[bool, typer.Option("--restart", help="Begin anew where it was not finished.")]
Rate = Annotated[
    float | None,
    typer.Option(metavar="NUMBER", help="Requests per second, at most."),
]
Rejects = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        help="Takes the records that were not accepted, instead of NAME.rejects.ndjson.",
    ),
]
Redact = Annotated[bool, typer.Option("--redact", help="Keep attributes' values out of that file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and check all of the file, and send nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="The report as one JSON document.")]
BaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", envvar=BASE_URL_VARIABLE, help="Your deployment."),
]
Proxy = Annotated[
    str | None,
    typer.Option(metavar="URL", help=f"Connect through this proxy; or {PROXY_VARIABLE}, which may hold a password."),
]
CaFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help=f"Certificate authorities to trust, in PEM, instead of the system's; or {CA_FILE_VARIABLE}.",
    ),
]
Sandbox = Annotated[
    bool,
    typer.Option("--sandbox", help="A local Talon.One, for this command alone."),
]


@frozen(kw_only=True)
class ConnectionOptions:
    """Where to call, and through what."""

    base_url: str | None
    proxy: str | None = field(repr=False)
    ca_file: str | None
    sandbox: bool


@frozen(kw_only=True)
class SyncOptions(ConnectionOptions):
    """How to send a file to Talon.One."""

    file: Path
    job: str | None
    resume: bool
    restart: bool
    rate: float | None
    rejects: Path | None
    redact: bool
    dry_run: bool
    as_json: bool
