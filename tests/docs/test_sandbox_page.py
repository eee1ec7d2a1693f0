"""The page on the sandbox says what its code has."""

import json
import re
from pathlib import Path

import pytest
from attrs import fields

from aiotalonone.sandbox.attribute_types import TYPES
from aiotalonone.sandbox.faults.script import MAX_TRIGGERED
from aiotalonone.sandbox.http import MAX_BODY_BYTES, MAX_BODY_SECONDS
from aiotalonone.sandbox.idempotency import LIFETIME, MAX_BYTES, MAX_REPLIES
from aiotalonone.sandbox.programs import ApplicationSettings, Assumptions
from aiotalonone.sandbox.rules.conditions import CONDITIONS
from aiotalonone.sandbox.rules.effects import EFFECTS
from aiotalonone.sandbox.server import MAX_HEAD_BYTES
from aiotalonone.sandbox.state import MAX_EVENTS
from aiotalonone.sandbox.validation import MAX_JSON_DEPTH

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
MIB = 2**20


def switches(kind):
    """Return the names in a campaign file and the defaults of a group of switches."""
    camel = {one.name: re.sub(r"_(\w)", lambda match: match[1].upper(), one.name) for one in fields(kind)}
    return {camel[one.name]: one.default for one in fields(kind)}


def test_the_table_has_every_assumption_with_its_default():
    """The rows are the switches of the code, with their defaults."""
    rows = re.findall(r"^\| `(\w+)` \| `(true|false)` \|", PAGE, re.MULTILINE)
    assert {name: json.loads(default) for name, default in rows} == switches(Assumptions)


def test_every_setting_and_type_is_named():
    """The settings of the Application and the types of attributes stand in the table of the campaign file."""
    assert all(f"`{name}`" in PAGE for name in [*switches(ApplicationSettings), *TYPES])


def test_every_condition_and_effect_has_a_row():
    """The conditions and effects of a campaign file are those that the page lists."""
    assert all(f"\n| `{name}` |" in PAGE for name in [*CONDITIONS, *EFFECTS])


@pytest.mark.parametrize(
    "words",
    [
        f"| {MAX_BODY_BYTES // MIB} MiB, and {MAX_BODY_SECONDS:g} seconds to arrive",
        f"| {MAX_HEAD_BYTES // 1024} KiB;",
        f"| {MAX_JSON_DEPTH} levels |",
        f"| {LIFETIME.total_seconds() / 3600:g} hours by its clock",
        f"at most {MAX_REPLIES:,} replies and {MAX_BYTES // MIB} MiB;",
        f"| the last {MAX_EVENTS:,}, the last {MAX_TRIGGERED:,} |",
    ],
)
def test_the_limits_are_those_of_the_code(words):
    """A limit that the page names is the one that holds."""
    assert words in PAGE
