"""The sandbox as a process of its own, for as long as it is needed."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

API_KEY: Final = "demo-key"
MANAGEMENT_TOKEN: Final = "demo-token"  # noqa: S105 - opens nothing but this process

_SECONDS_TO_START: Final = 30


class SandboxStartError(RuntimeError):
    """The sandbox did not come up."""


@asynccontextmanager
async def sandbox_process(campaigns: Mapping[str, Any]) -> AsyncIterator[str]:
    """Serves the campaigns on a free loopback port and hands out the URL; the process ends with the block.

    Raises:
        SandboxStartError: It ended instead of listening; its own words stand on stderr.
        TimeoutError: It says nothing.
    """
    with TemporaryDirectory(prefix="aiotalonone-demo-") as folder:
        file = Path(folder) / "campaigns.json"
        file.write_text(json.dumps(campaigns), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(*_command(file), stdout=PIPE)
        try:
            yield await _url(process)
        finally:
            await _end(process)


def _command(campaigns: Path) -> list[str]:
    settings = {
        "--port": "0",
        "--campaigns": str(campaigns),
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
