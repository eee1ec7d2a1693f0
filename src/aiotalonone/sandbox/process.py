"""The sandbox as a process of its own, for as long as it is needed."""

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
MANAGEMENT_TOKEN: Final = "process-token"  # noqa: S105 - opens nothing but this process

_SECONDS_TO_START: Final = 30


class SandboxStartError(RuntimeError):
    """The sandbox did not come up."""


@asynccontextmanager
async def sandbox_process(campaigns: Mapping[str, Any], faults: Sequence[Mapping[str, Any]] = ()) -> AsyncIterator[str]:
    """Serves the campaigns on a free loopback port and hands out the URL; the process ends with the block.

    Args:
        campaigns: What it starts with.
        faults: What goes wrong in it, as in a fault file.

    Raises:
        SandboxStartError: It ended instead of listening; its own words stand on stderr.
        TimeoutError: It says nothing.
    """
    with TemporaryDirectory(prefix="aiotalonone-sandbox-") as folder:
        files = {"--campaigns": Path(folder) / "campaigns.json", "--faults": Path(folder) / "faults.json"}
        for file, content in zip(files.values(), (campaigns, faults), strict=True):
            file.write_text(json.dumps(content), encoding="utf-8")
        # In a session of its own: Ctrl-C on a terminal would end it before those who still call it.
        process = await asyncio.create_subprocess_exec(*_command(files), stdout=PIPE, start_new_session=True)
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
    return [sys.executable, "-m", "aiotalonone.sandbox", *(word for pair in settings.items() for word in pair)]


async def _url(process: Process) -> str:
    """The URL in the line with which the sandbox says that it listens."""
    line = await asyncio.wait_for(process.stdout.readline(), _SECONDS_TO_START) if process.stdout else b""
    for word in line.decode().split():
        if word.startswith("http://"):
            return word
    raise SandboxStartError("the sandbox does not listen")


async def _end(process: Process) -> None:
    """Ends it at once: it holds nothing that anybody wants to keep."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
