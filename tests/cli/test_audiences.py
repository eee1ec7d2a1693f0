from pathlib import Path

import pytest

from aiotalonone.sandbox import Sandbox
from tests.cli.conftest import lines
from tests.sandbox.wire import serving

SYNC = ["audiences", "sync"]
AUDIENCES = {"audiences": [{"id": 7, "name": "families"}, {"id": 8, "name": "seniors"}]}


@pytest.fixture
def source():
    path = Path("members.csv")
    path.write_text("id,audience,do\nc-1,7,add\nc-2,8,add\nc-1,7,delete\nc-3,seven,add\n")
    return path


def members(sandbox):
    return {name: profile.audiences for name, profile in sandbox.state.profiles.items()}


async def test_all_rows_of_one_audience(program, source):
    """They join unless it is said otherwise; the other columns do not matter."""
    sandbox = Sandbox(AUDIENCES)
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source, "--id-column", "id", "--audience", 7, url=server.url)
        assert members(sandbox) == {"c-1": {7}, "c-2": {7}, "c-3": {7}}
        left = await program(
            *SYNC, source, "--id-column", "id", "--audience", 7, "--action", "delete", "--job", "b", url=server.url
        )
    assert (done.code, left.code, members(sandbox)) == (0, 0, {"c-1": set(), "c-2": set(), "c-3": set()})


async def test_rows_that_say_it_themselves(program, source):
    """Which audience, and whether they join; who joins and leaves again leaves no trace."""
    options = ["--id-column", "id", "--audience-column", "audience", "--action-column", "do", "--json"]
    sandbox = Sandbox(AUDIENCES)
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source, *options, url=server.url)
    assert (done.code, members(sandbox)) == (3, {"c-2": {8}})
    [reject] = lines(done.report["rejects"])
    assert (reject["position"], reject["message"]) == (3, "audience is no number")


@pytest.mark.parametrize("options", [["--audience", "7"], ["--audience-column", "audience"]])
def test_the_embedded_sandbox_has_the_audiences_of_the_file(command, source, options):
    """An account would have them, too."""
    done = command(*SYNC, source, "--id-column", "id", *options, "--sandbox", "--json")
    assert done.report["rejected"] == (1 if "--audience-column" in options else 0)
    assert done.report["accepted"] == 4 - done.report["rejected"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "either --audience or --audience-column"),
        (["--audience", "7", "--audience-column", "audience"], "either --audience or --audience-column"),
        (["--audience", "7", "--action", "add", "--action-column", "do"], "either --action or --action-column"),
        (["--audience-column", "group"], "the file has no column group: it has id, audience, do"),
        (["--audience", "seven"], "--audience"),
        (["--audience", "7", "--action", "remove"], "remove"),
    ],
)
def test_a_command_that_cannot_be_carried_out(command, source, options, message):
    """One line says why."""
    done = command(*SYNC, source, "--id-column", "id", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err.splitlines()[-1]
