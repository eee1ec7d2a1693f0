"""What the tests of the examples share."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiotalonone import AsyncIntegrationClient

EXAMPLES = Path(__file__).parents[2] / "examples"
API_KEY = "key-of-the-examples"


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """Serve the examples' shop in a process of its own; return its URL."""
    command = [sys.executable, "-m", "aiotalonone.sandbox", "--port", "0", "--api-key", API_KEY]
    command += ["--campaigns", str(EXAMPLES / "campaigns.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own interpreter
        try:
            assert process.stdout is not None
            announcement = process.stdout.readline()
            assert " on http://127.0.0.1:" in announcement
            yield announcement.split(" on ")[1].split(" ")[0]
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(autouse=True)
def configured(sandbox_url, monkeypatch):
    """Set the environment that every example reads its configuration from."""
    monkeypatch.setenv("TALON_ONE_BASE_URL", sandbox_url)
    monkeypatch.setenv("TALON_ONE_API_KEY", API_KEY)


@pytest.fixture
async def talon_one():
    """Open a client that looks at what an example has done."""
    async with AsyncIntegrationClient.from_env() as client:
        yield client


def command(name: str, *arguments: str) -> list[str]:
    """Return the command line of an example."""
    return [sys.executable, str(EXAMPLES / name), *arguments]


def run(name: str, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run an example as its user does."""
    line = command(name, *arguments)
    return subprocess.run(line, input=stdin, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own
