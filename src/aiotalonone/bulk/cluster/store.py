"""The results of partitions on storage that all machines share, through fsspec."""

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import fsspec
from attrs import define, field, frozen
from attrs.validators import ge, instance_of, matches_re
from fsspec.implementations.local import LocalFileSystem

from aiotalonone.bulk.checkpoint import CheckpointError, open_private

_JOB: Final = "job"
_NAME: Final = re.compile(r"[\w.-]{1,200}")


@frozen
class JobRun:
    """A job from its first start until it is finished."""

    run: str = field(validator=matches_re("[0-9a-f]{32}"))
    """ID of the run: idempotency keys are derived from it."""
    buckets: int = field(validator=[instance_of(int), ge(1)])
    """Into how many buckets customers are divided: a job that is resumed divides them as before."""


@define
class JobStore:
    """A folder for the results of one job, such as ``s3://jobs/nightly``. It goes to workers by its URL alone.

    Args:
        url: Of a folder, with the protocol of a file system that fsspec knows.
        job: Name of the job: letters, digits, dots, dashes and underscores.

    Raises:
        ValueError: The name cannot be one.
    """

    url: str
    job: str = field(validator=lambda *given: _require_name(given[-1]))

    @property
    def is_unfinished(self) -> bool:
        """Whether the job was started, and is not finished.

        Raises:
            CheckpointError: What the folder has of the job is damaged.
            OSError: The folder cannot be read.
        """
        return self._unfinished() is not None

    def start(self, run: JobRun, *, restart: bool = False) -> JobRun:
        """Return the run that an earlier start left unfinished, or this new one.

        Args:
            run: A new run.
            restart: Whether to leave the unfinished one, and remove its results.

        Raises:
            CheckpointError: What the folder has of the job is damaged.
            OSError: The folder cannot be read or written.
        """
        earlier = self._unfinished()
        if earlier is not None and not restart:
            return earlier
        self._save_state(run, finished=False)
        if earlier is not None:
            self._remove(earlier)
        return run

    def finish(self, run: JobRun) -> None:
        """Note that the job is finished, and remove its results: the next one starts from the first record.

        Raises:
            OSError: The folder cannot be written.
        """
        self._save_state(run, finished=True)
        self._remove(run)

    def load(self, key: str) -> bytes | None:
        """Return what was saved under a key, or ``None``.

        Raises:
            OSError: The folder cannot be read.
        """
        system, path = fsspec.core.url_to_fs(self._url_of(key))
        try:
            content: bytes = system.cat_file(path)
        except FileNotFoundError:
            return None
        return content

    def save(self, key: str, content: bytes) -> None:
        """Save a content whole, or not at all; on a local file system, for its owner alone.

        Raises:
            OSError: The folder cannot be written.
        """
        system, path = fsspec.core.url_to_fs(self._url_of(key))
        unfinished = f"{path}.{uuid4().hex}"
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            if isinstance(system, LocalFileSystem):
                _write_private(Path(unfinished), content)
                Path(unfinished).replace(path)
            else:
                system.pipe_file(unfinished, content)
                system.mv(unfinished, path)
        except BaseException:
            with suppress(OSError):
                system.rm_file(unfinished)
            raise

    def _unfinished(self) -> JobRun | None:
        saved = self.load(_JOB)
        if saved is None:
            return None
        try:
            state = json.loads(saved)
            run = JobRun(state["run"], state["buckets"])
            is_finished = bool(state["finished"])
        except (KeyError, TypeError, ValueError):
            raise CheckpointError(f"{self._url_of(_JOB)} is damaged") from None
        return None if is_finished else run

    def _remove(self, run: JobRun) -> None:
        """Remove the results of a run, which hold rejected records; what cannot be removed stays."""
        system, path = fsspec.core.url_to_fs(f"{self._folder}/{run.run}")
        with suppress(OSError):
            system.rm(path, recursive=True)

    def _save_state(self, run: JobRun, *, finished: bool) -> None:
        state = {"run": run.run, "buckets": run.buckets, "finished": finished}
        self.save(_JOB, json.dumps(state).encode())

    def _url_of(self, key: str) -> str:
        return f"{self._folder}/{key}.json"

    @property
    def _folder(self) -> str:
        return f"{self.url.rstrip('/')}/{self.job}"


def _require_name(job: str) -> None:
    if not _NAME.fullmatch(job) or not job.strip("."):
        raise ValueError("job must be 1 to 200 letters, digits, dots, dashes and underscores")


def _write_private(path: Path, content: bytes) -> None:
    descriptor, _ = open_private(path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
