import re
import shlex
from pathlib import Path

import pytest

from aiotalonone.cli.exit_codes import ExitCode

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
SYNCS = (["profiles", "sync"], ["audiences", "sync"], ["catalogs", "sync"])
COMMANDS = (*SYNCS, ["check"], ["sandbox"])


def options_of(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def test_page_has_every_option_of_the_syncs(command):
    """The page has all options of the syncs, and no option that does not exist."""
    known = set().union(*(options_of(command(*arguments, "--help").out) for arguments in ([], *COMMANDS)))
    of_syncs = set().union(*(options_of(command(*arguments, "--help").out) for arguments in SYNCS))
    assert options_of(PAGE) <= known
    assert of_syncs - options_of(PAGE) == {"--help"}


def test_page_has_every_exit_code():
    """Each exit code has its row on the page."""
    assert [int(code) for code in re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)] == sorted(ExitCode)


@pytest.mark.parametrize("line", re.findall(r"^    (aiotalonone .*)$", PAGE, re.MULTILINE))
def test_commands_of_the_page_work(command, line):
    """The commands of the page succeed as they are."""
    Path("households.csv").write_text("household_id,kids\nc-1,2\n")
    Path("items.csv").write_text("sku,price,brand\ntea,4,Leaf\n")
    assert command(*shlex.split(line)[1:]).code == 0


@pytest.mark.parametrize("line", re.findall(r"^    (--column \S+) ", PAGE, re.MULTILINE))
def test_column_options_of_the_page_work(command, line):
    """Each column option of the page succeeds."""
    Path("households.csv").write_text("household_id,kids\nc-1,2\n")
    sync = ["profiles", "sync", "households.csv", "--id-column", "household_id", "--dry-run"]
    assert command(*sync, *shlex.split(line)).code == 0
