"""The options that commands share, each declared once; and the files of a job, which follow from them.

A command that takes an options class as its parameter ``options`` is decorated with `with_options`. A new option is
one attribute of the class.
"""

import re
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, Final

import attrs
import typer
from attrs import field, frozen

from aiotalonone.bulk.checkpoint import is_unfinished
from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.settings import BASE_URL_VARIABLE, CA_FILE_VARIABLE, PROXY_VARIABLE

SYNC_EXIT_CODES: Final = """\b
Exit codes:
  0  All records were accepted.
  2  Nothing was sent: the command, FILE or the job's files cannot be used.
  3  Some records were rejected; --rejects has them.
  4  Stopped or interrupted; --resume resumes the job."""

_JOB_NAME: Final = re.compile(r"[^/\\]*[^/\\.][^/\\]*")


@frozen(kw_only=True)
class ConnectionOptions:
    """Where to connect to, and through what."""

    base_url: Annotated[str | None, typer.Option(metavar="URL", envvar=BASE_URL_VARIABLE, help="Your deployment.")] = (
        None
    )
    proxy: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help=f"Connect through this proxy; or {PROXY_VARIABLE}, which may hold a password."
        ),
    ] = field(default=None, repr=False)
    ca_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help=f"Certificate authorities to trust, in PEM, instead of the system's; or {CA_FILE_VARIABLE}.",
        ),
    ] = None
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Use a local Talon.One, for this command alone.")] = False


@frozen(kw_only=True)
class SyncOptions(ConnectionOptions):
    """How to sync a file to Talon.One."""

    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help=".csv, .ndjson (both also .gz) or .parquet",
        ),
    ]
    id_column: Annotated[str, typer.Option(metavar="COLUMN", help="Column of the customers' integration IDs.")]
    job: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Name of the job and its files, NAME.sqlite (its checkpoint) and NAME.rejects.ndjson; "
            "by default that of FILE.",
        ),
    ] = None
    resume: Annotated[bool, typer.Option("--resume", help="Resume the job if it is not finished.")] = False
    restart: Annotated[bool, typer.Option("--restart", help="Restart the job if it is not finished.")] = False
    rate: Annotated[float | None, typer.Option(metavar="NUMBER", help="Max. requests per second.")] = None
    rejects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="File for rejected records, instead of NAME.rejects.ndjson."),
    ] = None
    redact: Annotated[bool, typer.Option("--redact", help="Keep attributes' values out of that file.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check all of FILE, and send nothing.")] = False
    as_json: Annotated[bool, typer.Option("--json", help="Write the report as JSON.")] = False


def with_options(options_class: type[ConnectionOptions]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a class, whose instance it receives as ``options``."""
    own_first = sorted(attrs.fields(options_class), key=lambda attribute: attribute.inherited)
    shared = [
        Parameter(
            attribute.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if attribute.default is attrs.NOTHING else attribute.default,
            annotation=attribute.type,
        )
        for attribute in own_first
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [parameter for name, parameter in signature(command).parameters.items() if name != "options"]

        @wraps(command)
        def run(**values: Any) -> None:
            given = {parameter.name: values.pop(parameter.name) for parameter in shared}
            command(options=options_class(**given), **values)

        required_first = sorted([*own, *shared], key=lambda parameter: parameter.default is not Parameter.empty)
        run.__signature__ = signature(command).replace(parameters=required_first)  # type: ignore[attr-defined]
        return run

    return decorate


@frozen
class JobFiles:
    """A job's name, and its files in the working directory."""

    name: str
    checkpoint: Path
    rejects: Path


def job_files(options: SyncOptions, kind: str) -> JobFiles:
    """Return the files of a job; in the sandbox they have other names, since nothing was sent to the deployment.

    Raises:
        CommandError: The job's name is not a file name, or the rejects would overwrite another file of the job.
    """
    name = options.job or f"{options.file.name.partition('.')[0]}.{kind}"
    if not _JOB_NAME.fullmatch(name):
        raise CommandError("--job must be a name, not a path; run the command in the directory for the job's files")
    if options.sandbox:
        name += ".sandbox"
    files = JobFiles(name, Path(f"{name}.sqlite"), options.rejects or Path(f"{name}.rejects.ndjson"))
    if files.rejects.resolve() in (options.file.resolve(), files.checkpoint.resolve()):
        raise CommandError("--rejects must not be the input file or the checkpoint")
    return files


def require_resume_or_restart(files: JobFiles, options: SyncOptions) -> None:
    """Check that an unfinished job is explicitly resumed or restarted.

    Raises:
        CommandError: Neither option is given, or both.
        CheckpointError: The job's checkpoint is a file of another kind.
    """
    if options.resume and options.restart:
        raise CommandError("choose either --resume, which resumes the job, or --restart, which restarts it")
    if is_unfinished(files.checkpoint) and not (options.resume or options.restart):
        raise CommandError(f"the job {files.name} is not finished: --resume resumes it, --restart restarts it")
