import json
from pathlib import Path

import pytest

from aiotalonone.bulk import Snapshot
from aiotalonone.bulk.report import RetryNotice
from aiotalonone.cli.console import (
    Reasons,
    Screen,
    describe_progress,
    format_duration,
    make_console,
    print_to_stderr,
    show_table,
)


def snapshot(**figures):
    defaults = {"records": 0, "accepted": 0, "rejected": 0, "total": None, "seconds": 1.0, "rate": 0.0, "eta": None}
    return Snapshot(**(defaults | figures), concurrency=4, p50=None, p95=None, requests=0, retries=0)


@pytest.mark.parametrize(
    ("figures", "line"),
    [
        ({}, "0, 0/s"),
        ({"accepted": 1200, "total": 5000, "rate": 1234.5, "eta": 3.1}, "1,200 of ~5,000, 1,234/s, ~3 s left"),
        ({"accepted": 1200, "rejected": 34, "total": 1000}, "1,234 of 1,234, 34 rejected, 0/s"),
        ({"records": 5000, "accepted": 1200, "total": 5000}, "1,200 of 5,000, 0/s"),
    ],
)
def test_progress_of_a_job(figures, line):
    """The progress line marks estimates, and its total is none once all records are read, or if they exceed it."""
    assert describe_progress(snapshot(**figures)) == line


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.44, "0.4 s"), (1.2, "1 s"), (59.6, "1 min 0 s"), (61, "1 min 1 s"), (7500, "2 h 5 min")]
)
def test_format_of_a_duration(seconds, text):
    """A duration is rounded to seconds, below one to tenths, and from an hour on to minutes."""
    assert format_duration(seconds) == text


def test_known_total_is_not_marked():
    """A total that is known is not marked as an estimate."""
    assert describe_progress(snapshot(accepted=1200, total=5000), is_counted=True) == "1,200 of 5,000, 0/s"


class FailingJob:
    """A job whose request waits for a retry."""

    def __init__(self, *reasons):
        self.reasons = reasons

    async def progress(self, _):
        """Yield a snapshot for each reason."""
        for reason in self.reasons:
            yield snapshot(total=2000, retry=RetryNotice(reason=reason, attempts=1, seconds=7.5))


async def test_reason_of_a_retry_is_shown_while_it_waits(capsys):
    """The line of a job that waits for a retry says why, and what to do about it is shown once."""
    job = FailingJob("connection refused", "connection refused", "timeout")
    await Screen(Path("none"), {"connection refused": "Check the port.", "timeout": ""}.get).show_progress(job)
    assert capsys.readouterr().err.splitlines() == [
        "connection refused. Check the port.",
        "0 of ~2,000, 0/s; retrying in 8 s: connection refused",
        "0 of ~2,000, 0/s; retrying in 8 s: connection refused",
        "timeout.",
        "0 of ~2,000, 0/s; retrying in 8 s: timeout",
    ]


def test_quiet_screen_shows_nothing(capsys):
    """A quiet screen shows no notice."""
    Screen(Path("none"), str, is_quiet=True).notice("news")
    assert capsys.readouterr().err == ""


def reject(position, message, status=None, pointer=None):
    return json.dumps({"position": position, "status": status, "message": message, "pointer": pointer, "record": {}})


def test_reasons_are_read_as_the_file_grows():
    """Rejects are counted line by line as their file grows, a line that is not complete only when it is."""
    path, reasons = Path("rejects.ndjson"), Reasons()
    path.write_text(reject(3, "id is empty") + "\n" + reject(5, "id is empty")[:10])
    assert reasons.read_file(path) == ["id is empty"]
    path.write_text(
        "\n".join([reject(3, "id is empty"), reject(5, "id is empty"), reject(7, "kids is not a number")]) + "\n"
    )
    assert reasons.read_file(path) == ["kids is not a number"]
    assert reasons.read_file(path) == []
    assert list(reasons.lines(2)) == ["2: id is empty (first: row 5)", "1: kids is not a number (first: row 9)"]


@pytest.mark.parametrize(
    ("pointer", "shown"),
    [
        (None, "rejected by the API: 400 Bad Request"),
        ("/attributes/kids", "rejected by the API: 400 Bad Request at attributes/kids"),
        ("/attributes/ada@example.com", "rejected by the API: 400 Bad Request"),
    ],
)
def test_reasons_hold_no_words_of_the_api(pointer, shown):
    """A reject of the API is known by its status and member: its message may hold what a customer is called."""
    path, reasons = Path("rejects.ndjson"), Reasons()
    path.write_text(reject(0, "Ada Lovelace is not a number", 400, pointer) + "\n")
    assert reasons.read_file(path) == [shown]


def test_broken_lines_share_a_reason_wherever_they_break():
    """Lines that break off at different bytes are one reason, of which the file of rejects has the places."""
    path, reasons = Path("rejects.ndjson"), Reasons()
    broken = [reject(n, f"the line is not JSON: unexpected end of data at byte {n}") for n in range(30)]
    path.write_text("\n".join(broken) + "\n")
    assert reasons.read_file(path) == ["the line is not JSON: unexpected end of data"]
    assert [count for _, count, _ in reasons.counts()] == [30]


def test_first_row_of_a_reason_is_the_first_of_the_file():
    """Rejects may be written in any order, and the first row of a reason is the lowest."""
    reasons = Reasons()
    for position in (2000, 500, 1000):
        reasons.add("id is empty", position)
    assert list(reasons.lines(2)) == ["3: id is empty (first: row 502)"]


def test_number_of_reasons_is_bounded():
    """However many reasons there are, some of them are kept and the others counted together."""
    reasons = Reasons()
    for number in range(1000):
        reasons.add(f"reason {number}", number)
    counts = reasons.counts()
    assert (len(counts), counts[0]) == (21, ("other reasons", 980, 20))


def test_reason_in_a_line_of_any_length_is_read():
    """A line that is longer than what is read at once is read whole, and the next one after it."""
    path, reasons = Path("rejects.ndjson"), Reasons()
    path.write_text(reject(0, "x" * 100) + "\n" + reject(1, "id is empty") + "\n")
    assert reasons.read_file(path, 10) == ["x" * 100]
    assert reasons.read_file(path, 10) == ["id is empty"]
    assert reasons.read_file(path, 10) == []


NAMES = ["[/red]", "[bold]x", ":key:", "a\x1b[31mb", "two\nlines"]
SHOWN = ["[/red]", "[bold]x", ":key:", r"a\x1b[31mb", r"two\nlines"]


def test_names_are_shown_as_they_are(capsys):
    """A name is neither markup nor a command to the terminal, in a line or in a table."""
    show_table("Names", ["name"], [[name] for name in NAMES])
    shown = " ".join(capsys.readouterr().err.split())
    assert [name for name in SHOWN if name not in shown] == []
    for name in NAMES:
        print_to_stderr(name)
    assert capsys.readouterr().err.splitlines() == SHOWN


def test_pipe_is_not_a_terminal_whatever_the_environment_says(monkeypatch):
    """FORCE_COLOR, which many CI systems set, draws no bar into a log."""
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.setenv(variable, "1")
    assert not make_console().is_terminal
