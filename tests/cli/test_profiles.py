import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.cli.conftest import lines
from tests.sandbox.wire import serving

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
    Path(name).write_bytes(content.encode(errors="surrogateescape"))
    return name


def files():
    return {path.name for path in Path().iterdir()}


def text(name):
    return Path(name).read_text()


def held(sandbox):
    return {name: dict(profile.attributes) for name, profile in sandbox.state.profiles.items()}


async def test_a_file_becomes_profiles(program):
    """Report on stdout, columns and progress on stderr, files in the working directory."""
    sandbox = Sandbox()
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source(), "--id-column", "household_id", url=server.url)
    assert (done.code, held(sandbox)) == (0, EXPECTED)
    assert done.out.startswith("3 records: 3 accepted, 0 rejected; requests: 1 (0 repeated)")
    for words in (["household_id", "(integration", "ID)", "text"], ["kids", "kids", "number", "its", "first", "rows"]):
        assert any(line.split()[: len(words)] == words for line in done.err.splitlines())
    assert "3 of 3" in done.err
    assert files() == {
        "households.csv",
        "households.profiles.sqlite",
        "households.profiles.rejects.ndjson",
    }


@pytest.mark.parametrize("name", ["rows.ndjson", "rows.parquet"])
async def test_other_formats_become_the_same(program, name):
    """Their own types are kept, and columns are named otherwise and left out where that is asked for."""
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
    assert held(sandbox) == {str(n): {"Children": str(n % 3)} | ({"home": "own"} if n % 2 else {}) for n in range(2500)}
    assert done.report["requests"] == 3


async def test_what_is_not_accepted_is_told_by_its_row(program):
    """Rows that cannot be sent, and those that the API minds; the code is 3."""
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
        "kids is no number (its first rows are; --column kids=:text sends text)",
        "id is empty",
        "it has 2 cells, and the header 3",
    ]
    assert "row 2 of the file is position 0" in done.err
    assert not {"many", "c-x"} & set(done.err.split())


async def test_redacted_rejects_hold_no_values(program):
    """IDs and names are there, for whoever repairs them."""
    sandbox = Sandbox({"attributes": {"CustomerProfile": {"kids": "number"}}})
    options = ["--id-column", "id", "--redact", "--rejects", "bad.ndjson"]
    content = "id,kids,secret\nc-1,2,\nc-2,1,hush\n"
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source(content), *options, url=server.url)
    [reject] = lines("bad.ndjson")
    assert (done.code, reject["record"]) == (3, {"integrationId": "c-2", "attributes": {"kids": "…", "secret": "…"}})
    assert "hush" not in text("bad.ndjson") + done.err + done.out


async def test_an_unfinished_job_goes_on_or_begins_anew(program):
    """Only with a word of its owner: without it nothing is sent."""
    content = "id,kids\n" + "".join(f"c-{n},{n % 5}\n" for n in range(3000))
    options = [*SYNC, source(content), "--id-column", "id", "--job", "nightly", "--json"]
    sandbox = Sandbox()
    sandbox.faults.add(BULK, Fault.STATUS_307, calls=(2,))
    async with serving(sandbox.app) as server:
        stopped = await program(*options, url=server.url)
        refused = await program(*options, url=server.url)
        other = await program(*options, "--resume", "--column", "kids=:text", url=server.url)
        resumed = await program(*options, "--resume", url=server.url)
        applied = sandbox.applied(BULK)
        again = await program(*options, "--resume", url=server.url)
    assert (stopped.code, stopped.report["outcome"], stopped.report["finished"]) == (4, "stopped", False)
    assert "307" in stopped.report["error"]
    assert "--resume" in stopped.err
    assert (refused.code, refused.out) == (2, "")
    assert "the job nightly was not finished: --resume goes on with it, --restart begins it anew" in refused.err
    assert (other.code, "are not those that the job nightly began with" in other.err) == (2, True)
    assert (resumed.code, resumed.report["accepted"], resumed.report["resumed"]) == (
        0, 3000, stopped.report["accepted"],
    )  # fmt: skip
    assert stopped.report["accepted"] > 0
    assert applied == 3
    assert (again.code, again.report["resumed"]) == (0, 0)
    assert "nightly.sqlite" in files()
    assert held(sandbox) == {f"c-{n}": {"kids": n % 5} for n in range(3000)}


async def test_a_job_of_another_host_is_refused(program):
    """What was settled there is not settled here."""
    options = [*SYNC, source(), "--id-column", "household_id"]
    async with serving(Sandbox().app) as there, serving(Sandbox().app) as here:
        await program(*options, url=there.url)
        done = await program(*options, url=here.url)
    assert done.code == 2
    assert "give each job a checkpoint of its own" in done.err


async def test_a_key_that_is_refused_stops_the_job(program):
    """The line says what the API says, and nothing of the key."""
    async with serving(Sandbox(api_keys=["another"]).app) as server:
        done = await program(*SYNC, source(), "--id-column", "household_id", url=server.url)
    assert done.code == 4
    assert "401 Invalid API key" in done.err
    assert "sandbox-key" not in done.err + done.out
    assert "Traceback" not in done.err


async def test_a_file_that_breaks_off_stops_the_job(program):
    """What was sent before remains settled, and a whole file goes on behind it."""
    rows = [f"c-{n},{n}" for n in range(3000)]
    source("\n".join(["id,kids", *rows, "c-x,\udcff"]), "rows.csv")
    sandbox = Sandbox()
    async with serving(sandbox.app) as server:
        broken = await program(*SYNC, "rows.csv", "--id-column", "id", "--json", url=server.url)
        source("\n".join(["id,kids", *rows, "c-x,1", ""]), "rows.csv")
        done = await program(*SYNC, "rows.csv", "--id-column", "id", "--json", "--resume", url=server.url)
    assert (broken.code, broken.report["outcome"], broken.report["error"]) == (4, "stopped", "rows.csv is not UTF-8")
    assert (done.code, done.report["accepted"]) == (0, 3001)
    assert done.report["resumed"] > 0


def test_a_dry_run_sends_nothing_and_reads_everything(command):
    """It needs no account, leaves no file, and shows what would be sent."""
    done = command(*SYNC, source(CSV + ",1,own,,\n"), "--id-column", "household_id", "--dry-run")
    assert done.code == 3
    first, *_ = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
    assert first == {"integrationId": "c-1", "attributes": EXPECTED["c-1"]}
    assert "row 5: household_id is empty" in done.out
    assert "4 records, 1 of them cannot be sent; requests: 1. Nothing was sent." in done.out
    assert files() == {"households.csv"}


def test_a_dry_run_for_machines(command):
    """One document."""
    done = command(*SYNC, source(), "--id-column", "household_id", "--dry-run", "--json")
    assert (done.code, done.report["requests"], done.report["records"], done.report["unfit"]) == (0, 1, 3, 0)
    assert done.report["first"][1] == {"integrationId": "c-2", "attributes": EXPECTED["c-2"]}


def test_a_newcomer_needs_no_account(command):
    """The embedded sandbox takes all of it, as a job that no other host's is taken for."""
    done = command(*SYNC, source(), "--id-column", "household_id", "--sandbox", "--json")
    assert (done.code, done.report["accepted"], done.report["checkpoint"]) == (
        0, 3, "households.profiles.sandbox.sqlite",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nothing.csv"], "nothing.csv"),
        (["households.csv", "--column", "kids"], "write COLUMN=attributes.NAME"),
        (["households.csv", "--column", "age=:number"], "the file has no column age"),
        (["households.csv", "--resume", "--restart"], "choose one of them"),
        (["households.csv", "--job", "../nightly"], "a name is no path"),
        (["households.csv", "--job", ".."], "a name is no path"),
        (["households.csv", "--rejects", "households.csv"], "needs that file for something else"),
        (["households.csv", "--rate", "0", "--sandbox"], "rate must be a number"),
        (["households.csv"], "TALON_ONE_BASE_URL is not set; --sandbox needs no account"),
        (["households.csv", "--base-url", "http://acme.example"], "TALON_ONE_API_KEY is not set"),
    ],
)
def test_a_command_that_cannot_be_carried_out(command, options, message):
    """One line says why, and nothing is left behind."""
    source()
    done = command(*SYNC, *options, "--id-column", "household_id")
    assert (done.code, done.out) == (2, "")
    assert message in done.err.splitlines()[-1]
    assert files() == {"households.csv"}


def test_an_url_that_would_show_the_key_is_refused(command, monkeypatch):
    """Without a word about Python."""
    monkeypatch.setenv("TALON_ONE_API_KEY", "k")
    done = command(*SYNC, source(), "--id-column", "household_id", "--base-url", "http://acme.example")
    assert (done.code, done.err.splitlines()[-1]) == (
        2, "Error: base_url must be https: the API key would travel readable",
    )  # fmt: skip


def test_what_is_no_checkpoint_is_not_overwritten(command):
    """It may be anything."""
    Path("nightly.sqlite").write_text("a diary")
    done = command(*SYNC, source(), "--id-column", "household_id", "--sandbox", "--job", "nightly")
    assert done.code == 0
    Path("nightly.sandbox.sqlite").write_text("a diary" * 1000)
    done = command(*SYNC, source(), "--id-column", "household_id", "--sandbox", "--job", "nightly")
    assert (done.code, text("nightly.sqlite")) == (2, "a diary")
    assert "cannot be used as a checkpoint" in done.err
