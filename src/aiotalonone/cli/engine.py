"""A sync that runs on a cluster: this process reads the file, and the cluster's workers make records and send them."""

import os
import pickle
import re
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing
from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from attrs import frozen

from aiotalonone import codec
from aiotalonone.bulk import CheckpointError, JobStoppedError, Report, SourceChangedError
from aiotalonone.bulk.checkpoint import open_private
from aiotalonone.cli.console import Reasons, print_to_stderr
from aiotalonone.cli.exit_codes import CommandError, ExitCode, MissingExtraError
from aiotalonone.cli.options import JobFiles, SyncOptions, require_one_of_both, require_writable, unfinished_job
from aiotalonone.cli.output import Result
from aiotalonone.cli.records import Record
from aiotalonone.cli.rows import InvalidRow, Row, Rows, UnreadableFileError
from aiotalonone.cli.sync import changed_source, describe_failure, describe_stop
from aiotalonone.settings import BASE_URL_VARIABLE

DEFAULT_WORKERS: Final = 4
_ROWS_AT_ONCE: Final = 5_000
_KEY, _ROW, _IS_RECORD = "key", "row", "is_record"
_NO_CHECKPOINT: Final = (
    "The job is not finished; the next one starts from the first record, unless --checkpoint is given."
)
_RESUME: Final = "The job is not finished: the same command with --resume resumes it."


class Engine(Enum):
    """What runs a job besides this process."""

    RAY = "ray"


class PortableMapping(Protocol):
    """Makes records of rows in any process, once it is pickled."""

    @property
    def needed(self) -> Collection[str]:
        """The columns that records are made of."""
        ...

    @property
    def known(self) -> Collection[str]:
        """The columns that were there from the first: a row of others depends on the rows before it."""
        ...

    def to_record(self, row: Row | InvalidRow) -> Record:
        """Return the record of a row."""
        ...

    def id_of(self, row: Row) -> str | None:
        """Return the ID of a row's record, or ``None`` if it has no valid one."""
        ...


@frozen
class FileTables:
    """The rows of a file as a cluster's job reads them: packed, so that they arrive there as the file has them."""

    rows: Rows
    mapping: PortableMapping

    def iter_batches(self, **_: Any) -> Generator[Any, None, None]:
        """Yield tables of packed rows, each with the ID of its record."""
        import pyarrow as pa  # noqa: PLC0415 - an extra

        pack = partial(self._packed, frozenset(self.mapping.known))
        with closing(self.rows.read(self.mapping.needed)) as rows:
            while some := list(map(pack, islice(rows, _ROWS_AT_ONCE))):
                keys, contents, are_records = zip(*some, strict=True)
                types = (pa.binary(), pa.binary(), pa.bool_())
                arrays = map(pa.array, (keys, contents, are_records), types)
                yield pa.Table.from_arrays([*arrays], names=[_KEY, _ROW, _IS_RECORD])

    def _packed(self, known: AbstractSet[str], row: Row | InvalidRow) -> tuple[bytes | None, bytes, bool]:
        """Return the ID and the content of a row; what depends on the rows before it is decided here."""
        is_record = isinstance(row, InvalidRow) or not row.keys() <= known
        if isinstance(row, InvalidRow) or is_record:
            content = self.mapping.to_record(row)
            found = dict.get(content, "integrationId")
        else:
            content, found = dict(row), self.mapping.id_of(row)
        key = found.encode(errors="replace") if isinstance(found, str) else None
        return key, pickle.dumps(content), is_record


@frozen
class FromPacked:
    """Makes the record of a packed row, on a worker."""

    mapping: PortableMapping

    def __call__(self, row: Mapping[str, Any]) -> Any:
        """Return the record."""
        content = pickle.loads(row[_ROW])  # noqa: S301 - what the same job has packed
        return content if row[_IS_RECORD] else self.mapping.to_record(content)


@frozen(kw_only=True)
class OnRay:
    """Where and how a job runs on Ray."""

    mapping: PortableMapping
    address: str | None
    checkpoint: str | None
    workers: int = DEFAULT_WORKERS

    def check(self, files: JobFiles, options: SyncOptions) -> None:
        """Check that the options can be used together, and that an unfinished job is resumed or restarted.

        Raises:
            CommandError: They cannot, or neither is asked for.
            CheckpointError: What the checkpoint has is damaged.
            OSError: The checkpoint cannot be read.
        """
        if options.sandbox or options.proxy or options.ca_file or options.timeout:
            raise CommandError(
                "--sandbox, --proxy, --ca-file and --timeout cannot be used with --engine: "
                "its workers have their own environment"
            )
        require_one_of_both(options)
        if options.resume and self.checkpoint is None:
            raise CommandError("--resume needs --checkpoint URL with --engine")
        if not (options.base_url or os.environ.get(BASE_URL_VARIABLE)):
            raise CommandError(f"{BASE_URL_VARIABLE} is not set")
        _import_ray()
        if self.checkpoint is not None and not (options.resume or options.restart):
            from aiotalonone.bulk.cluster.store import JobStore  # noqa: PLC0415 - an extra

            if JobStore(self.checkpoint, _job_name(files, options)).is_unfinished:
                raise unfinished_job(files)
        require_writable(files.rejects)

    def run(self, rows: Rows, files: JobFiles, options: SyncOptions) -> Result:
        """Run the job, and return how it ended.

        Raises:
            CommandError: The cluster or the options cannot be used. Nothing was sent.
        """
        figures, error = self._figures(rows, files, options)
        return Result(
            files=files,
            checkpoint=self.checkpoint,
            first_row_number=rows.first_row_number,
            figures=figures,
            reasons=Reasons(),
            total=f"{figures.records:,}",
            error=error,
            next_step=self._next_step,
        )

    @property
    def _next_step(self) -> str:
        return _NO_CHECKPOINT if self.checkpoint is None else _RESUME

    def _figures(self, rows: Rows, files: JobFiles, options: SyncOptions) -> tuple[Report, str | None]:
        sync_profiles, connection_class = _import_ray()
        self._connect(options)
        try:
            report, rejects = sync_profiles(
                FileTables(rows, self.mapping),
                connection_class(options.base_url or os.environ[BASE_URL_VARIABLE]),
                job=_job_name(files, options),
                checkpoint=self.checkpoint,
                restart=options.restart,
                id_column=_KEY,
                to_record=FromPacked(self.mapping),
                rate=options.rate,
                max_workers=self.workers,
                concurrency=options.concurrency,
                redact=options.redact,
            )
        except JobStoppedError as stopped:
            return stopped.report, describe_stop(stopped, files)
        except SourceChangedError:
            raise changed_source(options, files) from None
        except (UnreadableFileError, CheckpointError, OSError, ValueError, RuntimeError) as failure:
            raise _ended(failure) from None
        except KeyboardInterrupt:
            raise CommandError(f"interrupted. {self._next_step}", ExitCode.STOPPED) from None
        try:
            _write_rejects(rejects.iter_rows(), files.rejects)
        except OSError as failure:  # the records are sent all the same
            return report, f"the rejects cannot be written: {describe_failure(failure)}"
        return report, None

    def _connect(self, options: SyncOptions) -> None:
        import ray  # noqa: PLC0415 - an extra

        if not options.quiet:
            where = self.address or os.environ.get("RAY_ADDRESS") or "on this machine"
            print_to_stderr(f"Sending with Ray {where}, up to {self.workers} workers.")
        try:
            if not ray.is_initialized():
                ray.init(address=self.address, log_to_driver=options.verbose, logging_level="WARNING")
        except (ConnectionError, ValueError) as failure:
            raise CommandError(f"there is no Ray cluster at {self.address}: {failure}") from None


def _import_ray() -> tuple[Callable[..., Any], type]:
    """Return what runs a job on Ray.

    Raises:
        MissingExtraError: Ray is not installed.
    """
    try:
        from aiotalonone.bulk.ray import Connection, sync_profiles  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise MissingExtraError("run a job on Ray", "ray") from None
    return sync_profiles, Connection


def _job_name(files: JobFiles, options: SyncOptions) -> str:
    """Return the name of a job in its checkpoint: what one host has stored, another one has not."""
    host = urlsplit(options.base_url or os.environ[BASE_URL_VARIABLE]).netloc.rpartition("@")[2]
    return re.sub(r"[^\w.-]", "_", f"{files.name}.at.{host}", flags=re.ASCII)[:200]


def _ended(failure: Exception) -> CommandError:
    """Return the end of a command for what ended its job: a note tells of the records if it had been started."""
    notes = [note for note in getattr(failure, "__notes__", ()) if note.startswith("before this, ")]
    return CommandError("; ".join([str(failure), *notes]), ExitCode.STOPPED if notes else ExitCode.USAGE)


def _write_rejects(rejects: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write rejects as a job without a cluster does."""
    descriptor, _ = open_private(path)
    with os.fdopen(descriptor, "wb") as file:
        file.truncate()
        for reject in rejects:
            file.write(codec.encode({**reject, "record": codec.raw_json(reject["record"].encode())}) + b"\n")
