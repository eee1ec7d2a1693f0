"""A sync on a cluster: what its workers make of a file's rows, and which options it takes."""

import pickle
import sys
from datetime import UTC, datetime
from decimal import Decimal
from errno import ENOSPC
from unittest.mock import Mock

import pytest

pytest.importorskip("pyarrow", reason="needs the extra parquet")

import pyarrow as pa
import pyarrow.parquet as pq

from aiotalonone.bulk import InvalidRecord, Report
from aiotalonone.cli import engine
from aiotalonone.cli.columns import map_columns, parse_column_option
from aiotalonone.cli.engine import FileTables, FromPacked, OnRay
from aiotalonone.cli.profiles import ProfileMapping
from aiotalonone.cli.records import Records
from aiotalonone.cli.rows import open_rows

CSV = """\
id,Name,Kids,Since,Empty
c-1,Ada,2,2026-07-01T12:00:00Z,
 c-2 ,"Grace
Hopper",3,,
c-3,"Edsger",two,,
,Edith,1,,
c-5,Barbara,4,,x,too many
c-6,too few
1e5,Number,1,,
c-8,Zoë,007,,
"""
FIRST = """\
{"id": "c-1", "Name": "Ada", "Tags": ["a", "b"], "Exact": 0.1000000000000000055}
""" + "".join(f'{{"id": "f-{number}", "Name": "Grace"}}\n' for number in range(1000))
"""As many rows as columns are known from."""
NDJSON = (
    FIRST
    + """\
{"id": 2, "Name": null, "Where": {"city": "Paris"}}
not JSON
{"id": "c-3", " Name": "late and the same", "Late": 1}

[1, 2]
{"id": "c-3", "Name": "Grace", "Late": "x", "Name ": 3}
{"Name": "without ID"}
{"id": "c-4", "Name": "Ada", "Name": "twice"}
{"id": "\\ud800", "Name": "surrogate"}
"""
)


def mapping_of(rows, *columns):
    """Return a mapping as the command makes it."""
    options = [parse_column_option(text) for text in columns]
    return ProfileMapping("id", map_columns(rows.columns(), "id", options, may_be_late=rows.has_late_columns))


def shown(record):
    """Return what a job sees of a record."""
    reason = record.reason if isinstance(record, InvalidRecord) else None
    return type(record), dict(record), reason


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("rows.csv", CSV, []),
        ("rows.csv", CSV, ["Kids=attributes.Children:text", "Since=", "Name=:text"]),
        ("rows.ndjson", NDJSON, []),
        ("rows.ndjson", NDJSON, ["Tags=:list", "Exact=:text"]),
    ],
)
def test_workers_make_the_records_that_this_process_would(folder, name, content, columns):
    """Of each row, valid or not, there is the same record at the same position, and the same notices follow."""
    path = folder / name
    path.write_text(content, "utf-8")
    rows = open_rows(path, None, delimiter=None, encoding=None)
    here, there = mapping_of(rows, *columns), mapping_of(rows, *columns)
    expected = list(Records(rows, here.to_record, here.needed))
    to_record = pickle.loads(pickle.dumps(FromPacked(there)))  # noqa: S301 - our own
    packed = [row for table in FileTables(rows, there).iter_batches() for row in table.to_pylist()]
    assert [shown(to_record(row)) for row in packed] == [shown(record) for record in expected]
    assert list(there.notices()) == list(here.notices())


def test_rows_of_one_customer_have_one_key(folder):
    """Blanks around an ID do not make it another customer's, whose records could come in another order."""
    path = folder / "rows.csv"
    path.write_text("id,Name\nc-1,Ada\n c-1 ,Grace\n,Edith\n", "utf-8")
    rows = open_rows(path, None, delimiter=None, encoding=None)
    [table] = FileTables(rows, mapping_of(rows)).iter_batches()
    assert table.column("key").to_pylist() == [b"c-1", b"c-1", None]


def test_parquet_arrives_with_all_digits_and_types(folder):
    """Values that only Parquet has are packed as they are."""
    path = folder / "rows.parquet"
    columns = {"id": [7], "Price": [Decimal("1.10")], "When": [datetime(2026, 7, 1, tzinfo=UTC)], "Tags": [["a"]]}
    pq.write_table(pa.table(columns), path)
    rows = open_rows(path, None, delimiter=None, encoding=None)
    mapping = mapping_of(rows)
    [table] = FileTables(rows, mapping).iter_batches()
    [record] = map(FromPacked(mapping), table.to_pylist())
    assert [record] == list(Records(rows, mapping.to_record, mapping.needed))


@pytest.fixture
def file(folder):
    """Write a file of customers."""
    path = folder / "customers.csv"
    path.write_text("id,Name\nc-1,Ada\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--address", "127.0.0.1:1"], "are for --engine"),
        (["--checkpoint", "s3://jobs"], "are for --engine"),
        (["--engine", "ray", "--sandbox"], "cannot be used with --engine"),
        (["--engine", "ray", "--proxy", "http://proxy:1"], "cannot be used with --engine"),
        (["--engine", "ray", "--timeout", "3"], "cannot be used with --engine"),
        (["--engine", "ray", "--resume"], "--resume needs --checkpoint URL"),
        (["--engine", "ray", "--resume", "--restart"], "choose either --resume"),
        (["--engine", "ray"], "TALON_ONE_BASE_URL is not set"),
    ],
)
def test_options_that_do_not_fit_are_errors(command, file, options, message):
    """Nothing is started, and nothing sent."""
    ended = command("profiles", "sync", file, "--id-column", "id", *options)
    assert ended.code == 2
    assert message in ended.err


def test_without_ray_the_error_says_how_to_install_it(command, file, monkeypatch):
    """The message names the extra."""
    monkeypatch.setitem(sys.modules, "ray", None)
    for name in [name for name in sys.modules if name.startswith("aiotalonone.bulk.ray")]:
        monkeypatch.delitem(sys.modules, name)
    options = ("--engine", "ray", "--base-url", "http://127.0.0.1:9")
    ended = command("profiles", "sync", file, "--id-column", "id", *options)
    assert ended.code == 2
    assert 'pip install "aiotalonone[ray]"' in ended.err


def test_a_dry_run_needs_no_cluster(command, file):
    """The file is read in this process, and nothing is started."""
    ended = command("profiles", "sync", file, "--id-column", "id", "--engine", "ray", "--dry-run")
    assert (ended.code, "1 record, 0 of them invalid" in ended.out) == (0, True)


def test_a_job_whose_rejects_cannot_be_written_has_its_figures(command, file, monkeypatch):
    """If the disk is full when the records are sent, the report says so, and the exit code what became of them."""
    report = Report(
        job="j", records=1, accepted=0, rejected=1, not_attempted=0, resumed=0, merged=0, requests=0, retries=0,
        seconds=1.0, finished=True,
    )  # fmt: skip
    monkeypatch.setattr(engine, "_import_ray", lambda: (lambda *_, **__: (report, Mock()), str))
    monkeypatch.setattr(engine, "_write_rejects", Mock(side_effect=OSError(ENOSPC, "No space left on device")))
    monkeypatch.setattr(OnRay, "_connect", lambda *_: None)
    options = ("--engine", "ray", "--base-url", "http://127.0.0.1:9", "--json")
    ended = command("profiles", "sync", file, "--id-column", "id", *options)
    assert (ended.code, ended.report["rejected"]) == (3, 1)
    assert ended.report["error"] == "the rejects cannot be written: No space left on device"
    assert f"Error: {ended.report['error']}" in ended.err
