"""A sync of a file, whatever its rows are: reads it, runs it as a job, and shows the result."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from aiotalonone.bulk import JobStoppedError, Report, SourceChangedError
from aiotalonone.bulk.job import Job
from aiotalonone.bulk.source import Source
from aiotalonone.cli.console import show_progress, stop_on_signals
from aiotalonone.cli.dry_run import dry_run
from aiotalonone.cli.exit_codes import CommandError, ExitCode
from aiotalonone.cli.options import JobFiles, SyncOptions, job_files, require_resume_or_restart
from aiotalonone.cli.output import Result, show_result
from aiotalonone.cli.records import ToRecord, open_records
from aiotalonone.cli.rows import Rows, UnreadableFileError
from aiotalonone.cli.target import Target, connection_hint, resolve_target
from aiotalonone.errors import Outcome, TransportError


@frozen(kw_only=True)
class Sync:
    """What to send to Talon.One, and how."""

    kind: str
    job: type[Job]
    rows: Rows
    to_record: ToRecord
    options: SyncOptions
    campaigns: Callable[[], Mapping[str, Any]] = dict
    """Makes the campaign file of an embedded sandbox."""

    def run(self) -> ExitCode:
        """Run the sync, and return the command's exit code.

        Raises:
            CommandError: The options cannot be used. Nothing was sent.
            CheckpointError: The checkpoint cannot be used. Nothing was sent.
            OSError: A file cannot be opened. Nothing was sent.
        """
        options, first = self.options, self.rows.first_row_number
        if options.dry_run:
            with open_records(self.rows, self.to_record) as records:
                return asyncio.run(dry_run(self.job, records, first, as_json=options.as_json))
        files = job_files(options, self.kind)
        require_resume_or_restart(files, options)
        target = resolve_target(options, self.campaigns() if options.sandbox else None)
        result = asyncio.run(self._result(files, target))
        show_result(result, as_json=options.as_json)
        return result.exit_code

    async def _result(self, files: JobFiles, target: Target) -> Result:
        async with target.client() as client:
            try:
                job = self.job(
                    client,
                    job=f"{files.name} at {target.name}",  # what one host has stored, another one has not
                    rejects=files.rejects,
                    checkpoint=files.checkpoint,
                    redact=self.options.redact,
                    rate=self.options.rate,
                )
            except ValueError as failure:
                raise CommandError(str(failure)) from None
            with open_records(self.rows, self.to_record) as records:
                return await self._run(job, records, files)

    async def _run(self, job: Job, records: Source, files: JobFiles) -> Result:
        first = self.rows.first_row_number
        try:
            return Result(files, first, await _run_with_progress(job, records, restart=self.options.restart))
        except JobStoppedError as stopped:
            return Result(files, first, stopped.report, _describe_stop(stopped))
        except SourceChangedError:
            raise CommandError(
                f"{self.options.file} or its --column options have changed since the job {files.name} was started: "
                "resume it with the same ones, or restart it with --restart"
            ) from None
        except (UnreadableFileError, OSError) as failure:
            return Result(files, first, None, str(failure))
        except asyncio.CancelledError:
            return Result(files, first, None)


async def _run_with_progress(job: Job, records: Source, *, restart: bool) -> Report:
    running = asyncio.create_task(job.run(records, restart=restart))
    with stop_on_signals(job, running):
        await show_progress(job)
        return await running


def _describe_stop(stopped: JobStoppedError) -> str:
    """Return why a job stopped, and what to do if there was no connection."""
    line, cause = str(stopped.args[0]), stopped.__cause__
    if isinstance(cause, TransportError) and cause.outcome is Outcome.NOT_SENT:
        return f"{line}. {connection_hint(str(cause.args[0]))}".removesuffix(". ")
    return line
