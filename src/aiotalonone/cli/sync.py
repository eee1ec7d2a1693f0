"""How a file comes to Talon.One, whatever its rows are: shown, sent as a job, and summed up."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from aiotalonone.bulk import JobStoppedError, Report, SourceChangedError
from aiotalonone.bulk.job import Job
from aiotalonone.bulk.source import Source
from aiotalonone.cli.connection import Connection, EmbeddedSandbox, deployment
from aiotalonone.cli.exits import CommandError, Exit
from aiotalonone.cli.files import JobFiles, job_files, require_a_choice
from aiotalonone.cli.options import SyncOptions
from aiotalonone.cli.records import Mapper, records_of
from aiotalonone.cli.rehearsal import rehearse
from aiotalonone.cli.rows import Rows, UnreadableFileError
from aiotalonone.cli.screen import show_progress
from aiotalonone.cli.signals import stopped_by_signals
from aiotalonone.cli.summary import Result, show_result


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

    def carry_out(self) -> Exit:
        """Do it; how it ended.

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
        result = asyncio.run(self._result(files, self._connection()))
        show_result(result, as_json=self.options.as_json)
        return result.exit

    def _connection(self) -> Connection:
        return EmbeddedSandbox(self.campaigns()) if self.options.sandbox else deployment(self.options.base_url)

    async def _result(self, files: JobFiles, connection: Connection) -> Result:
        async with connection.client() as client:
            try:
                job = self.job(
                    client,
                    job=f"{files.name} at {connection.name}",  # settled there is not settled elsewhere
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
            return Result(files, first, await _watched(job, records, restart=self.options.restart))
        except JobStoppedError as stopped:
            return Result(files, first, stopped.report, str(stopped.args[0]))
        except SourceChangedError:
            raise CommandError(
                f"{self.options.file} or its --column options are not those that the job {files.name} began with: "
                "repeat the command as it was, with --resume, or begin anew with --restart"
            ) from None
        except (UnreadableFileError, OSError) as failure:
            return Result(files, first, None, str(failure))
        except asyncio.CancelledError:
            return Result(files, first, None)


async def _watched(job: Job, records: Source, *, restart: bool) -> Report:
    running = asyncio.create_task(job.run(records, restart=restart))
    with stopped_by_signals(job, running):
        await show_progress(job)
        return await running
