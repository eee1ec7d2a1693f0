import csv
import gzip
import io
import json
import random
from datetime import UTC, datetime
from decimal import Decimal
from operator import length_hint
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from aiotalonone.cli.rows import BrokenRow, UnreadableFileError, rows_of
from aiotalonone.cli.values import Type


def saved(name, content):
    """A file of this content."""
    path = Path(name)
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(name, content):
    """The rows of such a file."""
    return list(rows_of(saved(name, content)).read())


def broken(rows):
    """The places of broken rows, and what is wrong about them."""
    return {place: row.message for place, row in enumerate(rows) if isinstance(row, BrokenRow)}


TWO = [{"id": "c-1", "Name": "Ada"}, {"id": "c-2", "Name": "Bob, jr."}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", 'id,Name\nc-1,Ada\nc-2,"Bob, jr."\n'),
        ("rows.CSV", '\ufeffid,Name\r\nc-1,Ada\r\nc-2,"Bob, jr."'),
        ("rows.csv.gz", 'id,Name\nc-1,Ada\nc-2,"Bob, jr."\n\n\n'),
        ("rows.ndjson", "".join(json.dumps(row) + "\n" for row in TWO)),
        ("rows.jsonl", "\ufeff" + "\r\n".join(map(json.dumps, TWO)) + "\n\n"),
        ("rows.2026-08.ndjson.gz", "\n".join(map(json.dumps, TWO))),
    ],
)
def test_the_rows_of_a_file(name, content):
    """The same ones in every format, whatever ends its lines and its names."""
    assert read(name, content) == TWO


def test_rows_are_read_from_the_first_one_each_time():
    """The types are found in a reading of its own."""
    rows = rows_of(saved("rows.csv", "id,kids\nc-1,2\n"))
    assert [(column.name, column.type) for column in rows.columns()] == [("id", Type.TEXT), ("kids", Type.NUMBER)]
    assert list(rows.read()) == list(rows.read()) == [{"id": "c-1", "kids": "2"}]


def test_an_empty_cell_is_left_out():
    """Quoted or not; a blank is none."""
    assert read("rows.csv", 'id,a,b,c\nc-1,,"", \n') == [{"id": "c-1", "c": " "}]


def test_a_null_of_ndjson_stays():
    """JSON tells it from what is left out."""
    assert read("rows.ndjson", '{"id": "c-1", "tier": null}') == [{"id": "c-1", "tier": None}]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "rows.csv",
            "id,a\nc-1\nc-2,1,2\n\nc-4,1\n\n",
            {0: "it has 1 cells, and the header 2", 1: "it has 3 cells, and the header 2", 2: "the line is empty"},
        ),
        (
            "rows.ndjson",
            '{"id": 1}\n\n[1]\n{"id"\n{"id": 2}',
            {1: "the line is empty", 2: "the line is no JSON object", 3: "the line is no JSON: unexpected end of data"},
        ),
    ],
)
def test_a_row_that_cannot_be_read_keeps_its_place(name, content, expected):
    """Whoever looks for another one by its number finds it."""
    assert broken(read(name, content)) == expected


def test_a_cell_may_have_lines():
    """It is still one row."""
    assert read("rows.csv", 'id,note\nc-1,"a\nb"\nc-2,x\n') == [
        {"id": "c-1", "note": "a\nb"},
        {"id": "c-2", "note": "x"},
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.txt", "", "rows.txt is none of .csv"),
        ("rows.csv", "", "has no header"),
        ("rows.csv", "id,a,a\n", "two columns of one name"),
        ("rows.csv", b"id,a\nc-1,\xff\n", "is not UTF-8"),
        ("rows.csv", 'id,a\nc-1,"x"y\n', "is no CSV"),
        ("rows.parquet", "no", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_is_none_is_refused(name, content, message):
    """In one line, which names it."""
    with pytest.raises(UnreadableFileError, match=message) as caught:
        read(name, content)
    assert "\n" not in str(caught.value)


def test_half_a_gzip_file_is_no_end():
    """The rows that are there come, and then the truth."""
    path = saved("rows.csv.gz", "id\n" + "".join(f"c-{n}\n" for n in range(10_000)))
    path.write_bytes(path.read_bytes()[:-2000])
    rows = rows_of(path).read()
    with pytest.raises(UnreadableFileError, match="no whole gzip file"):
        list(rows)


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz", "rows.ndjson"])
def test_the_number_of_rows_is_estimated(name):
    """From how much of the file has been read, and in the end it is exact."""
    script = random.Random(2469)
    line = '{"id": "%s"}\n' if "ndjson" in name else "%s\n"
    content = ("id\n" if "csv" in name else "") + "".join(line % script.randbytes(20).hex() for _ in range(100_000))
    rows = rows_of(saved(name, content))
    reading = rows.read()
    for _ in range(50_000):
        next(reading)
    assert 90_000 < length_hint(rows) < 110_000
    assert sum(1 for _ in reading) == 50_000
    assert length_hint(rows) == 100_000


COLUMNS = {
    "id": (pa.int64(), 7, 7, Type.NUMBER),
    "name": (pa.string(), "Ada", "Ada", Type.TEXT),
    "tier": (pa.dictionary(pa.int8(), pa.string()), "gold", "gold", Type.TEXT),
    "spent": (pa.decimal128(10, 2), Decimal("1.10"), Decimal("1.10"), Type.NUMBER),
    "share": (pa.float64(), 0.5, 0.5, Type.NUMBER),
    "vip": (pa.bool_(), True, True, Type.BOOLEAN),
    "since": (pa.timestamp("ns", "UTC"), datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC), Type.TIME),
    "day": (pa.date32(), datetime(2026, 8, 1, tzinfo=UTC).date(), datetime(2026, 8, 1, tzinfo=UTC).date(), Type.TIME),
    "sizes": (pa.list_(pa.string()), ["m"], ["m"], Type.LIST),
    "home": (pa.struct({"city": pa.string()}), {"city": "Berlin"}, {"city": "Berlin"}, None),
}


def test_parquet_has_types_and_leaves_nulls_out():
    """Row after row, over all its row groups."""
    schema = pa.schema({name: kind for name, (kind, *_) in COLUMNS.items()})
    full = {name: value for name, (_, value, _, _) in COLUMNS.items()}
    table = pa.Table.from_pylist([full, {"id": 8}] * 1500, schema)
    parquet.write_table(table, "rows.parquet", row_group_size=700)
    rows = rows_of(Path("rows.parquet"))
    assert {column.name: column.type for column in rows.columns()} == {
        name: kind for name, (*_, kind) in COLUMNS.items()
    }
    found = list(rows.read())
    assert found == [{name: expected for name, (_, _, expected, _) in COLUMNS.items()}, {"id": 8}] * 1500
    assert length_hint(rows) == 3000


def test_nanoseconds_are_cut_off():
    """Python has no such times."""
    parquet.write_table(
        pa.table({"t": pa.array([1_785_585_600_123_456_789], pa.timestamp("ns", "UTC"))}), "rows.parquet"
    )
    [row] = rows_of(Path("rows.parquet")).read()
    assert row["t"] == datetime(2026, 8, 1, 12, 0, 0, 123456, tzinfo=UTC)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"))


@given(st.lists(st.tuples(st.text("abc", min_size=1), CELLS, CELLS)))
def test_what_was_written_as_csv_is_read(rows):
    """But for empty cells."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([("id", "a", "b"), *rows])
    with TemporaryDirectory() as folder:
        found = read(f"{folder}/rows.csv", buffer.getvalue())
    expected = [dict(zip(("id", "a", "b"), row, strict=True)) for row in rows]
    assert found == [{name: cell for name, cell in row.items() if cell} for row in expected]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda values: st.lists(values, max_size=3),
)


@given(st.lists(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=4)))
def test_what_was_written_as_ndjson_is_read(rows):
    """Value by value."""
    with TemporaryDirectory() as folder:
        assert read(f"{folder}/rows.ndjson", "".join(json.dumps(row) + "\n" for row in rows)) == rows


def test_the_estimate_does_not_count_what_is_read_ahead():
    """After some rows of equal length the number of rows is exact, however much of the file is in the buffer."""
    rows = rows_of(saved("rows.ndjson", '{"id": "c-1"}\n' * 10_000))
    reading = rows.read()
    for _ in range(100):
        next(reading)
    assert length_hint(rows) == 10_000
    reading.close()
