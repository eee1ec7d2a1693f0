"""The fault matrix: what docs/reliability.md promises is what happens."""

import pytest

from tests.reliability.matrix import FAULTS, PAGE, SUBJECTS, TRANSPORTS, Cell, cell_of, differences, documented, tables

FEW = [
    ("closed port", "unsafe", Cell("TransportError", "NOT_SENT", 3, 0)),
    ("dropAfterCommit", "idempotency key", Cell("succeeded", "", 2, 1)),
    ("dropAfterCommit", "idempotent (DELETE)", Cell("succeeded", "", 2, 1)),
    ("dropAfterCommit", "idempotent (own ID)", Cell("succeeded", "", 2, 1)),
    ("halfABody", "idempotent (own ID)", Cell("succeeded", "", 2, 1)),
    ("dropAfterCommit", "unsafe", Cell("TransportError", "UNKNOWN", 1, 1)),
    ("halfABody", "unsafe", Cell("TransportError", "APPLIED", 1, 1)),
    ("status429Seconds", "unsafe", Cell("succeeded", "", 2, 1)),
    ("wrongContentLength", "safe", Cell("ResponseDecodeError", "APPLIED", 1, 0)),
]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("fault", "subject", "cell"), FEW)
async def test_the_most_telling_cells_are_as_expected(fault, subject, cell, transport):
    """A fault met by the first attempt ends as expected, for the most telling faults and operations."""
    assert await cell_of(fault, (1,), SUBJECTS[subject], transport) == cell


def test_the_page_has_a_row_for_every_fault():
    """The page has a row for every fault of the sandbox."""
    rows = [line for line in documented().splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) == 2 + len(FAULTS) + len(FAULTS) - 1


def test_a_cell_that_differs_is_reported():
    """The comparison reports the lines that differ, and nothing for equal tables."""
    text = documented()
    assert differences(text, text) == []
    assert len(differences(text, text.replace("NOT_SENT", "UNKNOWN"))) == 2
    assert PAGE.is_file()


@pytest.mark.soak
async def test_the_whole_matrix_is_as_documented():
    """Every fault ends as documented, for every class of operation, on both transports, once and every time."""
    assert differences(await tables(), documented()) == []
