"""The options that commands share, each declared once; and the files of a job, which follow from them.

A command that takes an options class as its parameter ``options`` is decorated with `with_options`. A new option is
one attribute of the class.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from inspect import Parameter, signature
from math import inf
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any, Final

import attrs
import typer
from attrs import field, frozen

from aiotalonone.bulk.checkpoint import is_unfinished
from aiotalonone.bulk.journal import is_same_file
from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.rows import Format, RejectedRows, Rows, open_rows
from aiotalonone.cli.rows.base import STDIN, File
from aiotalonone.settings import BASE_URL_VARIABLE, CA_FILE_VARIABLE, PROXY_VARIABLE

SYNC_EXIT_CODES: Final = """\b
Exit codes:
  0  All records were accepted.
  2  Nothing was sent: the command, FILE or the job's files cannot be used.
  3  Some records were rejected; --rejects has them.
  4  Stopped or interrupted; --resume resumes the job."""

_DELIMITERS: Final[Mapping[str, str]] = {"tab": "\t", "\\t": "\t"}
"""Words for delimiters that are hard to type."""
_JOB_NAME: Final = re.compile(r"[^/\\]*[^/\\.][^/\\]*")
_NOT_UTF8: Final = re.compile("[\ud800-\udfff]")
"""Bytes of a file's name that are not UTF-8, as Python has them."""


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
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Max. time for a request, its connection included.")
    ] = None
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Use a local Talon.One, for this command alone.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", help="Log each request on stderr, without its content.")] = False

    def __attrs_post_init__(self) -> None:
        if self.timeout is not None and not 0 < self.timeout < inf:
            raise CommandError("--timeout must be a number of seconds above 0")


@frozen(kw_only=True)
class SyncOptions(ConnectionOptions):
    """How to sync a file to Talon.One."""

    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help=".csv, .ndjson (both also .gz) or .parquet; - is standard input.",
            show_default=False,
        ),
    ] = None
    id_column: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column of the integration IDs, or SKUs; required with FILE."),
    ] = None
    retry_rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Send the records in the rejects file of an earlier job, perhaps repaired, instead of FILE.",
        ),
    ] = None
    file_format: Annotated[
        Format | None, typer.Option("--format", help="Format of FILE, if its name does not say it.")
    ] = None
    delimiter: Annotated[
        str | None, typer.Option(metavar="CHARACTER", help="What separates the cells of CSV; tab for a tab. Default: ,")
    ] = None
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding of CSV, such as cp1252. Default: UTF-8")
    ] = None
    verbatim_ids: Annotated[
        bool,
        typer.Option(
            "--verbatim-ids", help="Take IDs as they are, even with blanks around them or in scientific notation."
        ),
    ] = False
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
    concurrency: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="Max. requests in flight.")] = 16
    rejects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="File for rejected records, instead of NAME.rejects.ndjson."),
    ] = None
    redact: Annotated[bool, typer.Option("--redact", help="Keep values and IDs out of that file.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check all of FILE, and send nothing.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", help="Show only errors, and the report on stdout.")] = False
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
    source = source_of(options)
    name = _NOT_UTF8.sub("_", options.job or _default_name(options, kind))
    if not _JOB_NAME.fullmatch(name):
        raise CommandError("--job must be a name, not a path; run the command in the directory for the job's files")
    if options.sandbox:
        name += ".sandbox"
    files = JobFiles(name, Path(f"{name}.sqlite"), options.rejects or Path(f"{name}.rejects.ndjson"))
    if any(is_same_file(files.rejects, other) for other in (source, files.checkpoint)):
        raise CommandError("--rejects must not be the input file or the checkpoint")
    return files


def source_of(options: SyncOptions) -> Path:
    """Return the path of the records, ``-`` for standard input.

    Raises:
        CommandError: Options are missing, or cannot be used together, or are not valid.
    """
    if options.quiet and options.verbose:
        raise CommandError("choose either --quiet or --verbose")
    if options.rate is not None and not 0 < options.rate < inf:
        raise CommandError("--rate must be a number of requests per second above 0")
    if (options.file is None) == (options.retry_rejects is None):
        raise CommandError("give either FILE or --retry-rejects")
    if options.retry_rejects is not None:
        if options.id_column or options.file_format or options.delimiter or options.encoding:
            raise CommandError("--id-column, --format, --delimiter and --encoding are for FILE, not --retry-rejects")
        return options.retry_rejects
    if options.id_column is None:
        raise CommandError("--id-column is missing: it names the column of the integration IDs, or of the SKUs")
    if options.delimiter is not None:
        _require_delimiter(options.delimiter)
    if options.encoding is not None:
        _require_encoding(options.encoding)
    return options.file or STDIN


def open_source(options: SyncOptions, members: Collection[str]) -> Rows:
    """Return the rows of a job: those of FILE, or of the records in a rejects file, which have these members.

    Raises:
        CommandError: The options cannot be used.
        UnreadableFileError: The file cannot be read.
        OSError: The file cannot be opened.
    """
    source = source_of(options)
    if options.retry_rejects is not None:
        return RejectedRows(File(source), members)
    delimiter = None if options.delimiter is None else _DELIMITERS.get(options.delimiter.lower(), options.delimiter)
    return open_rows(source, options.file_format, delimiter=delimiter, encoding=options.encoding)


def require_resume_or_restart(files: JobFiles, options: SyncOptions) -> None:
    """Check that an unfinished job is explicitly resumed or restarted, and that its files can be written.

    In the sandbox a job always starts from the first record, since an embedded sandbox starts empty.

    Raises:
        CommandError: Neither option is given, or both, or a file cannot be written.
        CheckpointError: The job's checkpoint is a file of another kind.
    """
    require_one_of_both(options)
    if is_unfinished(files.checkpoint) and not (options.resume or options.restart or options.sandbox):
        raise unfinished_job(files)
    for path in (files.checkpoint, files.rejects):
        require_writable(path)


def require_one_of_both(options: SyncOptions) -> None:
    """Check that a job is not to be both resumed and restarted.

    Raises:
        CommandError: It is.
    """
    if options.resume and options.restart:
        raise CommandError("choose either --resume, which resumes the job, or --restart, which restarts it")


def unfinished_job(files: JobFiles) -> CommandError:
    """Return the error of a job that is neither resumed nor restarted."""
    return CommandError(f"the job {files.name} is not finished: --resume resumes it, --restart restarts it")


def _default_name(options: SyncOptions, kind: str) -> str:
    if options.retry_rejects is not None:
        return options.retry_rejects.name.removesuffix(".ndjson").removesuffix(".rejects") + ".retry"
    return f"{'stdin' if options.file in (None, STDIN) else options.file.name}.{kind}"


def require_writable(path: Path) -> None:
    """Check that a file can be written, and leave it and its folder as they are.

    Raises:
        CommandError: It cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            raise CommandError(f"{path} cannot be written: it is not a regular file")
        # A new file of this name could be removed only while another run of the job may have opened it.
        with path.open("ab") if path.exists() else TemporaryFile(dir=path.parent):
            pass
    except OSError as failure:
        raise CommandError(f"{path} cannot be written: {failure.strerror}") from None


def _require_delimiter(text: str) -> None:
    if text.lower() not in _DELIMITERS and (len(text) != 1 or text in '"\r\n '):
        raise CommandError("--delimiter must be one character, neither a quote nor a blank, or the word tab")


def _require_encoding(name: str) -> None:
    try:
        "".encode(name)
    except (LookupError, UnicodeError):
        raise CommandError(f"--encoding {name} is not known; such as cp1252, latin-1, utf-16 or shift_jis") from None
