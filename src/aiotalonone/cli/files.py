"""The files that a job leaves in the working directory."""

import re
from pathlib import Path
from typing import Final

from attrs import frozen

from aiotalonone.bulk.checkpoint import is_unfinished
from aiotalonone.cli.exits import CommandError
from aiotalonone.cli.options import SyncOptions

_NAME: Final = re.compile(r"[^/\\]*[^/\\.][^/\\]*")


@frozen
class JobFiles:
    """What a job is called, and where it keeps what it knows."""

    name: str
    checkpoint: Path
    rejects: Path


def job_files(options: SyncOptions, kind: str) -> JobFiles:
    """The files of a job; in the sandbox they are others, since what the sandbox was sent reached nobody.

    Raises:
        CommandError: The name is none, or the rejects would overwrite a file that the job needs.
    """
    name = options.job or f"{options.file.name.partition('.')[0]}.{kind}"
    if not _NAME.fullmatch(name):
        raise CommandError("--job: a name is no path; run the command in the directory that is to hold its files")
    if options.sandbox:
        name += ".sandbox"
    files = JobFiles(name, Path(f"{name}.sqlite"), options.rejects or Path(f"{name}.rejects.ndjson"))
    if files.rejects.resolve() in (options.file.resolve(), files.checkpoint.resolve()):
        raise CommandError("--rejects: the job needs that file for something else")
    return files


def require_a_choice(files: JobFiles, options: SyncOptions) -> None:
    """That somebody has chosen what becomes of a job that was not finished.

    Raises:
        CommandError: Nobody has, or twice.
        CheckpointError: Its file is no checkpoint.
    """
    if options.resume and options.restart:
        raise CommandError("--resume goes on with a job and --restart begins it anew: choose one of them")
    if is_unfinished(files.checkpoint) and not (options.resume or options.restart):
        raise CommandError(f"the job {files.name} was not finished: --resume goes on with it, --restart begins it anew")
