"""A sync of a file, whatever its rows are: reads it, runs it as a job, and shows the result."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import field, frozen

from aiotalonone.bulk import CheckpointError, JobStoppedError, Report, SourceChangedError
from aiotalonone.bulk.checkpoint import JobRunningError, is_unfinished
from aiotalonone.bulk.job import Job
from aiotalonone.bulk.source import Source
from aiotalonone.cli.console import Screen, describe_total, print_to_stderr, show_table, stop_on_signals
from aiotalonone.cli.exit_codes import CommandError, ExitCode
from aiotalonone.cli.options import JobFiles, SyncOptions, require_resume_or_restart, source_of
from aiotalonone.cli.output import Result, dry_run, show_result
from aiotalonone.cli.records import Record, Records
from aiotalonone.cli.rows import InvalidRow, Row, Rows, UnreadableFileError
from aiotalonone.cli.target import Target, connection_hint, failure_hint, resolve_target
from aiotalonone.errors import Outcome, TalonOneError
from aiotalonone.pipeline.log import LOG_VARIABLE

_RESUME: Final = "The job is not finished: the same command with --resume resumes it."
_RESTART: Final = "Nothing was stored: the same command starts from the first record again."
_IN_THE_SANDBOX: Final = (
    "The job is not finished; the next one starts from the first record, as the embedded sandbox does."
)
"""What the next run does, for the last line of a job that is not finished."""


class RowMapping(Protocol):
    """Makes records of rows."""

    @property
    def needed(self) -> Collection[str]:
        """The columns that records are made of."""
        ...

    def to_record(self, row: Row | InvalidRow) -> Record:
        """Return the record of a row, or one that says why the row is invalid."""
        ...

    def notices(self) -> Iterator[str]:
        """Yield what the user should know about the rows so far, a line each."""
        ...


class EngineRun(Protocol):
    """Runs a job elsewhere than in this process."""

    def check(self, files: JobFiles, options: SyncOptions) -> None:
        """Check that the options can be used.

        Raises:
            CommandError: They cannot.
        """
        ...

    def run(self, rows: Rows, files: JobFiles, options: SyncOptions) -> Result:
        """Run the job, and return how it ended."""
        ...


@frozen(kw_only=True)
class Sync:
    """What to send to Talon.One, and how."""

    files: JobFiles
    job: type[Job]
    rows: Rows
    mapping: RowMapping
    options: SyncOptions
    settings: Mapping[str, Any] = field(factory=dict)
    """What this kind of job takes besides the options of every job."""
    campaigns: Callable[[], Mapping[str, Any]] = dict
    """Makes the campaign file of an embedded sandbox."""
    columns: Sequence[tuple[str, str, str, str]] = ()
    """Column, attribute, type and its origin, to show."""
    engine: EngineRun | None = None
    """What runs the job; ``None`` for this process."""

    def run(self) -> ExitCode:
        """Run the sync, and return the command's exit code.

        Raises:
            CommandError: The options or the job's files cannot be used. Nothing was sent.
            CheckpointError: The checkpoint cannot be used. Nothing was sent.
            OSError: A file cannot be opened. Nothing was sent.
        """
        options = self.options
        if not options.dry_run:
            (self.engine.check if self.engine else require_resume_or_restart)(self.files, options)
        if not options.quiet:
            self._show_source()
        if options.dry_run:
            records = self._records()
            code = asyncio.run(dry_run(self.job, records, self.rows.first_row_number, as_json=options.as_json))
        else:
            result = self.engine.run(self.rows, self.files, options) if self.engine else self._result_here()
            show_result(result, as_json=options.as_json, is_quiet=options.quiet)
            code = result.exit_code
        if not options.quiet:
            for notice in self.mapping.notices():
                print_to_stderr(notice)
        return code

    def _records(self) -> Records:
        return Records(self.rows, self.mapping.to_record, self.mapping.needed)

    def _show_source(self) -> None:
        if self.columns:
            show_table("The columns", ("column", "attribute", "type", "from"), self.columns)
        for notice in self.rows.notices:
            print_to_stderr(notice)
        if is_empty(self.rows, self.mapping.needed):
            print_to_stderr(f"Warning: {source_of(self.options)} has no rows.")
        if self.options.sandbox and self.options.resume:
            print_to_stderr("An embedded sandbox starts empty: --resume starts from the first record there.")

    def _result_here(self) -> Result:
        target = resolve_target(self.options, self.campaigns() if self.options.sandbox else None)
        results: list[Result] = []
        try:
            asyncio.run(self._run_at(target, results.append))
        except KeyboardInterrupt:
            if not results:  # otherwise the client was about to be closed
                raise
        return results[0]

    async def _run_at(self, target: Target, end: Callable[[Result], None]) -> None:
        options, files = self.options, self.files
        is_new = not files.checkpoint.exists()
        may_forget = options.restart or is_new or not is_unfinished(files.checkpoint)
        async with target.client() as client:
            try:
                job = self.job(
                    client,
                    job=f"{files.name} at {target.name}",  # what one host has stored, another one has not
                    rejects=files.rejects,
                    checkpoint=files.checkpoint,
                    redact=options.redact,
                    rate=options.rate,
                    concurrency=options.concurrency,
                    **self.settings,
                )
            except ValueError as failure:
                raise CommandError(str(failure)) from None
            try:
                end(await self._run(job, may_forget=may_forget))
            except CommandError as failure:
                if is_new and not isinstance(failure.__cause__, JobRunningError):
                    _remove(files.checkpoint)
                raise

    async def _run(self, job: Job, *, may_forget: bool) -> Result:
        options, files = self.options, self.files
        next_step = _IN_THE_SANDBOX if options.sandbox else _RESUME
        screen = Screen(
            files.rejects,
            connection_hint,
            is_counted=self.rows.is_counted,
            is_quiet=options.quiet,
            has_log=options.verbose or LOG_VARIABLE in os.environ,
        )
        figures, error = None, None
        try:
            figures = await _run_with_progress(job, self._records(), screen, restart=options.restart or options.sandbox)
        except JobStoppedError as stopped:
            figures, error = stopped.report, describe_stop(stopped, files)
            if may_forget and not options.sandbox and _has_stored_nothing(stopped):
                next_step = _RESTART
                _remove(files.checkpoint)
        except SourceChangedError:
            raise changed_source(options, files) from None
        except (UnreadableFileError, CheckpointError, OSError, sqlite3.Error) as failure:
            error = describe_failure(failure)
            if not job.snapshot().requests and not isinstance(failure, UnreadableFileError):
                raise CommandError(error) from failure
        except asyncio.CancelledError:
            pass
        snapshot = job.snapshot()
        return Result(
            files=files,
            checkpoint=str(files.checkpoint),
            first_row_number=self.rows.first_row_number,
            figures=figures or snapshot,
            reasons=screen.reasons,
            total=describe_total(snapshot, is_counted=self.rows.is_counted) or f"{snapshot.records:,}",
            error=error,
            next_step=next_step,
        )


def is_empty(rows: Rows, columns: Collection[str] | None = None) -> bool:
    """Return whether there is no row at all; of the first ones, only these columns are decoded."""
    with closing(rows.read(columns)) as found:
        return next(found, None) is None


def describe_stop(stopped: JobStoppedError, files: JobFiles) -> str:
    """Return why a job stopped, and what to do."""
    line, cause = str(stopped.args[0]).replace(repr(stopped.report.job), files.name), stopped.__cause__
    hint = failure_hint(cause) if isinstance(cause, TalonOneError) else ""
    return f"{line}. {hint}" if hint else line


def changed_source(options: SyncOptions, files: JobFiles) -> CommandError:
    """Return the error of a job that is resumed with other records than it was started with."""
    return CommandError(
        f"{source_of(options)} or its options have changed since the job {files.name} was started: "
        "resume it with the same ones, or restart it with --restart"
    )


def describe_failure(failure: Exception) -> str:
    """Return a failure to read or write a file in one line."""
    if isinstance(failure, OSError) and failure.strerror:
        return f"{failure.filename}: {failure.strerror}" if failure.filename else failure.strerror
    if isinstance(failure, sqlite3.Error):
        return f"the checkpoint cannot be written: {failure}"
    return str(failure)


def _has_stored_nothing(stopped: JobStoppedError) -> bool:
    """Return whether a job has left nothing that another one would repeat, neither at the API nor as a reject."""
    report = stopped.report
    return not (report.accepted or report.rejected) and stopped.outcome in (Outcome.NOT_SENT, Outcome.REJECTED)


def _remove(checkpoint: Path) -> None:
    with suppress(OSError):
        checkpoint.unlink(missing_ok=True)


async def _run_with_progress(job: Job, records: Source, screen: Screen, *, restart: bool) -> Report:
    running = asyncio.create_task(job.run(records, restart=restart))
    with stop_on_signals(job, running, screen):
        await screen.show_progress(job)
        return await running
