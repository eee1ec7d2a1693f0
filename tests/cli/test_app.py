import asyncio
import json
import os
import shlex
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from unittest.mock import Mock

import pytest

from aiotalonone import __version__
from tests.cli.conftest import environment

MODULE = [sys.executable, "-m", "aiotalonone"]
SYNC = ["profiles", "sync", "rows.csv", "--id-column", "id", "--sandbox"]


async def test_sandbox_serves_until_sigterm(program):
    """The sandbox takes the options of its module, serves until SIGTERM, and ends with exit code 0."""
    process = await asyncio.create_subprocess_exec(
        *MODULE, "sandbox", "--port", "0", "--api-key", "sandbox-key", stdout=PIPE, env=environment()
    )
    try:
        line = (await process.stdout.readline()).decode()
        url = next(word for word in line.split() if word.startswith("http://"))
        assert (await program("check", url=url)).code == 0
    finally:
        process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


@pytest.mark.parametrize(
    "options",
    [["--host", "0.0.0.0"], ["--faults", "none.json"], ["--empty", "--campaigns", "none.json"]],  # noqa: S104 - rejected
)
def test_sandbox_that_cannot_serve(command, options):
    """An error of the sandbox's options is its own message under the command's name."""
    done = command("sandbox", *options)
    assert done.code == 2
    assert "aiotalonone sandbox: error: " in done.err


def test_embedded_sandbox_that_does_not_start(command, monkeypatch):
    """An embedded sandbox that does not start ends the command with one line."""
    monkeypatch.setattr(sys, "executable", "/bin/true")
    done = command("check", "--sandbox")
    assert (done.code, done.err) == (2, "Error: the sandbox did not start\n")


@pytest.mark.parametrize(
    ("missing", "arguments", "extra"),
    [
        ("typer", ["--help"], "cli"),
        ("rich", ["--help"], "cli"),
        ("starlette", ["sandbox"], "sandbox"),
        ("starlette", ["check", "--sandbox"], "sandbox"),
        ("pyarrow", ["profiles", "sync", "rows.parquet", "--id-column", "id", "--dry-run"], "parquet"),
    ],
)
async def test_missing_extra_is_named(folder, missing, arguments, extra):
    """If a library is missing, the last line names the extra to install, and there is no traceback."""
    (folder / "rows.parquet").write_bytes(b"PAR1")
    (folder / "rows.csv").write_text("id\nc-1\n")
    without = f"import sys; sys.modules['{missing}'] = None; from aiotalonone.__main__ import main; main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", without, *arguments, stdout=PIPE, stderr=PIPE, env=environment()
    )
    _, errors = await process.communicate()
    *_, line = errors.decode().splitlines()
    assert (process.returncode, f"aiotalonone[{extra}]" in line) == (2, True), errors.decode()
    assert "Traceback" not in errors.decode()


def test_help_fits_on_a_terminal(command, monkeypatch):
    """No line of the help is longer than 80 columns, and the help of each sync has the exit codes."""
    monkeypatch.setenv("COLUMNS", "80")
    syncs = [[kind, "sync"] for kind in ("profiles", "audiences", "catalogs")]
    for arguments in ([], *syncs, ["check"], ["sandbox"]):
        done = command(*arguments, "--help")
        assert done.code == 0
        assert max(map(len, done.out.splitlines())) <= 80
    for arguments in syncs:
        assert "  4  Stopped" in command(*arguments, "--help").out


def test_version_and_short_help(command):
    """--version shows the version, and -h the help of every command."""
    assert (command("--version").code, command("--version").out) == (0, f"aiotalonone {__version__}\n")
    for arguments in ([], ["profiles"], ["profiles", "sync"], ["check"], ["sandbox"]):
        assert command(*arguments, "-h").out == command(*arguments, "--help").out


async def test_completion(program):
    """A shell can ask for completions, and the help says how to install that."""
    asked = {"_AIOTALONONE_COMPLETE": "complete_bash", "COMP_WORDS": "aiotalonone prof", "COMP_CWORD": "1"}
    done = await program(**asked)
    assert (done.code, done.out.split()) == (0, ["profiles"])
    assert "--install-completion" in (await program("--help")).out


@pytest.mark.parametrize(
    ("missing", "statement", "extra"),
    [
        ("starlette", "import aiotalonone.sandbox", "sandbox"),
        ("starlette", "from aiotalonone.sandbox import process", "sandbox"),
        ("opentelemetry", "import aiotalonone.otel", "otel"),
    ],
)
async def test_import_without_its_extra_is_named(missing, statement, extra):
    """Importing a module whose extra is not installed is an ImportError of one line that says what to install."""
    without = f"import sys; sys.modules['{missing}'] = None; {statement}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", without, stdout=PIPE, stderr=PIPE, env=environment()
    )
    _, errors = await process.communicate()
    *_, line = errors.decode().splitlines()
    assert line.startswith("ImportError: ")
    assert f'pip install "aiotalonone[{extra}]"' in line
    assert "ModuleNotFoundError" not in errors.decode()


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
async def test_sandbox_without_its_extra_is_one_line(folder, missing):
    """``python -m aiotalonone.sandbox`` without its extra is one line and exit code 2."""
    (folder / f"{missing}.py").write_text(f"raise ModuleNotFoundError('none', name={missing!r})")
    path = os.pathsep.join([str(folder), *filter(None, sys.path)])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "aiotalonone.sandbox", stdout=PIPE, stderr=PIPE, env=environment(PYTHONPATH=path)
    )
    _, errors = await process.communicate()
    assert (process.returncode, errors.decode()) == (
        2, f'The sandbox needs {missing}: pip install "aiotalonone[sandbox]"\n',
    )  # fmt: skip


def test_no_command_shows_the_help(command):
    """Without a command, the help is shown with exit code 2."""
    done = command()
    assert (done.code, "profiles" in done.out + done.err) == (2, True)


@pytest.fixture
def full():
    """A stream to a disk that is full."""
    path = Path("/dev/full")
    if not path.exists():
        pytest.skip("only Linux has a device that is always full")
    with path.open("wb") as stream:
        yield stream


@pytest.mark.parametrize(
    "arguments",
    [["check", "--sandbox"], ["--version"], SYNC, ["--help"], ["profiles", "--help"], ["profiles", "sync", "--help"]],
)
async def test_result_that_cannot_be_written_is_one_line(full, folder, arguments):
    """If stdout is full, one line on stderr says so, and the exit code still tells what became of the records."""
    (folder / "rows.csv").write_text("id,kids\nc-1,2\n")
    process = await asyncio.create_subprocess_exec(*MODULE, *arguments, stdout=full, stderr=PIPE, env=environment())
    _, errors = await process.communicate()
    message = "Error: the result cannot be written: No space left on device"
    assert (process.returncode, errors.decode().splitlines().count(message)) == (0, 1)
    assert "Traceback" not in errors.decode()


async def test_job_needs_no_stderr(full, folder):
    """If stderr is full, as the disk of a log may be, the job is done and its report is on stdout."""
    (folder / "rows.csv").write_text("id,kids\nc-1,2\nc-2,many\n")
    options = ["--column", "kids=:number", "--json"]
    process = await asyncio.create_subprocess_exec(
        *MODULE, *SYNC, *options, stdout=PIPE, stderr=full, env=environment()
    )
    out, _ = await process.communicate()
    assert (process.returncode, json.loads(out)["accepted"]) == (3, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="the shell closes the streams")
@pytest.mark.parametrize(
    ("closed", "arguments", "code"),
    [
        (">&-", SYNC, 0),
        ("2>&-", SYNC, 0),
        (">&- 2>&- <&-", SYNC, 0),
        ("<&-", ["profiles", "sync", "-", "--format", "csv", "--id-column", "id", "--dry-run"], 2),
        ("<&-", ["check"], 2),
        ("| true", SYNC, 0),
        ("| true", ["check", "--help"], 0),
    ],
)
async def test_streams_may_be_closed(folder, closed, arguments, code):
    """A stream that is closed, as a scheduler may start programs, costs no job and shows no traceback."""
    (folder / "rows.csv").write_text("id,kids\nc-1,2\n")
    process = await asyncio.create_subprocess_shell(
        f"{shlex.join([*MODULE, *arguments])} {closed}", stdout=PIPE, stderr=PIPE, env=environment()
    )
    _, errors = await process.communicate()
    assert (process.returncode, "Traceback" in errors.decode(), "Exception" in errors.decode()) == (code, False, False)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16", "utf-8"])
@pytest.mark.parametrize("options", [[], ["--json"]])
async def test_stdout_of_any_encoding(folder, encoding, options):
    """Whatever the encoding of stdout, a text that it lacks ends no command, and JSON is UTF-8."""
    (folder / "rows.csv").write_text("id,Näme,Łódź\n1,Łukasz,😀\n", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *MODULE, "profiles", "sync", "rows.csv", "--id-column", "id", "--dry-run", "--quiet", *options,
        stdout=PIPE, stderr=PIPE, env=environment(PYTHONIOENCODING=encoding),
    )  # fmt: skip
    out, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    if options:
        assert json.loads(out)["first"] == [{"integrationId": "1", "attributes": {"Näme": "Łukasz", "Łódź": "😀"}}]
    else:
        assert "Nothing was sent." in out.decode(encoding, "replace")


async def test_interruption_while_modules_are_imported_is_one_line(folder):
    """Ctrl-C while the command starts is the line of any other interruption."""
    (folder / "typer.py").write_text("raise KeyboardInterrupt")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from aiotalonone.__main__ import main; main()",
        stderr=PIPE, env=environment(PYTHONPATH=os.pathsep.join([str(folder), *filter(None, sys.path)])),
    )  # fmt: skip
    _, errors = await process.communicate()
    assert (process.returncode, errors.decode()) == (2, "Interrupted. Nothing was stored.\n")


def test_interruption_before_the_command_is_one_line(command, monkeypatch):
    """Ctrl-C while the options before a command are parsed is that line as well."""
    monkeypatch.setattr("aiotalonone.cli.app.write_to_stdout", Mock(side_effect=KeyboardInterrupt))
    done = command("--version")
    assert (done.code, done.err) == (2, "Interrupted. Nothing was stored.\n")
