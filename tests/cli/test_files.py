import asyncio
import gzip
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from aiotalonone.sandbox import Sandbox
from tests.cli.conftest import environment, lines
from tests.support.sandbox_server import serving

SYNC = ["profiles", "sync"]


def source(content, name="rows.csv"):
    Path(name).write_bytes(content.encode(errors="surrogateescape") if isinstance(content, str) else content)
    return name


def stored(sandbox):
    return {name: dict(profile.attributes) for name, profile in sandbox.state.profiles.items()}


async def test_broken_rows_are_rejects_and_the_job_goes_on(program):
    """A bad line, an unclosed quote and a bad byte among thousands of rows are three rejects with their row numbers."""
    rows = [f"c-{n},Customer {n}" for n in range(3000)]
    rows[1500], rows[2000], rows[2500] = 'c-x,"Ann" B', 'c-y,"Bob', "c-z,\udcfc"
    sandbox = Sandbox()
    async with serving(sandbox.app) as server:
        done = await program(
            *SYNC, source("\n".join(["id,name", *rows])), "--id-column", "id", "--json", url=server.url
        )
    assert (done.code, len(sandbox.state.profiles)) == (3, 2997)
    assert sorted(reject["position"] for reject in lines(done.report["rejects"])) == [1500, 2000, 2500]
    assert sorted((reason["records"], reason["firstRow"]) for reason in done.report["reasons"]) == [
        (1, 1502), (1, 2002), (1, 2502),
    ]  # fmt: skip
    assert "  1: the row is not UTF-8: --encoding cp1252 may read it (first: row 2502)" in done.err


async def test_rejects_are_shown_by_reason_without_the_apis_words(program):
    """The summary has the rejects by reason: status and member, but nothing that the API wrote."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": {"kids": "number", "home": "string"}}})
    content = "id,kids,home\n" + "".join(f"c-{n},{n},own\n" for n in range(20)) + "c-x,1,\nc-y,2,own\n"
    async with serving(sandbox.app) as server:
        done = await program(
            *SYNC, source(content), "--id-column", "id", "--column", "kids=:text", "--json", url=server.url
        )
    assert done.code == 3
    [reason] = done.report["reasons"]
    assert (reason["records"], reason["firstRow"]) == (22, 2)
    assert reason["message"].startswith("rejected by the API: 400 Bad Request")
    assert f"Rejected: {reason['message']}" in done.err


async def test_rejects_are_sent_again(program):
    """Records that the API rejected are sent again from their file, with options, and a repaired one as it stands."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": {"kids": "number"}}})
    content = "id,kids,home\nc-1,1,own\nc-2,many,\n"
    retry = [*SYNC, "--retry-rejects", "first.rejects.ndjson", "--json"]
    async with serving(sandbox.app) as server:
        first = await program(
            *SYNC, source(content), "--id-column", "id", "--job", "first", "--column", "kids=:number", url=server.url
        )
        again = await program(*retry, url=server.url)
        rejects = await asyncio.to_thread(Path("first.rejects.ndjson").read_text)
        source(rejects.replace('"many"', "3"), "first.rejects.ndjson")
        done = await program(*retry, "--column", "home=", url=server.url)
    assert (first.code, len(rejects.splitlines())) == (3, 2)
    assert (again.code, again.report["job"], again.report["rejected"]) == (3, "first.retry", 2)
    assert (done.code, done.report["rejected"]) == (0, 0)
    assert stored(sandbox) == {"c-1": {"kids": 1}, "c-2": {"kids": 3}}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"integrationId": "c-1", "attributes": {"kids": "…"}}, "the record is redacted"),
        ({"integrationId": "…", "attributes": {}}, "the record is redacted"),
        ({"integrationId": "", "attributes": {}}, "integrationId is empty"),
        ({"integrationId": "c-1", "attributes": []}, "the record's attributes are not an object"),
        ({"line": 'c-1,"x'}, "the line has no record with attributes, integrationId"),
        ("{'integrationId': 'c-1'}", "the line has no record with attributes, integrationId"),
    ],
)
def test_rejects_that_cannot_be_sent_again(command, record, message):
    """A record that was redacted, or never was one, is not sent."""
    Path("bad.ndjson").write_text(json.dumps({"position": 0, "record": record}) + "\n")
    done = command(*SYNC, "--retry-rejects", "bad.ndjson", "--dry-run", "--json")
    assert (done.code, done.report["requests"]) == (3, 0)
    assert message in done.report["reasons"][0]["message"]


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
async def test_standard_input(kind):
    """Standard input is read in the format that is named, compressed or not."""
    table = pa.table({"id": ["c-1", "c-2"]})
    buffer = pa.BufferOutputStream()
    parquet.write_table(table, buffer)
    content = {
        "csv": gzip.compress(b"id\nc-1\nc-2\n"),
        "ndjson": b'{"id": "c-1"}\n{"id": "c-2"}\n',
        "parquet": buffer.getvalue().to_pybytes(),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "aiotalonone", *SYNC, "-", "--format", kind, "--id-column", "id", "--dry-run", "--json",
        stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment(),
    )  # fmt: skip
    out, err = await process.communicate(content[kind])
    assert (process.returncode, json.loads(out)["records"]) == (0, 2), err


@pytest.mark.parametrize(
    ("name", "content"),
    [("rows.csv", "id,kids\n"), ("rows.csv", "id\n\n\n"), ("rows.ndjson", ""), ("rows.ndjson", "\n")],
)
def test_file_without_rows_is_a_warning(command, name, content):
    """A file without rows succeeds with a warning, which --quiet leaves out."""
    options = [*SYNC, source(content, name), "--id-column", "id", "--dry-run", "--json"]
    done, quiet = command(*options), command(*options, "--quiet")
    assert (done.code, done.report["records"]) == (quiet.code, quiet.report["records"]) == (0, 0)
    assert f"Warning: {name} has no rows." in done.err
    assert quiet.err == ""


def test_blanks_and_late_columns_are_told(command):
    """Blanks that are removed around IDs, and columns that the first rows do not have, are told at the end."""
    Path("rows.ndjson").write_text('{"id": " 1"}\n' * 1000 + '{"id": "2", "late": 1}\n')
    done = command(*SYNC, "rows.ndjson", "--id-column", "id", "--column", "never=", "--dry-run")
    assert done.code == 0
    assert '{"integrationId":"1","attributes":{}}' in done.out
    assert "Blanks around 1,000 IDs were removed." in done.err
    assert "sent as attributes of their names: late." in done.err
    assert any(
        line.split() == ["never", "(left", "out)", "--column,", "later", "rows,", "if", "any"]
        for line in done.err.splitlines()
    )


def test_verbatim_ids_are_sent_as_they_are(command):
    """With --verbatim-ids, blanks and scientific notation are parts of an ID."""
    content = "id\n 1 \n1.23457E+12\n  \n"
    done = command(*SYNC, source(content, "rows.csv"), "--id-column", "id", "--dry-run", "--json")
    verbatim = command(*SYNC, "rows.csv", "--id-column", "id", "--dry-run", "--json", "--verbatim-ids")
    assert [record["integrationId"] for record in done.report["first"]] == ["1"]
    assert [record["integrationId"] for record in verbatim.report["first"]] == [" 1 ", "1.23457E+12"]
    assert (done.report["invalid"], verbatim.report["invalid"]) == (2, 1)


def test_delimiter_and_encoding_of_a_file(command):
    """The error names the delimiter that a file seems to have, and options read it."""
    Path("rows.csv").write_bytes("id;name\n1;Jürgen\n".encode("cp1252"))
    options = [*SYNC, "rows.csv", "--id-column", "id", "--dry-run"]
    hinted = command(*options)
    assert (hinted.code, "--delimiter ';'" in hinted.err) == (2, True)
    done = command(*options, "--delimiter", ";", "--encoding", "cp1252", "--json")
    assert done.report["first"] == [{"integrationId": "1", "attributes": {"name": "Jürgen"}}]
    tabs = source("id\tname\n1\ta\n", "tabs.csv")
    assert command(*SYNC, tabs, "--id-column", "id", "--dry-run", "--delimiter", "tab").code == 0


def test_a_hundred_columns_fit_on_a_screen(command):
    """Many columns that are alike share a row, however narrow the screen is; one that differs has its own."""
    names = [f"column_{n}" for n in range(100)]
    content = ",".join(["id", *names]) + "\n" + ",".join(["c-1", *(100 * ["x"])]) + "\n"
    options = ["--column", "column_7=attributes.Seven", "--column", "column_8="]
    done = command(*SYNC, source(content), "--id-column", "id", "--dry-run", *options)
    assert len(done.err.splitlines()) < 12
    assert "column_0, column_1, column_2" in done.err
    assert "and 90 more" in done.err
    for words in (["column_7", "Seven", "text", "its", "first", "rows"], ["column_8", "(left", "out)", "--column"]):
        assert words in [line.split() for line in done.err.splitlines()]


def test_column_without_a_name_may_have_the_ids(command):
    """The column of the IDs may have no name, as that of an index that a program has written."""
    done = command(*SYNC, source(",kids\nc-1,2\n"), "--id-column", "", "--dry-run", "--json")
    assert (done.code, done.report["first"]) == (0, [{"integrationId": "c-1", "attributes": {"kids": 2}}])
