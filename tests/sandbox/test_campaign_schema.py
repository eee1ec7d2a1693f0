"""The JSON schema of campaign files agrees with what reads them."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aiotalonone.sandbox import SHOP, CampaignFileError, Sandbox
from aiotalonone.sandbox.campaign_file.schema import campaign_schema
from aiotalonone.sandbox.rules.conditions import CONDITIONS
from aiotalonone.sandbox.rules.effects import EFFECTS
from tests.sandbox.full_campaigns import FULL
from tests.sandbox.loyalty.test_file import PROGRAM_MISTAKES
from tests.sandbox.support import CAMPAIGNS
from tests.sandbox.test_campaign_file import MISTAKES

VALIDATOR = Draft202012Validator(campaign_schema())
EXAMPLES = (SHOP, Path("examples/campaigns.json"))

BEYOND_A_SCHEMA = re.compile(
    r"exists already|has catalog \d+ already"
    r"|unknown (loyalty program|giveaway pool|achievement|card|time zone)"
    r"|has no subledgers|must differ in|must have at most \d+ entries|nested deeper|cardCodeSettings.couponPattern"
)
"""Mistakes that concern several parts of a file, or what no schema can say."""
REPLACEMENTS = (None, True, 1, 1.5, -1, "x", "", [], [None], {"x": 1}, "2026-01-01T00:00:00Z", "1h_D")
GONE = object()

Place = tuple[str | int, ...]


def mistake_in(document: Any) -> str | None:
    """Return the mistake in a campaign file that its reader finds, or None."""
    try:
        Sandbox(document)
    except CampaignFileError as error:
        return str(error)
    return None


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the places of everything in a document."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*place, key)
        yield from places(inner, (*place, key))


def changed(document: Any, place: Place, replacement: Any) -> Any:
    """Return the document with something else, or nothing, at a place."""
    document = deepcopy(document)
    owner = document
    for key in place[:-1]:
        owner = owner[key]
    if replacement is GONE:
        del owner[place[-1]]
    else:
        owner[place[-1]] = replacement
    return document


def around(document: Any, place: Place) -> Any:
    """Return the document with only those entries of lists that lead to a place, which are validated faster."""
    if not place or (isinstance(document, dict) and place[0] not in document):
        return document
    key, *rest = place
    if isinstance(document, list):
        return [around(document[key], tuple(rest))] if key in range(len(document)) else document
    return {**document, key: around(document[key], tuple(rest))} if isinstance(document, dict) else document


def test_the_schema_is_one():
    """The schema is a valid schema of JSON Schema 2020-12, and all of its references lead somewhere."""
    Draft202012Validator.check_schema(campaign_schema())
    references = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(campaign_schema())))
    assert references == set(campaign_schema()["$defs"])


def test_every_type_is_known():
    """The schema has the types of conditions and effects that the reader has."""
    definitions = campaign_schema()["$defs"]
    assert definitions["condition"]["properties"]["type"]["enum"] == list(CONDITIONS)
    assert definitions["effect"]["properties"]["type"]["enum"] == list(EFFECTS)


@pytest.mark.parametrize("document", [json.loads(path.read_bytes()) for path in EXAMPLES] + [CAMPAIGNS, {}, FULL])
def test_valid_files_validate(document):
    """The files of the package, of the examples and of these tests are valid by the schema and by the reader."""
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert mistake_in(document) is None


def test_the_full_file_has_every_member():
    """The file that the other tests change has each member of each object of the schema."""
    missing = set(_members(campaign_schema())) - set(_used(FULL, campaign_schema()))
    assert missing == set()


@pytest.mark.parametrize(("document", "message"), [*MISTAKES, *PROGRAM_MISTAKES])
def test_mistakes_of_the_reader_are_those_of_the_schema(document, message):
    """What the reader rejects is invalid by the schema, except what no schema can say."""
    assert VALIDATOR.is_valid(document) == (BEYOND_A_SCHEMA.search(message) is not None)


def test_changed_files_are_judged_alike():
    """With anything else at any place, or nothing, the schema and the reader agree on whether the file is valid."""
    differences = []
    for place in places(FULL):
        for replacement in (GONE, *REPLACEMENTS):
            document = changed(FULL, place, replacement)
            section = {key: document[key] for key in place[:1] if key in document}
            mistake, is_valid = mistake_in(document), VALIDATOR.is_valid(around(section, place))
            if is_valid != (mistake is None) and not (is_valid and BEYOND_A_SCHEMA.search(mistake or "")):
                differences.append((place, replacement, mistake, is_valid))
    assert differences == []


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (("campaign",), "campaign: unknown member 'campaign', did you mean campaigns?"),
        (("campaigns", 0, "ruls"), "campaigns[0].ruls: unknown member 'ruls', did you mean rules?"),
        (
            ("campaigns", 0, "rules", 0, "conditions", 5, "atleast"),
            "campaigns[0].rules[0].conditions[5].atleast: unknown member 'atleast', did you mean atLeast?",
        ),
        (("loyaltyPrograms", 0, "tiers", 0, "x"), "loyaltyPrograms[0].tiers[0].x: unknown member 'x'"),
    ],
)
def test_an_unknown_member_is_a_mistake(place, message):
    """A member that a campaign file does not have is reported, by the reader and by the schema."""
    document = changed(FULL, place, 1)
    assert mistake_in(document) == message
    assert not VALIDATOR.is_valid(document)


def test_members_of_the_users_own_are_any():
    """What attributes are called is the user's affair."""
    assert mistake_in(changed(FULL, ("campaigns", 0, "attributes", "anything"), {"deep": [1]})) is None


async def test_the_schema_is_served(shop):
    """The sandbox serves the schema, for editors that read it from there."""
    assert (await shop.http.get("/sandbox/schema")).json() == campaign_schema()


def _members(schema: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the members that the schema has, each with the place of its object in the schema."""
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is False:
            yield from ((*place, name) for name in schema["properties"])
        for key, inner in schema.items():
            if key in ("properties", "$defs", "items") or place[-1:] in (("properties",), ("$defs",)):
                yield from _members(inner, (*place, key))


def _used(value: Any, schema: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the members of the schema that a document has."""
    if "$ref" in schema:
        kind = schema["$ref"].rpartition("/")[2]
        yield from _used(value, campaign_schema()["$defs"][kind], ("$defs", kind))
    elif isinstance(value, list):
        for entry in value:
            yield from _used(entry, schema.get("items", {}), (*place, "items"))
    elif isinstance(value, dict) and schema.get("additionalProperties") is False:
        for name, inner in value.items():
            yield (*place, name)
            yield from _used(inner, schema["properties"][name], (*place, "properties", name))
    elif isinstance(value, dict) and value.get("type") in campaign_schema()["$defs"]:
        yield from _used(value, campaign_schema()["$defs"][value["type"]], ("$defs", value["type"]))
