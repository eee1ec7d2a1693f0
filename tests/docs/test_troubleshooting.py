"""The page on troubleshooting has each line that the client can raise, log or print."""

import re
from pathlib import Path

import pytest

import aiotalonone.bulk
from aiotalonone.errors import TalonOneError
from aiotalonone.pipeline.content import _INVALID
from aiotalonone.pipeline.deadline import AbortReason
from aiotalonone.pipeline.lifecycle import _State
from aiotalonone.pipeline.messages import _TEMPLATES, WITHHELD
from aiotalonone.transport.socks import _REPLIES
from aiotalonone.transport.tls import _NETWORK
from tests.support.lines import logged_in, raised_in, returned_in

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
SHOWN = {line.strip() for pair in re.findall(r"``(.+?)``|`([^`\n]+)`", PAGE) for line in pair}
TRANSPORT = (
    *("ConnectFailed", "ConnectTimedOut", "ProxyFailed", "PoolTimedOut", "DeadlinePassed", "WriteTimedOut"),
    *("ReadTimedOut", "ConnectionBroken", "InvalidResponse", "ResponseTooLarge"),
)
OURS = ("CircuitOpenError", "TransportError", "ResponseDecodeError", "UndecodableContentError", "ContentTooLargeError")
MISUSE = ("ValueError", "TypeError")
JOBS = ("ValueError", "RuntimeError", "CheckpointError", "SourceChangedError", "JobRunningError")
EXTRAS = ("RuntimeError", "ImportError")

LINES = {
    "transport": raised_in("transport/*.py", *TRANSPORT) | raised_in("pipeline/*.py", *TRANSPORT),
    "connections": {*_NETWORK.values(), *_REPLIES.values(), *returned_in("transport/tls.py")},
    "responses": returned_in("transport/response_parser.py"),
    "hooks": returned_in("pipeline/send.py") - {"…: …"},
    "aborted calls": {reason.value for reason in AbortReason},
    "client": raised_in("**/*.py", *OURS) | {_INVALID},
    "state": {state.value for state in _State if state is not _State.OPEN} | raised_in("**/*.py", "_state_error"),
    "settings": raised_in("settings.py", *MISUSE)
    | raised_in("client.py", *MISUSE)
    | raised_in("transport/tls.py", *MISUSE),
    "own client": raised_in("pipeline/own_client.py", *MISUSE) | raised_in("pipeline/libraries.py", *MISUSE),
    "keys": raised_in("pipeline/idempotency.py", *MISUSE),
    "raw responses": raised_in("pipeline/response.py", *MISUSE, "RuntimeError"),
    "jobs": raised_in("bulk/*.py", *JOBS),
    "commands": raised_in("cli/*.py", "CommandError")
    | raised_in("cli/rows/*.py", "CommandError", "UnreadableFileError"),
    "frameworks": raised_in("[aefo]*.py", *EXTRAS) | raised_in("endpoints/*.py", *EXTRAS),
    "log": logged_in("**/*.py"),
}
"""What the code can say, by where it says it."""


@pytest.mark.parametrize("where", LINES)
def test_each_line_has_an_entry(where):
    """A reader who searches for a line finds it, with what varies as an ellipsis."""
    assert LINES[where]
    assert LINES[where] - SHOWN == set()


def test_each_class_of_error_is_named():
    """A reader who knows the class finds the lines of it."""

    def family(kind):
        return {kind, *(one for child in kind.__subclasses__() for one in family(child))}

    assert aiotalonone.bulk.JobStoppedError in family(TalonOneError)
    names = {kind.__name__ for kind in family(TalonOneError) if kind.__module__.startswith("aiotalonone.")}
    assert {name for name in names if name not in PAGE} == set()


def test_messages_of_the_api_are_those_that_errors_show():
    """A message of the API that the page names is one that the line of an error can have."""
    [table] = re.findall(r"^## A status\n.*?(?=^## )", PAGE, re.DOTALL | re.MULTILINE)
    cells = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    named = {line for cell in cells for line in re.findall(r"`([^`]+)`", cell)}
    messages = {line for line in named if not re.match(r"\d", line)}
    assert messages <= {re.sub(r"\{\w+\}", "…", template) for template in _TEMPLATES}
    assert WITHHELD in PAGE


def test_the_collector_reads_what_varies():
    """A line with values in it is a template with an ellipsis for each."""
    assert "larger than … bytes" in LINES["transport"]
    assert "…: attempt … failed (…), retrying in … s" in LINES["log"]
    assert "certificate expired" in LINES["connections"]
