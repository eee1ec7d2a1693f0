"""What the sandbox reads in queries and paths, and how it names what is invalid."""

from datetime import UTC, datetime

import pytest
from starlette.datastructures import QueryParams

from aiotalonone.sandbox.http.problems import ApiProblem
from aiotalonone.sandbox.http.query import Query, parse_integer


def query(text: str) -> Query:
    return Query(QueryParams(text))


def test_what_is_left_out_has_its_default():
    """A member that is left out is a text of None, no texts, a false flag, and the default of a number."""
    empty = query("")
    assert (empty.text("a"), empty.texts("a"), empty.comma_separated("a")) == (None, [], [])
    assert (empty.flag("a"), empty.silent, empty.choice("a", ["b"]), empty.choices("a", ["b"])) == (
        False,
        True,
        None,
        [],
    )
    assert (empty.integer("a", 7), empty.timestamp("a")) == (7, None)


def test_lists_are_repeated_or_separated_by_commas():
    """A repeated member keeps commas in its values; a comma-separated one may be repeated as well."""
    members = query("a=1,2&a=3")
    assert members.texts("a") == ["1,2", "3"]
    assert members.comma_separated("a") == ["1", "2", "3"]
    assert members.choices("a", ["1", "2", "3"]) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2030-01-31", datetime(2030, 1, 31, tzinfo=UTC)),
        ("2030-01-31T04:05:06Z", datetime(2030, 1, 31, 4, 5, 6, tzinfo=UTC)),
        ("2030-01-31T04:05:06%2B02:00", datetime(2030, 1, 31, 2, 5, 6, tzinfo=UTC)),
    ],
)
def test_a_date_is_its_midnight_in_utc(text, expected):
    """A time needs its offset, while a date alone, where it may be one, is midnight in UTC."""
    assert query(f"startDate={text}").timestamp("startDate", accepts_date=True) == expected


@pytest.mark.parametrize(
    ("skip", "size", "expected"),
    [
        ("", "", ([*range(50)], True)),
        ("58", "", ([58, 59], False)),
        ("10", "3", ([10, 11, 12], True)),
        ("60", "", ([], False)),
    ],
)
def test_a_page_says_whether_more_follow(skip, size, expected):
    """A page starts after ``skip`` entries and has at most ``pageSize``, by default 50."""
    text = "&".join(f"{name}={value}" for name, value in {"skip": skip, "pageSize": size}.items() if value)
    assert query(text).page([*range(60)]) == expected


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("x=2", lambda members: members.flag("x")),
        ("x=", lambda members: members.flag("x")),
        ("silent=true", lambda members: members.silent),
        ("x=b", lambda members: members.choice("x", ["a"])),
        ("x=a,b", lambda members: members.choices("x", ["a"])),
        ("x=1.5", lambda members: members.integer("x", 1)),
        ("x=", lambda members: members.integer("x", 1)),
        ("x=²", lambda members: members.integer("x", 1)),
        ("x=-1", lambda members: members.integer("x", 1)),
        (f"x={'9' * 30}", lambda members: members.integer("x", 1)),
        ("x=2030-02-31", lambda members: members.timestamp("x", accepts_date=True)),
        ("x=2030-01-31", lambda members: members.timestamp("x")),
        ("x=2030-01-31T04:05:06", lambda members: members.timestamp("x")),
        ("pageSize=0", lambda members: members.page([])),
        ("pageSize=1001", lambda members: members.page([])),
        ("skip=-1", lambda members: members.page([])),
        ("", lambda _: parse_integer("x", "seven")),
    ],
)
def test_an_invalid_member_is_named(text, read):
    """An invalid value is a 400 whose source is the parameter."""
    with pytest.raises(ApiProblem) as caught:
        read(query(text))
    assert caught.value.status == 400
    assert [error["source"] for error in caught.value.errors] == [{"parameter": text.partition("=")[0] or "x"}]
