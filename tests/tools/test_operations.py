"""The page of all operations, which a tool writes."""

from aiotalonone.endpoints import all_operations
from tools.operations import PAGE, page


def test_the_page_is_what_the_tool_writes():
    """The page in the documentation is up to date: ``python -m tools.operations`` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_has_a_row_for_every_operation():
    """Each operation has one row, with its request."""
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) == len(all_operations())
    assert all(any(f"`{operation.request}`" in row for row in rows) for operation in all_operations())
