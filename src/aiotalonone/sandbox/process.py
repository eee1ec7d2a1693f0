"""Run the sandbox as a separate process."""

import asyncio
import json
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any, Final

API_KEY: Final = "process-key"
MANAGEMENT_TOKEN: Final = "process-token"  # noqa: S105 - accepted by this process alone

UNTIL_STDIN_CLOSES: Final = "--until-stdin-closes"

_SECONDS_TO_START: Final = 30
_OWN_GROUP: Final[int] = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""On Windows, what a new session is elsewhere: Ctrl-C on a terminal does not reach the process."""
_Source = Mapping[str, Any] | Sequence[Mapping[str, Any]] | Path | str


class SandboxStartError(RuntimeError):
    """The sandbox did not start."""


@asynccontextmanager
async def sandbox_process(campaigns: _Source, faults: _Source = ()) -> AsyncIterator[str]:
    """Serve campaigns on a free loopback port and yield the URL; the process ends with the block.

    Args:
        campaigns: A campaign file, or its content.
        faults: A fault file, or its content.

    Raises:
        SandboxStartError: The process ended instead of listening, and has written the reason to stderr; or it does
            not listen in time.
    """
    with _command(campaigns, faults) as command:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, start_new_session=True, creationflags=_OWN_GROUP
        )
        try:
            line = b""
            with suppress(TimeoutError):
                async with asyncio.timeout(_SECONDS_TO_START):
                    line = await process.stdout.readline() if process.stdout else b""
            yield _url(line)
        finally:
            await _end(process)


@contextmanager
def blocking_sandbox_process(campaigns: _Source, faults: _Source = ()) -> Iterator[str]:
    """Do what ``sandbox_process`` does, in code that cannot await.

    Raises:
        SandboxStartError: The process ended instead of listening, and has written the reason to stderr; or it does
            not listen in time.
    """
    with (
        _command(campaigns, faults) as command,
        subprocess.Popen(  # noqa: S603 - this package
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, creationflags=_OWN_GROUP
        ) as process,
    ):
        alarm = Timer(_SECONDS_TO_START, process.kill)
        alarm.start()
        try:
            line = process.stdout.readline() if process.stdout else b""
            alarm.cancel()
            yield _url(line)
        finally:
            alarm.cancel()
            process.kill()


@contextmanager
def _command(campaigns: _Source, faults: _Source) -> Iterator[list[str]]:
    """Return the command line; the files in it last as long as the block.

    The process is to start in its own session: Ctrl-C on a terminal would end it before the calls in flight. Its
    standard input is to be a pipe, which closes with this process, however that ends.
    """
    with TemporaryDirectory(prefix="aiotalonone-sandbox-") as folder:
        settings = {
            "--port": "0",
            "--campaigns": _file(campaigns, Path(folder) / "campaigns.json"),
            "--faults": _file(faults, Path(folder) / "faults.json"),
            "--api-key": API_KEY,
            "--management-token": MANAGEMENT_TOKEN,
        }
        words = [word for pair in settings.items() for word in pair]
        yield [sys.executable, "-m", "aiotalonone.sandbox", UNTIL_STDIN_CLOSES, "--quiet", *words]


def _file(source: _Source, file: Path) -> str:
    if isinstance(source, (Path, str)):
        return str(source)
    file.write_text(json.dumps(source), encoding="utf-8")
    return str(file)


def _url(line: bytes) -> str:
    """Return the URL in the line that the sandbox prints when it listens."""
    for word in line.decode().split():
        if word.startswith("http://"):
            return word
    raise SandboxStartError("the sandbox did not start")


async def _end(process: Process) -> None:
    """Kill the process: it holds nothing worth keeping."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
