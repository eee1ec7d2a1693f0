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
from aiotalonone.sandbox.faults import Fault
from tests.cli.conftest import environment, lines
from tests.support.sandbox_server import serving

BULK = "updateCustomerProfilesV2"
CSV = """household_id,kids,home,since,zip
c-1,2,own,2026-08-01T12:00:00Z,01067
c-2,,rent,,10115
c-3,1,own,,
"""
EXPECTED = {
    "c-1": {"kids": 2, "home": "own", "since": "2026-08-01T12:00:00Z", "zip": "01067"},
    "c-2": {"home": "rent", "zip": "10115"},
    "c-3": {"kids": 1, "home": "own"},
}
SYNC = ["profiles", "sync"]


def source(content=CSV, name="households.csv"):
    Path(name).write_bytes(content.encode(errors="surrogateescape") if isinstance(content, str) else content)
    return name


def files():
    return {path.name for path in Path().iterdir()}


def text(name):
    return Path(name).read_text()


def lines_of(done):
    return lines(done.report["rejects"])


def stored(sandbox):
    return {name: dict(profile.attributes) for name, profile in sandbox.state.profiles.items()}


async def test_file_becomes_profiles(program):
    """A sync stores the profiles, with its report on stdout, progress on stderr and files in the working directory."""
    sandbox = Sandbox()
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source(), "--id-column", "household_id", url=server.url)
    assert (done.code, stored(sandbox)) == (0, EXPECTED)
    assert done.out.startswith("3 records: 3 accepted, 0 rejected; requests: 1 (0 retries)")
    for words in (["household_id", "(integration", "ID)", "text"], ["kids", "kids", "number", "its", "first", "rows"]):
        assert any(line.split()[: len(words)] == words for line in done.err.splitlines())
    assert "3 of 3" in done.err
    assert files() == {
        "households.csv",
        "households.csv.profiles.sqlite",
        "households.csv.profiles.rejects.ndjson",
    }


@pytest.mark.parametrize("name", ["rows.ndjson", "rows.parquet"])
async def test_other_formats_become_profiles(program, name):
    """NDJSON and Parquet keep their types, and columns are renamed or left out by options."""
    rows = [{"n": n, "kids": n % 3, "home": "own" if n % 2 else None, "secret": "x"} for n in range(2500)]
    if name.endswith("parquet"):
        parquet.write_table(pa.Table.from_pylist(rows), name)
    else:
        source(
            "".join(json.dumps({key: value for key, value in row.items() if value is not None}) + "\n" for row in rows),
            name,
        )
    sandbox = Sandbox()
    async with serving(sandbox.app) as server:
        done = await program(
            *SYNC, name, "--id-column", "n", "--column", "kids=attributes.Children:text", "--column", "secret=",
            "--json", url=server.url,
        )  # fmt: skip
    assert done.code == 0, done.err
    assert stored(sandbox) == {
        str(n): {"Children": str(n % 3)} | ({"home": "own"} if n % 2 else {}) for n in range(2500)
    }
    assert done.report["requests"] == 3


async def test_rejects_have_the_positions_of_their_rows(program):
    """Invalid rows are rejected with their positions and reasons, and the exit code is 3."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": {"kids": "number", "home": "string"}}})
    content = "id,kids,home\n" + "".join(f"c-{n},{n % 5},own\n" for n in range(1200))
    content += "c-x,many,own\n,1,own\nc-y,1\n"
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source(content), "--id-column", "id", "--json", url=server.url)
    assert (done.code, len(sandbox.state.profiles)) == (3, 1200)
    report = done.report
    assert {name: report[name] for name in ("outcome", "records", "accepted", "rejected", "not_attempted")} == {
        "outcome": "rejected",
        "records": 1203,
        "accepted": 1200,
        "rejected": 3,
        "not_attempted": 0,
    }
    rejects = lines(report["rejects"])
    rows = content.splitlines()
    assert [rows[reject["position"] + report["firstRow"] - 1] for reject in rejects] == rows[-3:]
    assert [reject["message"] for reject in rejects] == [
        "kids is not a number (its first rows are; --column kids=:text sends text)",
        "id is empty",
        "the row has 2 cells instead of 3",
    ]
    assert "row 2 of the file is position 0" in done.err
    assert not {"many", "c-x"} & set(done.err.split())


async def test_redacted_rejects_hold_no_values(program):
    """Redacted rejects have IDs and attribute names, but no values."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": {"kids": "number"}}})
    options = ["--id-column", "id", "--redact", "--rejects", "bad.ndjson"]
    content = "id,kids,secret\nc-1,2,\nc-2,1,hush\n"
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source(content), *options, url=server.url)
    [reject] = lines("bad.ndjson")
    assert (done.code, reject["record"]) == (3, {"integrationId": "c-2", "attributes": {"kids": "…", "secret": "…"}})
    assert "hush" not in text("bad.ndjson") + done.err + done.out


async def test_unfinished_job_is_resumed_only_with_an_option(program):
    """An unfinished job is an error without --resume, and resumes with it if the file and options are the same."""
    content = "id,kids\n" + "".join(f"c-{n},{n % 5}\n" for n in range(3000))
    options = [*SYNC, source(content), "--id-column", "id", "--job", "nightly", "--json"]
    sandbox = Sandbox()
    sandbox.faults.add(BULK, Fault.STATUS_307, calls=(2,))
    async with serving(sandbox.app) as server:
        stopped = await program(*options, url=server.url)
        rejected = await program(*options, url=server.url)
        other = await program(*options, "--resume", "--column", "kids=:text", url=server.url)
        resumed = await program(*options, "--resume", url=server.url)
        applied = sandbox.applied(BULK)
        again = await program(*options, "--resume", url=server.url)
    assert (stopped.code, stopped.report["outcome"], stopped.report["finished"]) == (4, "stopped", False)
    assert "307" in stopped.report["error"]
    assert "--resume" in stopped.err
    assert (rejected.code, rejected.out) == (2, "")
    assert "the job nightly is not finished: --resume resumes it, --restart restarts it" in rejected.err
    assert (other.code, "have changed since the job nightly was started" in other.err) == (2, True)
    assert (resumed.code, resumed.report["accepted"], resumed.report["resumed"]) == (
        0, 3000, stopped.report["accepted"],
    )  # fmt: skip
    assert stopped.report["accepted"] > 0
    assert applied == 3
    assert (again.code, again.report["resumed"]) == (0, 0)
    assert "nightly.sqlite" in files()
    assert stored(sandbox) == {f"c-{n}": {"kids": n % 5} for n in range(3000)}


async def test_checkpoint_of_another_host_is_rejected(program):
    """A checkpoint of one host cannot be used for another one, which has not stored its records."""
    options = [*SYNC, source(), "--id-column", "household_id"]
    async with serving(Sandbox().app) as there, serving(Sandbox().app) as here:
        await program(*options, url=there.url)
        done = await program(*options, url=here.url)
    assert done.code == 2
    assert "give each job a checkpoint of its own" in done.err


async def test_rejected_key_stops_the_job(program):
    """A job that the API rejects with 401 stops and says what to do about the key, which is not shown."""
    async with serving(Sandbox(api_keys=["another"]).app) as server:
        done = await program(*SYNC, source(), "--id-column", "household_id", url=server.url)
    assert done.code == 4
    assert "the job households.csv.profiles stopped: " in done.err
    assert "TALON_ONE_API_KEY must hold the key itself" in done.err
    assert "sandbox-key" not in done.err + done.out
    assert "Traceback" not in done.err


async def test_file_that_cannot_be_read_to_its_end_stops_the_job(program):
    """A file that cannot be read to its end stops the job with its figures, and it resumes with the whole file."""
    content = "id,kids\n" + "".join(f"c-{n},{n}\n" for n in range(30_000))
    source(gzip.compress(content.encode())[:-2000], "rows.csv")
    sandbox = Sandbox()
    async with serving(sandbox.app) as server:
        broken = await program(*SYNC, "rows.csv", "--id-column", "id", "--json", url=server.url)
        source(content, "rows.csv")
        done = await program(*SYNC, "rows.csv", "--id-column", "id", "--json", "--resume", url=server.url)
    report = broken.report
    assert (broken.code, report["outcome"], report["error"]) == (4, "stopped", "rows.csv is not a complete gzip file")
    assert report["finished"] is False
    assert (done.code, done.report["accepted"], done.report["resumed"]) == (0, 30_000, report["accepted"])
    assert done.report["resumed"] > 0


async def test_broken_rows_are_rejects_and_the_job_goes_on(program):
    """A bad line, an unclosed quote and a bad byte among thousands of rows are three rejects with their row numbers."""
    lines = [f"c-{n},Customer {n}" for n in range(3000)]
    lines[1500], lines[2000], lines[2500] = 'c-x,"Ann" B', 'c-y,"Bob', "c-z,\udcfc"
    sandbox = Sandbox()
    async with serving(sandbox.app) as server:
        done = await program(
            *SYNC, source("\n".join(["id,name", *lines])), "--id-column", "id", "--json", url=server.url
        )
    assert (done.code, len(sandbox.state.profiles)) == (3, 2997)
    assert [reject["position"] for reject in lines_of(done)] == [1500, 2000, 2500]
    assert [(reason["records"], reason["firstRow"]) for reason in done.report["reasons"]] == [
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
        rejects = text("first.rejects.ndjson")
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


def test_jobs_of_two_formats_have_different_names(command):
    """Files of one name and different formats are different jobs."""
    for name, content in (("c.csv", "id\nc-1\n"), ("c.ndjson", '{"id": "c-1"}\n')):
        assert command(*SYNC, source(content, name), "--id-column", "id", "--sandbox", "--quiet").err == ""
    assert {"c.csv.profiles.sandbox.sqlite", "c.ndjson.profiles.sandbox.sqlite"} <= files()


async def test_job_in_the_sandbox_is_never_resumed(program):
    """An unfinished job starts from the first record in an embedded sandbox, which has lost what it had."""
    content = "id\n" + "".join(f"c-{n}\n" for n in range(30_000))
    options = [*SYNC, "rows.csv", "--id-column", "id", "--sandbox", "--json"]
    source(gzip.compress(content.encode())[:-2000], "rows.csv")
    stopped = await program(*options)
    assert (stopped.code, "--resume" in stopped.err) == (4, False)
    source(content, "rows.csv")
    done = await program(*options, "--resume")
    assert (done.code, done.report["accepted"], done.report["resumed"]) == (0, 30_000, 0)
    assert "An embedded sandbox starts empty" in done.err


@pytest.mark.parametrize("failure", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")])
def test_rejects_that_cannot_be_written_leave_no_checkpoint(command, monkeypatch, failure):
    """If the job's files cannot be written, nothing was sent: one line, exit code 2, and no checkpoint is left."""
    opened = Path.open

    def fail(path, mode="r", *arguments, **options):
        if path.name == "bad.ndjson" and "a" not in mode:
            raise failure
        return opened(path, mode, *arguments, **options)

    monkeypatch.setattr(Path, "open", fail)
    done = command(*SYNC, source(), "--id-column", "household_id", "--rejects", "bad.ndjson", "--quiet", "--sandbox")
    assert (done.code, done.out, done.err) == (2, "", f"Error: {failure.strerror}\n")
    assert files() == {"households.csv"}


async def test_json_and_stderr_call_the_job_the_same(program):
    """A stopped job has the same name in the report and on stderr."""
    async with serving(Sandbox(api_keys=["another"]).app) as server:
        done = await program(*SYNC, source(), "--id-column", "household_id", "--json", url=server.url)
    assert f"the job {done.report['job']} stopped" in done.err
    assert done.report["error"] in done.err


async def test_concurrency_limits_requests_in_flight(program):
    """No more requests are in flight than --concurrency says."""
    sandbox, running, most = Sandbox(), 0, 0

    async def counting(scope, receive, send):
        nonlocal running, most
        running += scope["type"] == "http"
        most = max(most, running)
        try:
            await sandbox.app(scope, receive, send)
        finally:
            running -= scope["type"] == "http"

    sandbox.faults.add(BULK, Fault.SLOW_COMMIT, every=1, seconds=0.05)
    content = "id\n" + "".join(f"c-{n}\n" for n in range(8000))
    async with serving(counting) as server:
        done = await program(
            *SYNC, source(content), "--id-column", "id", "--concurrency", "1", "--json", url=server.url
        )
    assert (done.code, most) == (0, 1)


def test_dry_run_reads_everything_and_sends_nothing(command):
    """A dry run shows what would be sent and what is invalid, needs no account, and leaves no file."""
    done = command(*SYNC, source(CSV + ",1,own,,\n"), "--id-column", "household_id", "--dry-run")
    assert done.code == 3
    first, *_ = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
    assert first == {"integrationId": "c-1", "attributes": EXPECTED["c-1"]}
    assert "row 5: household_id is empty" in done.out
    assert "4 records, 1 of them invalid; requests: 1. Nothing was sent." in done.out
    assert files() == {"households.csv"}


def test_dry_run_as_json(command):
    """A dry run with --json writes its figures and the first records as one document."""
    done = command(*SYNC, source(), "--id-column", "household_id", "--dry-run", "--json")
    assert (done.code, done.report["requests"], done.report["records"], done.report["invalid"]) == (0, 1, 3, 0)
    assert done.report["first"][1] == {"integrationId": "c-2", "attributes": EXPECTED["c-2"]}


def test_sandbox_needs_no_account(command):
    """The embedded sandbox stores all records, and its job has files of its own."""
    done = command(*SYNC, source(), "--id-column", "household_id", "--sandbox", "--json")
    assert (done.code, done.report["accepted"], done.report["checkpoint"]) == (
        0, 3, "households.csv.profiles.sandbox.sqlite",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nothing.csv"], "nothing.csv"),
        (["households.csv", "--column", "kids"], "must be COLUMN=attributes.NAME"),
        (["households.csv", "--column", "age=:number"], "the file has no column age"),
        (["households.csv", "--resume", "--restart"], "choose either --resume"),
        (["households.csv", "--job", "../nightly"], "--job must be a name, not a path"),
        (["households.csv", "--job", ".."], "--job must be a name, not a path"),
        (["households.csv", "--rejects", "households.csv"], "must not be the input file or the checkpoint"),
        (["households.csv", "--rate", "0", "--sandbox"], "--rate must be a number"),
        (["households.csv", "--rate", "inf", "--sandbox"], "--rate must be a number"),
        (["households.csv", "--concurrency", "0"], "--concurrency"),
        (["households.csv", "--delimiter", ";;"], "--delimiter must be one character"),
        (["households.csv", "--encoding", "klingon"], "--encoding klingon is not known"),
        (["households.csv", "--encoding", "rot13"], "--encoding rot13 is not known"),
        (["households.csv", "--retry-rejects", "households.csv"], "give either FILE or --retry-rejects"),
        (["-"], "standard input needs --format"),
        (["."], "is not a .csv"),
        (
            ["households.csv", "--rejects", "none/bad.ndjson", "--sandbox"],
            "none/bad.ndjson cannot be written: No such file",
        ),
        (["households.csv"], "TALON_ONE_BASE_URL is not set; --sandbox needs no account"),
        (["households.csv", "--base-url", "http://acme.example"], "TALON_ONE_API_KEY is not set"),
    ],
)
def test_invalid_options_are_one_line(command, options, message):
    """Options that cannot be used end the command with one line, and no file is written."""
    source()
    done = command(*SYNC, *options, "--id-column", "household_id")
    assert (done.code, done.out) == (2, "")
    assert message in done.err.splitlines()[-1]
    assert "The columns" not in done.err or "TALON_ONE_" in message
    assert files() == {"households.csv"}


def test_base_url_without_https_is_rejected(command, monkeypatch):
    """A base URL without https is an error that does not mention the argument of the Python API."""
    monkeypatch.setenv("TALON_ONE_API_KEY", "k")
    done = command(*SYNC, source(), "--id-column", "household_id", "--base-url", "http://acme.example")
    assert (done.code, done.err.splitlines()[-1]) == (
        2, "Error: base_url must be https: the API key would be sent unencrypted",
    )  # fmt: skip


def test_other_file_is_not_overwritten_by_the_checkpoint(command):
    """A file in place of the checkpoint that is not one is an error, and remains as it is."""
    Path("nightly.sqlite").write_text("a diary")
    done = command(*SYNC, source(), "--id-column", "household_id", "--sandbox", "--job", "nightly")
    assert done.code == 0
    Path("nightly.sandbox.sqlite").write_text("a diary" * 1000)
    done = command(*SYNC, source(), "--id-column", "household_id", "--sandbox", "--job", "nightly")
    assert (done.code, text("nightly.sqlite")) == (2, "a diary")
    assert "cannot be used as a checkpoint" in done.err
