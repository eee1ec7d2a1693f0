"""Run the sandbox as a separate process."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

API_KEY: Final = "process-key"
MANAGEMENT_TOKEN: Final = "process-token"  # noqa: S105 - accepted by this process alone

UNTIL_STDIN_CLOSES: Final = "--until-stdin-closes"

_SECONDS_TO_START: Final = 30


class SandboxStartError(RuntimeError):
    """The sandbox did not start."""


@asynccontextmanager
async def sandbox_process(campaigns: Mapping[str, Any], faults: Sequence[Mapping[str, Any]] = ()) -> AsyncIterator[str]:
    """Serve campaigns on a free loopback port and yield the URL; the process ends with the block.

    Args:
        campaigns: Content of a campaign file.
        faults: Content of a fault file.

    Raises:
        SandboxStartError: The process ended instead of listening, and has written the reason to stderr; or it does
            not listen in time.
    """
    with TemporaryDirectory(prefix="aiotalonone-sandbox-") as folder:
        files = {"--campaigns": Path(folder) / "campaigns.json", "--faults": Path(folder) / "faults.json"}
        for file, content in zip(files.values(), (campaigns, faults), strict=True):
            file.write_text(json.dumps(content), encoding="utf-8")
        # In its own session: Ctrl-C on a terminal would end it before the calls in flight. Its standard input closes
        # with this process, however that ends.
        process = await asyncio.create_subprocess_exec(
            *_command(files), stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        try:
            yield await _url(process)
        finally:
            await _end(process)


def _command(files: Mapping[str, Path]) -> list[str]:
    settings = {
        "--port": "0",
        **{option: str(file) for option, file in files.items()},
        "--api-key": API_KEY,
        "--management-token": MANAGEMENT_TOKEN,
    }
    words = [word for pair in settings.items() for word in pair]
    return [sys.executable, "-m", "aiotalonone.sandbox", UNTIL_STDIN_CLOSES, *words]


async def _url(process: Process) -> str:
    """Return the URL in the line that the sandbox prints when it listens."""
    line = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS_TO_START):
            line = await process.stdout.readline() if process.stdout else b""
    for word in line.decode().split():
        if word.startswith("http://"):
            return word
    raise SandboxStartError("the sandbox did not start")


async def _end(process: Process) -> None:
    """Kill the process: it holds nothing worth keeping."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
