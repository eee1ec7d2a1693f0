"""Projects made of the blocks of a page, as its reader makes them."""

import asyncio
import os
import re
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tools.pages import files_of

PLUGIN = "aiotalonone.pytest_plugin"  # which pytest finds where the package is installed, not beside its sources
PYTEST_INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"


def write_files(page: str, folder: Path) -> None:
    """Write the blocks of a page whose first line names a file.

    A service has a minute for a request in place of its reader's 2 seconds: the machine may be busy.
    """
    page = re.sub(r"(?<=request_deadline\()(request\.headers, )?2\.0\)", r"\g<1>60.0)", page)
    for name, is_appended, text in files_of(page):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if is_appended else "w", encoding="utf-8") as file:
            file.write(text)


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return the environment of a program that finds the modules of a folder."""
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path} | variables


def run_python(folder: Path, *arguments: str) -> str:
    """Run this Python in a folder, and return what it prints; a failure of the program is one of the test."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_tests(folder: Path) -> str:
    """Run the tests of a folder by the reader's pytest, where a warning is an error."""
    (folder / "pytest.ini").write_text(PYTEST_INI, encoding="utf-8")
    return run_python(folder, "-m", "pytest", "-q", "-p", PLUGIN)


@asynccontextmanager
async def serving(folder: Path, line: str, **variables: str) -> AsyncIterator[str]:
    """Start a service by a page's line, which starts with uvicorn, on a free port; it has to end without an error.

    Yields:
        The URL of the service.
    """
    command = (sys.executable, "-m", *line.split(), "--port", "0")
    async with asyncio.timeout(60):
        server = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment(folder, **variables), stderr=PIPE
        )
        told = b""
        assert server.stderr is not None
        try:
            while b"Uvicorn running on" not in (news := await server.stderr.readline()):
                assert news, told
                told += news
            url = re.search(rb"http://[\d.]+:\d+", news)
            assert url is not None
            yield url[0].decode()
        finally:
            server.terminate()
            _, rest = await server.communicate()
    assert b"Application shutdown complete" in rest or sys.platform == "win32"  # where no signal asks it to end
    assert b"Traceback" not in told + rest, told + rest
