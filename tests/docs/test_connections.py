"""The pages on connections say what the transport has."""

import re
from pathlib import Path

import pytest

from aiotalonone.client import DEFAULT_MAX_CONNECTIONS
from aiotalonone.transport.connect import HAPPY_EYEBALLS_DELAY, RESOLVER_THREADS
from aiotalonone.transport.connection import KEEP_ALIVE_SECONDS, State
from aiotalonone.transport.response_parser import MAX_CHUNK_OVERHEAD, MAX_HEAD_BYTES, MAX_HEADERS

DOCS = Path(__file__).parents[2] / "docs"
CONCEPT = (DOCS / "concepts" / "connections.md").read_text(encoding="utf-8")
PAGES = (DOCS / "connections.md").read_text(encoding="utf-8") + CONCEPT


def test_the_table_has_the_states_of_a_connection():
    """The rows are the states of the code, in its order."""
    assert re.findall(r"^\| `([A-Z]+)` \|", CONCEPT, re.MULTILINE) == [state.name for state in State]


@pytest.mark.parametrize(
    "words",
    [
        f"`max_connections` ({DEFAULT_MAX_CONNECTIONS})",
        f"closed after {KEEP_ALIVE_SECONDS:.0f} seconds",
        f"| {MAX_HEAD_BYTES // 1024} KiB |",
        f"| {MAX_HEADERS} |",
        f"| {MAX_CHUNK_OVERHEAD // 1024} KiB, and 16 bytes for each chunk",
        f"in {RESOLVER_THREADS} threads",
        f"silent for {HAPPY_EYEBALLS_DELAY * 1000:.0f} ms",
    ],
)
def test_the_numbers_are_those_of_the_code(words):
    """A limit or time that a page names is the one that holds."""
    assert words in PAGES
