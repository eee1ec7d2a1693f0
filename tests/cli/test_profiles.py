import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.cli.conftest import lines
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
    """Redacted rejects have the names of attributes, but no ID and no value."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": {"kids": "number"}}})
    options = ["--id-column", "id", "--redact", "--rejects", "bad.ndjson"]
    content = "id,kids,secret\nc-1,2,\nc-2,1,hush\n"
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source(content), *options, url=server.url)
    [reject] = lines("bad.ndjson")
    assert (done.code, reject["record"]) == (3, {"integrationId": "…", "attributes": {"kids": "…", "secret": "…"}})
    assert "hush" not in text("bad.ndjson") + done.err + done.out
    assert (reject["position"], reject["pointer"]) == (1, "/attributes/…")


async def test_job_that_stored_nothing_leaves_no_checkpoint(program):
    """After a job that was rejected as a whole, the same command with a right key needs no other option."""
    sandbox = Sandbox(api_keys=["another"])
    options = [*SYNC, source(), "--id-column", "household_id", "--json"]
    async with serving(sandbox.app) as server:
        wrong = await program(*options, url=server.url)
        again = await program(*options, url=server.url, TALON_ONE_API_KEY="another")
        resumable = await program(*options, "--resume", url=server.url, TALON_ONE_API_KEY="another")
    assert (wrong.code, wrong.report["outcome"]) == (4, "stopped")
    assert "Nothing was stored: the same command starts from the first record again." in wrong.err
    assert "--resume" not in wrong.err
    assert (again.code, again.report["accepted"]) == (0, 3)
    assert resumable.code == 0


async def test_job_that_may_have_stored_something_keeps_its_checkpoint(program):
    """If a response says nothing of what became of a request, the job can only be resumed or restarted by an option."""
    sandbox = Sandbox()
    sandbox.faults.add(BULK, Fault.NOT_JSON)
    options = [*SYNC, source(), "--id-column", "household_id"]
    async with serving(sandbox.app) as server:
        stopped = await program(*options, url=server.url)
        again = await program(*options, url=server.url)
        resumed = await program(*options, "--resume", url=server.url)
    assert (stopped.code, "--resume resumes it" in stopped.err) == (4, True)
    assert (again.code, resumed.code) == (2, 0)


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
    assert (report["finished"], report.keys()) == (False, done.report.keys())
    assert (done.code, done.report["accepted"], done.report["resumed"]) == (0, 30_000, report["accepted"])
    assert done.report["resumed"] > 0


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
async def test_rejects_that_cannot_be_written_leave_no_checkpoint(program):
    """If the rejects cannot be written, nothing was sent: one line, exit code 2, and no checkpoint is left."""
    options = ["--id-column", "household_id", "--rejects", "/dev/full", "--quiet", "--json"]
    async with serving(Sandbox().app) as server:
        done = await program(*SYNC, source(), *options, url=server.url)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert done.err.startswith("Error: ")
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


def test_one_record_is_not_called_records(command):
    """The figures of a file with a single row are in the singular."""
    options = [*SYNC, source("id\nc-1\n"), "--id-column", "id"]
    assert command(*options, "--dry-run").out.endswith("1 record, 0 of them invalid; requests: 1. Nothing was sent.\n")
    assert command(*options, "--sandbox").out.startswith("1 record: 1 accepted, 0 rejected;")


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
        *(
            (["households.csv", "--timeout", seconds, "--sandbox"], "--timeout must be a number of seconds above 0")
            for seconds in ("0", "-1", "inf", "nan")
        ),
        (["households.csv", "--quiet", "--verbose"], "choose either --quiet or --verbose"),
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


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_rejects_do_not_overwrite_the_file_under_another_name(command, link):
    """A link to the file is the file: rejects are not written to it."""
    source()
    before = Path("households.csv").read_bytes()
    link(Path("link.ndjson"), "households.csv")
    done = command(*SYNC, "households.csv", "--id-column", "household_id", "--sandbox", "--rejects", "link.ndjson")
    assert (done.code, done.err) == (2, "Error: --rejects must not be the input file or the checkpoint\n")
    assert Path("households.csv").read_bytes() == before


def test_other_file_is_not_overwritten_by_the_checkpoint(command):
    """A file in place of the checkpoint that is not one is an error, and remains as it is."""
    Path("nightly.sqlite").write_text("a diary")
    done = command(*SYNC, source(), "--id-column", "household_id", "--sandbox", "--job", "nightly")
    assert done.code == 0
    Path("nightly.sandbox.sqlite").write_text("a diary" * 1000)
    done = command(*SYNC, source(), "--id-column", "household_id", "--sandbox", "--job", "nightly")
    assert (done.code, text("nightly.sqlite")) == (2, "a diary")
    assert "cannot be used as a checkpoint" in done.err
