from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from attrs import frozen
from typer.testing import CliRunner

from aiotalonone.cli.app import app

KEY = "sandbox-key"
PASSWORD = "open-sesame"


@frozen
class Ended:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def report(self):
        """The document that ``--json`` wrote."""
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory; the environment has no credentials."""
    monkeypatch.chdir(tmp_path)
    for variable in [name for name in os.environ if name.startswith("TALON_ONE_")]:
        monkeypatch.delenv(variable)
    return tmp_path


@pytest.fixture
def command():
    """Run a command within this process."""

    def run(*arguments):
        done = CliRunner().invoke(app, list(map(str, arguments)))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Ended(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def run(command, monkeypatch):
    """Run a command beside the servers of its test, and check that it shows neither the key nor a proxy's password."""

    async def run(*arguments, url, **variables):
        for name, value in {"TALON_ONE_BASE_URL": url, "TALON_ONE_API_KEY": KEY, **variables}.items():
            monkeypatch.setenv(name, value)
        done = await asyncio.to_thread(command, *arguments)
        assert PASSWORD not in done.out + done.err
        assert KEY not in done.out + done.err
        return done

    return run


def environment(url=None, **others):
    """Return the environment of a command that calls a server at this URL."""
    account = {} if url is None else {"TALON_ONE_BASE_URL": url, "TALON_ONE_API_KEY": KEY}
    return {**os.environ, **account, "COLUMNS": "80", **others}


@pytest.fixture
def program():
    """Run a command as a process of its own."""

    async def run(*arguments, url=None, **variables):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "aiotalonone",
            *map(str, arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=environment(url, **variables),
        )
        out, err = await process.communicate()
        return Ended(process.returncode, out.decode(), err.decode())

    return run


def lines(path):
    """Return the values of an NDJSON file."""
    return [json.loads(line) for line in Path(path).read_bytes().splitlines()]
