"""A service of the examples as its README runs it: a process of uvicorn's."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


@asynccontextmanager
async def uvicorn_process(app: str) -> AsyncIterator[str]:
    """Run ``uvicorn`` with an application in the folder of the examples, on a free port; the value is its URL."""
    command = (sys.executable, "-m", "uvicorn", app, "--port", "0")
    service = await asyncio.create_subprocess_exec(*command, cwd=EXAMPLES, stderr=PIPE)
    assert service.stderr is not None
    try:
        async with asyncio.timeout(60):
            while b"Uvicorn running on" not in (line := await service.stderr.readline()):
                assert line, "the service ended instead of listening"
        found = re.search(rb"http://[\d.]+:\d+", line)
        assert found is not None
        yield found[0].decode()
    finally:
        service.terminate()
        await service.communicate()
