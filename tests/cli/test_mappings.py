import pytest

from aiotalonone.bulk import InvalidRecord
from aiotalonone.bulk.kinds import InvalidRecordError
from aiotalonone.cli.audience_mapping import AudienceMapping
from aiotalonone.cli.columns import ColumnMapping, ColumnOption, map_columns, parse_column_option
from aiotalonone.cli.exits import CommandError
from aiotalonone.cli.profile_mapping import ProfileMapping
from aiotalonone.cli.rows import INFERRED, BrokenRow, FileColumn
from aiotalonone.cli.values import Type

COLUMNS = [
    FileColumn("id", Type.TEXT, INFERRED),
    FileColumn("kids", Type.NUMBER, INFERRED),
    FileColumn("tier", Type.TEXT, INFERRED),
]
STRUCT = FileColumn("home", None, "struct<city: string>")


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("kids=attributes.Children", ColumnOption("kids", "Children", None)),
        ("kids=attributes.Children:text", ColumnOption("kids", "Children", Type.TEXT)),
        ("kids=attributes.a.b:list", ColumnOption("kids", "a.b", Type.LIST)),
        ("kids=:number", ColumnOption("kids", "kids", Type.NUMBER)),
        ("kids=", ColumnOption("kids", None, None)),
        ("=attributes.n", ColumnOption("", "n", None)),
        ("=", ColumnOption("", None, None)),
    ],
)
def test_what_a_column_option_asks_for(text, option):
    """Name and type, one of them, or that it is left out."""
    assert parse_column_option(text) == option


@pytest.mark.parametrize(
    "text", ["kids", "kids=Children", "kids=attributes.", "kids=attributes.a:integer", "kids=:", "k=:own"]
)
def test_a_column_option_that_asks_for_nothing_known(text):
    """The message shows how it is written."""
    with pytest.raises(CommandError, match=r"COLUMN=attributes\.NAME"):
        parse_column_option(text)


def test_mapped_columns_are_mapped_and_the_others_keep_their_names():
    """An option is for its column alone."""
    mappings = map_columns(COLUMNS, "id", [parse_column_option("kids=attributes.Children:text")])
    assert mappings == [
        ColumnMapping("kids", "Children", Type.TEXT, "--column"),
        ColumnMapping("tier", "tier", Type.TEXT, INFERRED),
    ]


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        (COLUMNS[1:], [], "no column id: it has kids, tier"),
        (COLUMNS, ["age=:number"], "no column age"),
        (COLUMNS, ["id=:text"], "the ID column is no attribute"),
        (COLUMNS, ["kids=attributes.tier"], "two columns would be the attribute tier"),
        ([COLUMNS[0], FileColumn("", Type.TEXT, INFERRED)], [], "a column has no name"),
        ([COLUMNS[0], STRUCT], [], "no attribute holds a struct<city: string>"),
    ],
)
def test_columns_that_cannot_be_attributes(columns, options, message):
    """It is said before anything is sent, and how to leave one out."""
    with pytest.raises(CommandError, match=message):
        map_columns(columns, "id", list(map(parse_column_option, options)))


def test_what_cannot_be_an_attribute_may_be_left_out():
    """A column without a name, and one of structs."""
    columns = [COLUMNS[0], STRUCT, FileColumn("", Type.TEXT, INFERRED)]
    mappings = map_columns(columns, "id", [parse_column_option("home="), parse_column_option("=")])
    mapping = ProfileMapping("id", mappings)
    assert mapping.record({"id": "c-1", "home": {"city": "Berlin"}, "": "0"}) == {
        "integrationId": "c-1",
        "attributes": {},
    }


def mapping(*options):
    return ProfileMapping("id", map_columns(COLUMNS, "id", list(map(parse_column_option, options))))


@pytest.mark.parametrize(
    ("row", "attributes"),
    [
        ({"id": "c-1", "kids": "2", "tier": "gold"}, {"kids": 2, "tier": "gold"}),
        ({"id": "c-1"}, {}),
        ({"id": "c-1", "kids": None}, {"kids": None}),
        ({"id": "c-1", "age": [1]}, {"age": [1]}),
    ],
)
def test_a_row_becomes_a_profile(row, attributes):
    """What it has no value for is not sent; a column that comes later is an attribute of its name."""
    assert mapping().record(row) == {"integrationId": "c-1", "attributes": attributes}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"kids": "2"}, "id is empty"),
        ({"id": "c-1", "kids": "many"}, "kids is no number (its first rows are; --column kids=:text sends text)"),
        (
            {"id": "", "kids": "many"},
            "id is empty; kids is no number (its first rows are; --column kids=:text sends text)",
        ),
        (BrokenRow("the line is empty"), "the line is empty"),
    ],
)
def test_a_row_that_becomes_none_says_why(row, reason):
    """All that is wrong about it, without its values."""
    record = mapping().record(row)
    assert isinstance(record, InvalidRecord)
    with pytest.raises(InvalidRecordError) as caught:
        record.get("integrationId")
    assert str(caught.value) == reason


def test_a_type_that_was_asked_for_is_no_guess():
    """So there is no hint."""
    assert mapping("kids=attributes.k:number").record({"id": "1", "kids": "x"}).reason == "kids is no number"


def test_an_unfit_record_shows_what_was_there():
    """For whoever repairs it: cells as they are, under their attributes' names."""
    assert dict(mapping().record({"id": "c-1", "kids": "many"})) == {
        "integrationId": "c-1",
        "attributes": {"kids": "many"},
    }


def audiences(**options):
    given = {"audience": None, "audience_column": None, "action": "add", "action_column": None}
    return AudienceMapping(id_column="id", **(given | options))


@pytest.mark.parametrize(
    ("options", "row", "audience", "action"),
    [
        ({"audience": 7}, {"id": "c-1"}, 7, "add"),
        ({"audience": 7, "action": "delete"}, {"id": "c-1"}, 7, "delete"),
        ({"audience_column": "a"}, {"id": "c-1", "a": "8"}, 8, "add"),
        ({"audience_column": "a", "action_column": "do"}, {"id": "c-1", "a": 8, "do": "delete"}, 8, "delete"),
    ],
)
def test_a_row_becomes_a_membership(options, row, audience, action):
    """What is not in a column is the same for all rows."""
    expected = {"action": action, "profileIntegrationId": "c-1", "audienceId": audience}
    assert audiences(**options).record(row) == expected


def test_a_row_that_becomes_no_membership_says_why():
    """All of it at once."""
    record = audiences(audience_column="a", action_column="do").record({"a": "seven", "do": "remove"})
    assert record.reason == "do is neither add nor delete; id is empty; a is no number"
    assert dict(record) == {"action": "remove", "profileIntegrationId": None, "audienceId": "seven"}
