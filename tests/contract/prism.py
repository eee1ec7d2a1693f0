"""A mock server made of a specification: it rejects what the specification does not allow."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import pytest

SECONDS_TO_START = 60
SECONDS_TO_END = 10


def program() -> str:
    """Prism's program: that of ``PRISM_HOME``, which must have it, or else the one on the path, if any."""
    home = os.environ.get("PRISM_HOME")
    if home is not None:
        return str(Path(home, "node_modules", ".bin", "prism"))
    return shutil.which("prism") or pytest.skip("prism is not installed; the contract session of nox installs it")


@contextmanager
def serving(specification: Path, log: Path) -> Iterator[str]:
    """The URL of a mock server that responds while the context lasts."""
    port = _free_port()
    command = [program(), "mock", "--errors", "--host", "127.0.0.1", "--port", str(port), str(specification)]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True) as server,  # noqa: S603 - our own
    ):
        try:
            _await_start(server, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            _end(server)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await_start(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = monotonic() + SECONDS_TO_START
    while not _listens(port):
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.1)
        if server.returncode is not None or monotonic() > deadline:
            pytest.fail(f"prism did not start:\n{log.read_text(errors='replace')}")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(server.pid, how)
        with suppress(subprocess.TimeoutExpired):
            server.wait(SECONDS_TO_END)
            return
