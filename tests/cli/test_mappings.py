import pytest

from aiotalonone.bulk import InvalidRecord
from aiotalonone.bulk.kinds import InvalidRecordError
from aiotalonone.cli.audiences import AudienceMapping
from aiotalonone.cli.columns import ColumnMapping, ColumnOption, map_columns, parse_column_option
from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.profiles import ProfileMapping
from aiotalonone.cli.rows import INFERRED, FileColumn, InvalidRow
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
def test_column_option_is_parsed(text, option):
    """A column option has a name and a type, one of them, or leaves the column out."""
    assert parse_column_option(text) == option


@pytest.mark.parametrize(
    "text", ["kids", "kids=Children", "kids=attributes.", "kids=attributes.a:integer", "kids=:", "k=:own"]
)
def test_invalid_column_option(text):
    """The message about an invalid column option shows its form."""
    with pytest.raises(CommandError, match=r"COLUMN=attributes\.NAME"):
        parse_column_option(text)


def test_columns_without_an_option_keep_their_names():
    """An option applies to its own column, and the other columns keep their names and types."""
    mappings = map_columns(COLUMNS, "id", [parse_column_option("kids=attributes.Children:text")])
    assert mappings == [
        ColumnMapping("kids", "Children", Type.TEXT, "--column"),
        ColumnMapping("tier", "tier", Type.TEXT, INFERRED),
    ]


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        (COLUMNS[1:], [], "no column id; it has kids, tier"),
        (COLUMNS, ["age=:number"], "no column age"),
        (COLUMNS, ["kids=", "kids=:text"], "--column kids= is given twice"),
        (COLUMNS, ["id=:text"], "the ID column cannot be an attribute"),
        (COLUMNS, ["kids=attributes.tier"], "two columns have the attribute tier"),
        ([COLUMNS[0], FileColumn("", Type.TEXT, INFERRED)], [], "a column has no name"),
        (
            [COLUMNS[0], STRUCT],
            [],
            r"an attribute cannot hold a struct<city: string>: --column home= leaves out the column$",
        ),
        (
            [*COLUMNS, STRUCT, FileColumn("last visit", None, "binary")],
            ["kids="],
            r"a struct<city: string>, binary: --column home= --column 'last visit=' leaves out these 2 columns$",
        ),
        ([COLUMNS[0], STRUCT], ["home=attributes.Home"], "--column home= leaves out the column"),
        ([FileColumn(" id ", Type.TEXT, "string"), COLUMNS[1]], [], "no column id; it has ' id ', kids"),
        (COLUMNS, [" kids ="], "no column ' kids '; it has id, kids"),
    ],
)
def test_columns_that_cannot_be_attributes(columns, options, message):
    """Columns that cannot be attributes are an error before anything is sent."""
    with pytest.raises(CommandError, match=message):
        map_columns(columns, "id", list(map(parse_column_option, options)))


def test_columns_that_cannot_be_attributes_can_be_left_out():
    """A column without a name and a column of structs can be left out."""
    columns = [COLUMNS[0], STRUCT, FileColumn("", Type.TEXT, INFERRED)]
    mappings = map_columns(columns, "id", [parse_column_option("home="), parse_column_option("=")])
    mapping = ProfileMapping("id", mappings)
    assert mapping.to_record({"id": "c-1", "home": {"city": "Berlin"}, "": "0"}) == {
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
def test_row_becomes_a_profile(row, attributes):
    """An attribute without a value is not sent, and a column that only later rows have is an attribute of its name."""
    assert mapping().to_record(row) == {"integrationId": "c-1", "attributes": attributes}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"kids": "2"}, "id is empty"),
        ({"id": "c-1", "kids": "many"}, "kids is not a number (its first rows are; --column kids=:text sends text)"),
        (
            {"id": "", "kids": "many"},
            "id is empty; kids is not a number (its first rows are; --column kids=:text sends text)",
        ),
        (InvalidRow("the line is empty"), "the line is empty"),
    ],
)
def test_invalid_row_has_all_reasons(row, reason):
    """An invalid row becomes a record with everything that is wrong with it, without its values."""
    record = mapping().to_record(row)
    assert isinstance(record, InvalidRecord)
    with pytest.raises(InvalidRecordError) as caught:
        record.get("integrationId")
    assert str(caught.value) == reason


def test_hint_can_be_pasted_into_a_shell():
    """The option that a hint names is quoted if its column has blanks."""
    columns = [COLUMNS[0], FileColumn("last visit", Type.NUMBER, INFERRED)]
    record = ProfileMapping("id", map_columns(columns, "id", [])).to_record({"id": "1", "last visit": "x"})
    assert record.reason.endswith("--column 'last visit=:text' sends text)")


def test_type_of_an_option_has_no_hint():
    """A value that does not have the type of an option gets no hint about inferred types."""
    assert mapping("kids=attributes.k:number").to_record({"id": "1", "kids": "x"}).reason == "kids is not a number"


def test_invalid_record_has_the_cells_as_they_are():
    """An invalid record has its cells unchanged, by the names of their attributes."""
    assert dict(mapping().to_record({"id": "c-1", "kids": "many"})) == {
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
def test_row_becomes_a_membership(options, row, audience, action):
    """Audience and action are those of the row's columns, or the same for all rows."""
    expected = {"action": action, "profileIntegrationId": "c-1", "audienceId": audience}
    assert audiences(**options).to_record(row) == expected


def test_invalid_membership_has_all_reasons():
    """An invalid row becomes a record with everything that is wrong with it."""
    record = audiences(audience_column="a", action_column="do").to_record({"a": "seven", "do": "remove"})
    assert record.reason == "do is neither add nor delete; id is empty; a is not a number"
    assert dict(record) == {"action": "remove", "profileIntegrationId": None, "audienceId": "seven"}
