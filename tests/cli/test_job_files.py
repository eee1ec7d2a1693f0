"""The files of a job, and how a command ends whatever happens to them."""

import asyncio
import os
import sys
from math import inf
from pathlib import Path

import pytest

from aiotalonone.bulk import JobRunningError, ProfileSync
from aiotalonone.cli.console import Reasons
from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.options import require_writable

SYNC = ["profiles", "sync"]
OPTIONS = ["--id-column", "id", "--sandbox"]
CSV = "id,kids\nc-1,2\nc-2,1\n,0\n"
CHECKPOINT = Path("rows.csv.profiles.sandbox.sqlite")


@pytest.fixture
def source():
    """A file with three rows, of which the last one has no ID."""
    Path("rows.csv").write_text(CSV)
    return "rows.csv"


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
@pytest.mark.parametrize("more", [[], ["--rejects", b"bad\xff.ndjson"], ["--job", b"nightly\xff"]])
def test_name_of_a_file_may_be_any_bytes(command, more):
    """A name that is not UTF-8 is read, and the report is JSON all the same."""
    name = os.fsdecode(b"h\xff.csv")
    Path(name).write_text(CSV)
    more = [os.fsdecode(option) for option in more]
    done = command(*SYNC, name, *OPTIONS, "--json", *more)
    assert (done.code, done.report["accepted"]) == (3, 2)
    assert done.report["job"] == ("nightly_.sandbox" if "--job" in more else "h_.csv.profiles.sandbox")


def test_ctrl_c_after_the_last_response_keeps_the_result(command, source, monkeypatch):
    """Ctrl-C while the connections are closed, or the rejects are counted, loses neither report nor exit code."""
    run, read_file = asyncio.run, Reasons.read_file

    def interrupted(coroutine):
        run(coroutine)
        raise KeyboardInterrupt

    def interrupted_at_the_end(reasons, path, size=inf):
        if size == inf:
            raise KeyboardInterrupt
        return read_file(reasons, path, size)

    monkeypatch.setattr(asyncio, "run", interrupted)
    monkeypatch.setattr(Reasons, "read_file", interrupted_at_the_end)
    done = command(*SYNC, source, *OPTIONS, "--json")
    assert (done.code, done.report["accepted"], done.report["rejected"]) == (3, 2, 1)
    assert "Interrupted" not in done.err


def test_run_that_comes_second_leaves_the_checkpoint_of_the_first(command, source, monkeypatch):
    """A command that finds its job running removes no file, although there was none when it started."""

    def run(*_, **__):
        CHECKPOINT.write_text("of the other run")
        raise JobRunningError("this job is running already")

    monkeypatch.setattr(ProfileSync, "run", run)
    done = command(*SYNC, source, *OPTIONS)
    assert (done.code, CHECKPOINT.read_text()) == (2, "of the other run")


def test_check_for_writing_leaves_everything_as_it_was(folder):
    """Whether a file can be written is found out without making, changing or removing it or a link of its name."""
    Path("link").symlink_to("nowhere")
    Path("full").write_text("content")
    for name in ("new", "link", "full"):
        require_writable(Path(name))
    assert {path.name for path in folder.iterdir()} == {"link", "full"}
    assert (Path("link").is_symlink(), Path("full").read_text()) == (True, "content")
    with pytest.raises(CommandError, match="none/new cannot be written: No such file or directory"):
        require_writable(folder / "none" / "new")
    os.mkfifo("pipe")
    for name in ("pipe", folder):
        with pytest.raises(CommandError, match="cannot be written: it is not a regular file"):
            require_writable(Path(name))
