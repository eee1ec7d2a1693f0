import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from aiotalonone.sandbox import Sandbox
from tests.cli.conftest import lines
from tests.support.sandbox_server import serving

SYNC = ["audiences", "sync"]
AUDIENCES = {"audiences": [{"id": 7, "name": "families"}, {"id": 8, "name": "seniors"}]}


@pytest.fixture
def source():
    path = Path("members.csv")
    path.write_text("id,audience,do\nc-1,7,add\nc-2,8,add\nc-1,7,delete\nc-3,seven,add\n")
    return path


def members(sandbox):
    return {name: profile.audiences for name, profile in sandbox.state.profiles.items()}


async def test_all_rows_have_one_audience(program, source):
    """With --audience all rows join that audience, or leave it with --action delete; other columns are ignored."""
    sandbox = Sandbox(AUDIENCES)
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source, "--id-column", "id", "--audience", 7, url=server.url)
        assert members(sandbox) == {"c-1": {7}, "c-2": {7}, "c-3": {7}}
        left = await program(
            *SYNC, source, "--id-column", "id", "--audience", 7, "--action", "delete", "--job", "b", url=server.url
        )
    assert (done.code, left.code, members(sandbox)) == (0, 0, {"c-1": set(), "c-2": set(), "c-3": set()})


async def test_audience_and_action_columns(program, source):
    """Each row has its own audience and action, in their order; a row with an invalid audience is rejected."""
    options = ["--id-column", "id", "--audience-column", "audience", "--action-column", "do", "--json"]
    sandbox = Sandbox(AUDIENCES)
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source, *options, url=server.url)
    assert (done.code, members(sandbox)) == (3, {"c-2": {8}})
    [reject] = lines(done.report["rejects"])
    assert (reject["position"], reject["message"]) == (3, "audience is not a number")


def test_rejects_are_sent_again(command, source):
    """Repaired rejects are sent again, each with its own audience and action."""
    options = ["--id-column", "id", "--audience-column", "audience", "--action-column", "do", "--dry-run", "--json"]
    first = command(*SYNC, source, *options)
    assert first.report["invalid"] == 1
    record = {"action": "delete", "profileIntegrationId": " c-3", "audienceId": 7}
    Path("bad.ndjson").write_text(json.dumps({"position": 3, "record": record}) + "\n")
    done = command(*SYNC, "--retry-rejects", "bad.ndjson", "--dry-run", "--json")
    assert (done.code, done.report["first"]) == (0, [{**record, "profileIntegrationId": "c-3"}])
    assert "Blanks around 1 ID were removed." in done.err
    both = command(*SYNC, "--retry-rejects", "bad.ndjson", "--audience", 7)
    assert (both.code, "an audience and an action in each of its records" in both.err) == (2, True)


def test_only_named_columns_of_parquet_are_decoded(command):
    """Columns that a membership does not need are not decoded, whatever they hold."""
    table = pa.table({"id": ["c-1"], "when": pa.array([2**62], pa.timestamp("us")), "s": [{"t": 1}]})
    parquet.write_table(table, "members.parquet")
    done = command(*SYNC, "members.parquet", "--id-column", "id", "--audience", 7, "--dry-run", "--json")
    assert (done.code, done.report["records"]) == (0, 1)


@pytest.mark.parametrize("options", [["--audience", "7"], ["--audience-column", "audience"]])
def test_embedded_sandbox_has_the_audiences_of_the_file(command, source, options):
    """The embedded sandbox has the audiences that the file names, as a deployment would."""
    done = command(*SYNC, source, "--id-column", "id", *options, "--sandbox", "--json")
    assert done.report["rejected"] == (1 if "--audience-column" in options else 0)
    assert done.report["accepted"] == 4 - done.report["rejected"]


def test_sync_to_the_embedded_sandbox_rejects_unreadable_rows(command):
    """A row that cannot be read names no audience, and is rejected like any other invalid row."""
    Path("members.ndjson").write_text('{"id": "c-1", "audience": 7}\nnot JSON\n')
    done = command(*SYNC, "members.ndjson", "--id-column", "id", "--audience-column", "audience", "--sandbox", "--json")
    assert (done.code, done.report["accepted"], done.report["rejected"]) == (3, 1, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "either --audience or --audience-column"),
        (["--audience", "7", "--audience-column", "audience"], "either --audience or --audience-column"),
        (["--audience", "7", "--action", "add", "--action-column", "do"], "either --action or --action-column"),
        (["--audience-column", "group"], "the file has no column group; it has id, audience, do"),
        (["--audience", "seven"], "--audience"),
        (["--audience", "7", "--action", "remove"], "remove"),
    ],
)
def test_invalid_options_are_one_line(command, source, options, message):
    """Options that cannot be used end the command with one line that says why."""
    done = command(*SYNC, source, "--id-column", "id", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err.splitlines()[-1]
