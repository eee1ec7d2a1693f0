"""How a file comes to Talon.One, whatever its rows are: shown, sent as a job, and summed up."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from aiotalonone.bulk import JobStoppedError, Report, SourceChangedError
from aiotalonone.bulk.job import Job
from aiotalonone.bulk.source import Source
from aiotalonone.cli.exits import CommandError, Exit
from aiotalonone.cli.files import JobFiles, job_files, require_a_choice
from aiotalonone.cli.options import SyncOptions
from aiotalonone.cli.records import Mapper, records_of
from aiotalonone.cli.rehearsal import rehearse
from aiotalonone.cli.rows import Rows, UnreadableFileError
from aiotalonone.cli.screen import show_progress
from aiotalonone.cli.signals import stopped_by_signals
from aiotalonone.cli.summary import Result, show_result
from aiotalonone.cli.target import Target, connection_hint, resolve_target
from aiotalonone.errors import Outcome, TransportError


@frozen(kw_only=True)
class Sync:
    """What to bring to Talon.One, and how."""

    kind: str
    job: type[Job]
    rows: Rows
    record_of: Mapper
    options: SyncOptions
    campaigns: Callable[[], Mapping[str, Any]] = dict
    """What the embedded sandbox must know."""

    def run(self) -> Exit:
        """Run it, and return how it ended.

        Raises:
            CommandError: Nothing was sent.
            CheckpointError: The same.
            OSError: The same.
        """
        if self.options.dry_run:
            with records_of(self.rows, self.record_of) as records:
                return asyncio.run(rehearse(self.job, records, self.rows.first_number, as_json=self.options.as_json))
        files = job_files(self.options, self.kind)
        require_a_choice(files, self.options)
        target = resolve_target(self.options, self.campaigns() if self.options.sandbox else None)
        result = asyncio.run(self._result(files, target))
        show_result(result, as_json=self.options.as_json)
        return result.exit

    async def _result(self, files: JobFiles, target: Target) -> Result:
        async with target.client() as client:
            try:
                job = self.job(
                    client,
                    job=f"{files.name} at {target.name}",  # settled there is not settled elsewhere
                    rejects=files.rejects,
                    checkpoint=files.checkpoint,
                    redact=self.options.redact,
                    rate=self.options.rate,
                )
            except ValueError as failure:
                raise CommandError(str(failure)) from None
            with records_of(self.rows, self.record_of) as records:
                return await self._run(job, records, files)

    async def _run(self, job: Job, records: Source, files: JobFiles) -> Result:
        first = self.rows.first_number
        try:
            return Result(files, first, await _run_with_progress(job, records, restart=self.options.restart))
        except JobStoppedError as stopped:
            return Result(files, first, stopped.report, _describe_stop(stopped))
        except SourceChangedError:
            raise CommandError(
                f"{self.options.file} or its --column options are not those that the job {files.name} began with: "
                "repeat the command as it was, with --resume, or begin anew with --restart"
            ) from None
        except (UnreadableFileError, OSError) as failure:
            return Result(files, first, None, str(failure))
        except asyncio.CancelledError:
            return Result(files, first, None)


async def _run_with_progress(job: Job, records: Source, *, restart: bool) -> Report:
    running = asyncio.create_task(job.run(records, restart=restart))
    with stopped_by_signals(job, running):
        await show_progress(job)
        return await running


def _describe_stop(stopped: JobStoppedError) -> str:
    """Return why a job stopped, and what to do if there was no connection."""
    line, cause = str(stopped.args[0]), stopped.__cause__
    if isinstance(cause, TransportError) and cause.outcome is Outcome.NOT_SENT:
        return f"{line}. {connection_hint(str(cause.args[0]))}".removesuffix(". ")
    return line
