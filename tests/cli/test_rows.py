import csv
import gzip
import io
import json
import os
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from errno import ENOSPC
from operator import length_hint
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import Mock

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from aiotalonone import codec
from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.rows import Format, InvalidRow, UnreadableFileError, open_rows
from aiotalonone.cli.rows.base import repeated_name
from aiotalonone.cli.rows.csv import infer_type
from aiotalonone.cli.values import Type, converter


def write_file(name, content):
    """Write a file, and return its path."""
    path = Path(name)
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(name, content):
    """Return the rows of a file with this content."""
    return list(open_rows(write_file(name, content)).read())


def invalid(rows):
    """Return the positions of invalid rows and their messages."""
    return {position: row.message for position, row in enumerate(rows) if isinstance(row, InvalidRow)}


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
def test_rows_of_a_file(name, content):
    """Every format has the same rows, whatever its line endings, compression and suffix."""
    assert read(name, content) == TWO


def test_rows_are_read_from_the_first_one_each_time():
    """Rows are read from the first one each time, also after the types were inferred."""
    rows = open_rows(write_file("rows.csv", "id,kids\nc-1,2\n"))
    assert [(column.name, column.type) for column in rows.columns()] == [("id", Type.TEXT), ("kids", Type.NUMBER)]
    assert list(rows.read()) == list(rows.read()) == [{"id": "c-1", "kids": "2"}]


def test_empty_cell_is_left_out():
    """An empty cell is left out, quoted or not; a cell with a space is not empty."""
    assert read("rows.csv", 'id,a,b,c\nc-1,,"", \n') == [{"id": "c-1", "c": " "}]


def test_null_of_ndjson_is_kept():
    """A null of NDJSON is kept, since it differs from a missing member."""
    assert read("rows.ndjson", '{"id": "c-1", "tier": null}') == [{"id": "c-1", "tier": None}]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "rows.csv",
            "id,a\nc-1\nc-2,1,2\n\nc-4,1\n\n",
            {
                0: "the row has 1 cells instead of 2",
                1: "the row has 3 cells instead of 2",
                2: "the line is empty",
            },
        ),
        (
            "rows.ndjson",
            '{"id": 1}\n\n[1]\n{"id"\n{"id": 2}',
            {
                1: "the line is empty",
                2: "the line is not a JSON object",
                3: "the line is not JSON: unexpected end of data at byte 6",
            },
        ),
    ],
)
def test_invalid_row_keeps_its_position(name, content, expected):
    """An invalid row keeps its position, so that the other rows keep their numbers."""
    assert invalid(read(name, content)) == expected


def test_cell_with_several_lines():
    """A cell with several lines is part of one row."""
    assert read("rows.csv", 'id,note\nc-1,"a\nb"\nc-2,x\n') == [
        {"id": "c-1", "note": "a\nb"},
        {"id": "c-2", "note": "x"},
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.csv", "", "has no header"),
        ("rows.csv", "\n1,2\n", "has no header"),
        ("rows.csv", "id,a,a\n", "two columns with the same name, a$"),
        ("rows.csv", "id,a, a \n", "two columns with the same name, a$"),
        ("rows.csv", "c-1,3,3\n", "has no header: its first line seems to be a row"),
        ("rows.csv", b"id,n\xfcme\n", "is not UTF-8: --encoding names another one, such as cp1252"),
        ("rows.csv", "id,a\n1,2\n".encode("utf-16"), "is UTF-16: CSV needs --encoding utf-16"),
        ("rows.csv", "id,a\n1,2\n".encode("utf-32"), "is UTF-32: CSV needs --encoding utf-32"),
        ("rows.ndjson", '{"id": 1}\n'.encode("utf-16"), "is UTF-16: .*NDJSON must be UTF-8"),
        ("rows.csv", "id,a\n1,2\n".encode("utf-16-le"), "is not UTF-8: --encoding names another one"),
        ("rows.csv", b"PK\x03\x04\x14", "is an Excel or zip file: save it as CSV"),
        ("rows.csv", 'id,"a"b\n', "is not CSV, as its header shows"),
        ("rows.ndjson", '[{"id": 1}, {"id": 2}]', r"is a JSON array: .* jq -c '\.\[\]' .*rows.ndjson"),
        ("rows.ndjson", '\n[\n{"id": 1},\n{"id": 2}\n]', "is a JSON array"),
        ("rows.ndjson", '[{"id": 1},\n{"id": 2}]', "is a JSON array"),
        ("rows.ndjson", '{\n  "id": 1\n}\n', r"has objects of several lines: .* jq -c '\.' "),
        ("rows.ndjson", '{"id": 1,\n "a": 1}\n', "has objects of several lines"),
        ("rows.parquet", "no", "cannot be read as Parquet"),
    ],
)
def test_unreadable_file_is_one_line(name, content, message):
    """A file that cannot be read is an error of one line that names the file."""
    with pytest.raises(UnreadableFileError, match=message) as caught:
        read(name, content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["id,a\n1,2\n", '{"id": 1}{"id": 2}\n', '{"id": 1}\r{"id": 2}\r', "[]", "null"])
def test_file_of_another_kind_than_ndjson_is_told(content):
    """If no line of a file is a JSON object, the error about its missing columns says that."""
    rows = open_rows(write_file("rows.ndjson", content))
    assert (rows.columns(), rows.hint("id")) == ([], "none of its first lines is a JSON object")
    assert open_rows(write_file("rows.ndjson", '{"a": 1}\n')).hint("id") == ""


def test_repeated_name_among_many():
    """Of a hundred thousand names the repeated one is found without comparing each with each."""
    names = [f"column {number}" for number in range(100_000)]
    assert (repeated_name(names), repeated_name([*names, names[0]])) == (None, names[0])


def test_file_without_a_known_suffix_needs_its_format():
    """A file is read in the format of its name or in that of the option, and the error names the option."""
    path = write_file("rows.txt", "id\nc-1\n")
    assert list(open_rows(path, Format.CSV).read()) == [{"id": "c-1"}]
    with pytest.raises(CommandError, match=r"rows\.txt is not a \.csv.*--format says what it is"):
        open_rows(path)
    with pytest.raises(CommandError, match="--delimiter and --encoding are for CSV"):
        open_rows(path, Format.NDJSON, encoding="cp1252")


def test_compression_is_known_by_the_content():
    """A compressed file is read as such, whatever its name, and a plain one that is called .gz as plain."""
    data = b"id\nc-1\n"
    for name, content in (("rows.csv", gzip.compress(data)), ("rows.csv.gz", data)):
        Path(name).write_bytes(content)
        assert list(open_rows(Path(name)).read()) == [{"id": "c-1"}]


def test_pipe_is_read_more_than_once():
    """What can be read only once, such as a pipe, is copied, so that its first row is not lost."""
    os.mkfifo("rows.ndjson")
    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(Path("rows.ndjson").write_text, '{"id": "c-1"}\n{"id": "c-2"}\n')
        rows = open_rows(Path("rows.ndjson"))
        writing.result()
    assert [column.name for column in rows.columns()] == ["id"]
    assert list(rows.read()) == list(rows.read()) == [{"id": "c-1"}, {"id": "c-2"}]


def test_truncated_gzip_file_is_an_error():
    """A truncated gzip file has its rows up to there, and then an error."""
    script = random.Random(2469)
    path = write_file("rows.csv.gz", "id\n" + "".join(f"{script.randbytes(20).hex()}\n" for n in range(50_000)))
    path.write_bytes(path.read_bytes()[:-2000])
    rows = open_rows(path).read()
    with pytest.raises(UnreadableFileError, match="not a complete gzip file"):
        list(rows)


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz", "rows.ndjson"])
def test_number_of_rows_is_estimated(name):
    """The number of rows is estimated from the part of the file that has been read, and exact at the end."""
    script = random.Random(2469)
    line = '{"id": "%s"}\n' if "ndjson" in name else "%s\n"
    content = ("id\n" if "csv" in name else "") + "".join(line % script.randbytes(20).hex() for _ in range(100_000))
    rows = open_rows(write_file(name, content))
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
    """Parquet columns have types, and nulls are left out, over all row groups."""
    schema = pa.schema({name: kind for name, (kind, *_) in COLUMNS.items()})
    full = {name: value for name, (_, value, _, _) in COLUMNS.items()}
    table = pa.Table.from_pylist([full, {"id": 8}] * 1500, schema)
    parquet.write_table(table, "rows.parquet", row_group_size=700)
    rows = open_rows(Path("rows.parquet"))
    assert {column.name: column.type for column in rows.columns()} == {
        name: kind for name, (*_, kind) in COLUMNS.items()
    }
    found = list(rows.read())
    assert found == [{name: expected for name, (_, _, expected, _) in COLUMNS.items()}, {"id": 8}] * 1500
    assert length_hint(rows) == 3000


def test_nanoseconds_are_truncated():
    """Times in nanoseconds are truncated to microseconds, as Python has them."""
    parquet.write_table(
        pa.table({"t": pa.array([1_785_585_600_123_456_789], pa.timestamp("ns", "UTC"))}), "rows.parquet"
    )
    [row] = open_rows(Path("rows.parquet")).read()
    assert row["t"] == datetime(2026, 8, 1, 12, 0, 0, 123456, tzinfo=UTC)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"))


@given(st.lists(st.tuples(st.text("abc", min_size=1), CELLS, CELLS)))
def test_csv_round_trip(rows):
    """Rows that are written as CSV are read unchanged, except for empty cells."""
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
def test_ndjson_round_trip(rows):
    """Rows that are written as NDJSON are read unchanged."""
    with TemporaryDirectory() as folder:
        found = read(f"{folder}/rows.ndjson", "".join(json.dumps(row) + "\n" for row in rows))
    assert json.loads(codec.encode(found)) == rows


def test_the_estimate_does_not_count_what_is_read_ahead():
    """After some rows of equal length the number of rows is exact, however much of the file is in the buffer."""
    rows = open_rows(write_file("rows.ndjson", '{"id": "c-1"}\n' * 10_000))
    reading = rows.read()
    for _ in range(100):
        next(reading)
    assert length_hint(rows) == 10_000
    reading.close()


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
def test_type_of_a_column(name, cells, expected):
    """A column is text, unless all its cells clearly have another type."""
    assert infer_type(name, cells) is expected


@given(st.lists(st.one_of(st.text(), st.integers().map(str), st.floats().map(str), st.sampled_from(["true", "007"]))))
def test_every_cell_converts_to_the_inferred_type(cells):
    """Each cell converts to the type that was inferred from it, and its value does not change."""
    kind = infer_type("column", cells)
    for cell in cells:
        value = converter(kind)(cell)
        if kind is Type.NUMBER:
            assert float(value) == float(cell)
        elif kind is Type.TEXT:
            assert value == cell


def test_damaged_parquet_is_one_line_with_its_name():
    """Parquet whose pages are damaged is an error that names the file, after the rows before."""
    table = pa.table({"id": [f"c-{n}" for n in range(10_000)]})
    parquet.write_table(table, "rows.parquet", row_group_size=5000, use_dictionary=False, compression="snappy")
    content = bytearray(Path("rows.parquet").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = b"\xff" * 2000
    Path("rows.parquet").write_bytes(content)
    found = []
    with pytest.raises(UnreadableFileError, match=r"^rows\.parquet cannot be read as Parquet: "):
        found.extend(open_rows(Path("rows.parquet")).read())


def test_pipe_that_cannot_be_copied_is_one_line(monkeypatch):
    """If the disk is full while a pipe is copied, the error says what could not be written where."""
    monkeypatch.setattr("aiotalonone.cli.rows.base.copyfileobj", Mock(side_effect=OSError(ENOSPC, "No space left")))
    os.mkfifo("rows.csv")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(Path("rows.csv").write_text, "id\n")
        with pytest.raises(
            UnreadableFileError, match=r"^rows\.csv cannot be copied to a temporary file: No space left$"
        ):
            open_rows(Path("rows.csv"))
