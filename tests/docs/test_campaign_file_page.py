"""The page on the campaign file has every member of it."""

import re
from pathlib import Path

import pytest

from aiotalonone.sandbox.account.attribute_types import TYPES
from aiotalonone.sandbox.campaign_file.schema import campaign_schema
from aiotalonone.sandbox.rules.conditions import CONDITIONS
from aiotalonone.sandbox.rules.effects import EFFECTS

PAGE = (Path(__file__).parents[2] / "docs" / "campaign-file.md").read_text(encoding="utf-8")
SCHEMA = campaign_schema()


def members(schema):
    """Yield the names of all members that a schema allows."""
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from members(inner)
    if "items" in schema:
        yield from members(schema["items"])


def test_every_member_is_named():
    """The members of the file and of all that is in it are named; the assumptions have a table on another page."""
    properties = SCHEMA["properties"]
    described = [SCHEMA, *SCHEMA["$defs"].values()]
    names = {name for schema in described for name in members(schema)} - {*properties["assumptions"]["properties"]}
    assert {name for name in names if not re.search(rf'`{name}`|"{re.escape(name)}"', PAGE)} == set()


@pytest.mark.parametrize("name", [*TYPES, *CONDITIONS, *EFFECTS])
def test_every_type_is_named(name):
    """The types of attributes, conditions and effects are those that the page lists."""
    assert f"`{name}`" in PAGE if name in TYPES else f"\n| `{name}` |" in PAGE
