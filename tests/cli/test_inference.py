import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotalonone.cli.rows.inference import inferred_type
from aiotalonone.cli.values import Type, converter


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("kids", ["0", "2", "-1"], Type.NUMBER),
        ("spent", ["1.10", "3"], Type.NUMBER),
        ("kids", ["2", "many"], Type.TEXT),
        ("kids", [], Type.TEXT),
        ("zip", ["10115", "01067"], Type.TEXT),
        ("phone", ["+49301"], Type.TEXT),
        ("card", ["1234567890123456"], Type.TEXT),
        ("spent", ["0.1234567890123456"], Type.TEXT),
        ("code", ["1E5"], Type.TEXT),
        ("share", ["1,5"], Type.TEXT),
        ("id", ["1"], Type.TEXT),
        ("store_id", ["1"], Type.TEXT),
        ("STORE ID", ["1"], Type.TEXT),
        ("storeId", ["1"], Type.TEXT),
        ("storeIDs", ["1"], Type.TEXT),
        ("paid", ["1"], Type.NUMBER),
        ("vip", ["true", "FALSE"], Type.BOOLEAN),
        ("vip", ["0", "1"], Type.NUMBER),
        ("vip", ["yes", "no"], Type.TEXT),
        ("since", ["2026-08-01T12:00:00Z", "2026-08-01T12:00:00+02:00"], Type.TIME),
        ("since", ["2026-08-01"], Type.TEXT),
        ("since", ["2026-08-01T12:00:00"], Type.TEXT),
        ("sizes", ['["m", "l"]'], Type.TEXT),
    ],
)
def test_the_type_of_a_column(name, cells, expected):
    """Another one than text only where all its cells are plainly of it."""
    assert inferred_type(name, cells) is expected


@given(st.lists(st.one_of(st.text(), st.integers().map(str), st.floats().map(str), st.sampled_from(["true", "007"]))))
def test_no_cell_that_was_looked_at_is_refused(cells):
    """And none changes: what is no text says the same as before."""
    kind = inferred_type("column", cells)
    for cell in cells:
        value = converter(kind)(cell)
        if kind is Type.NUMBER:
            assert float(value) == float(cell)
        elif kind is Type.TEXT:
            assert value == cell
