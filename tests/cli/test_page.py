import re
import shlex
from pathlib import Path

import pytest

from aiotalonone.cli.exits import Exit

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
COMMANDS = (["profiles", "sync"], ["audiences", "sync"], ["check"], ["sandbox"])


def options_of(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def test_the_page_knows_every_option_of_the_jobs(command):
    """And no other ones."""
    known = set().union(*(options_of(command(*arguments, "--help").out) for arguments in COMMANDS))
    of_jobs = set().union(*(options_of(command(*arguments, "--help").out) for arguments in COMMANDS[:2]))
    assert options_of(PAGE) <= known
    assert of_jobs - options_of(PAGE) == {"--help"}


def test_the_page_knows_every_exit_code():
    """Each has its row."""
    assert [int(code) for code in re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)] == sorted(Exit)


@pytest.mark.parametrize("line", re.findall(r"^    (aiotalonone .*)$", PAGE, re.MULTILINE))
def test_the_commands_of_the_page_work(command, line):
    """Copied as they are."""
    Path("households.csv").write_text("household_id,kids\nc-1,2\n")
    assert command(*shlex.split(line)[1:]).code == 0


@pytest.mark.parametrize("line", re.findall(r"^    (--column \S+) ", PAGE, re.MULTILINE))
def test_the_columns_of_the_page_work(command, line):
    """Each for itself."""
    Path("households.csv").write_text("household_id,kids\nc-1,2\n")
    sync = ["profiles", "sync", "households.csv", "--id-column", "household_id", "--dry-run"]
    assert command(*sync, *shlex.split(line)).code == 0
