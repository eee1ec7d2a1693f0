"""A Redis of the test's own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

PROGRAM = os.environ.get("REDIS_SERVER") or shutil.which("redis-server")


@contextmanager
def redis_server() -> Iterator[str]:
    """Serve an empty Redis on a socket of its own and yield its URL; skip if there is no Redis.

    If the variable ``REDIS_SERVER`` names the program, it has to start.
    """
    if PROGRAM is None:
        pytest.skip("there is no redis-server")
    # Paths of sockets are short, unlike pytest's.
    with TemporaryDirectory(prefix="redis-") as folder:
        socket = Path(folder) / "socket"
        command = [PROGRAM, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - of this machine
            try:
                assert process.stdout is not None
                lines = iter(process.stdout.readline, "")
                assert any("eady to accept connections" in line for line in lines), f"{PROGRAM} did not start"
                yield f"unix://{socket}"
            finally:
                process.kill()
