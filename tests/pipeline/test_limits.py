"""Limits of values in paths and queries: which values pass, and what an error says of the others."""

from collections import deque
from datetime import UTC, datetime

import pytest

from aiotalonone.endpoints.loyalty import GET_LOYALTY_BALANCES, GET_LOYALTY_PROGRAM_PROFILE_POINTS
from aiotalonone.endpoints.loyalty_cards import GET_LOYALTY_CARD_POINTS
from aiotalonone.pipeline.calls import encode_keywords, operation_call

PERSONAL = "jane.doe"


def call_with_card(identifier):
    """Return a call whose path has the identifier of a card."""
    return operation_call(GET_LOYALTY_CARD_POINTS, (7, identifier), {}, None, None)


@pytest.mark.parametrize("identifier", ["card", "c" * 108, "a%+@", 1234])
def test_a_card_within_its_limits_is_sent(identifier):
    """An identifier of 4 to 108 characters is sent, whatever characters they are, and an integer as its digits."""
    assert "/cards/" in call_with_card(identifier).path


@pytest.mark.parametrize("identifier", [PERSONAL[:3], PERSONAL.ljust(109, "x"), "", "..", 123])
def test_a_card_beyond_its_limits_is_not(identifier):
    """A shorter or longer identifier raises a ValueError, which names the limit and does not show the value."""
    with pytest.raises(ValueError, match=r"^loyaltyCardId must have 4 to 108 characters$"):
        call_with_card(identifier)


@pytest.mark.parametrize("identifier", [None, 7.5, True, b"card"])
def test_a_card_of_a_wrong_type_is_a_type_error(identifier):
    """What is neither text nor integer raises a TypeError, as in any place of a path."""
    with pytest.raises(TypeError, match=f"^loyaltyCardId must be a str or an int, not {type(identifier).__name__}$"):
        call_with_card(identifier)


@pytest.mark.parametrize(("keyword", "value"), [("page_size", 1), ("page_size", 1000), ("skip", 0), ("skip", 10**9)])
def test_a_number_within_its_limits_is_sent(keyword, value):
    """A number at its limit is sent as its digits."""
    assert [*encode_keywords(GET_LOYALTY_PROGRAM_PROFILE_POINTS, {keyword: value}).values()] == [str(value)]


@pytest.mark.parametrize(
    ("keyword", "value", "message"),
    [
        ("page_size", 0, "page_size must be 1 to 1000"),
        ("page_size", 1001, "page_size must be 1 to 1000"),
        ("skip", -1, "skip must be 0 or more"),
    ],
)
def test_a_number_beyond_its_limits_is_not(keyword, value, message):
    """A lower or higher number raises a ValueError that names the limits."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        encode_keywords(GET_LOYALTY_PROGRAM_PROFILE_POINTS, {keyword: value})


@pytest.mark.parametrize("value", ["10", 10.0, True, [10], datetime(2030, 1, 1, tzinfo=UTC)])
def test_a_number_of_a_wrong_type_is_a_type_error(value):
    """A number of a query is an integer: a text or a flag raises a TypeError."""
    with pytest.raises(TypeError, match=f"^page_size must be an int or None, not {type(value).__name__}$"):
        encode_keywords(GET_LOYALTY_PROGRAM_PROFILE_POINTS, {"page_size": value})


def test_a_list_in_place_of_one_value_is_a_type_error():
    """A list raises a TypeError where the API takes one value: it would read one of them and pass over the others."""
    with pytest.raises(TypeError, match=r"^subledger_id must be one value, not a list$"):
        encode_keywords(GET_LOYALTY_BALANCES, {"subledger_id": [PERSONAL]})


@pytest.mark.parametrize("value", [["a", "b"], ("a", "b"), deque("ab"), {"a": 1, "b": 2}.keys()])
def test_any_sequence_is_a_list(value):
    """Where the API takes a list, any sequence stands for one."""
    query = encode_keywords(GET_LOYALTY_PROGRAM_PROFILE_POINTS, {"subledger_id": value})
    assert query == {"subledgerId": ["a", "b"]}


def test_one_text_stands_for_a_list_of_it():
    """A text where the API takes a list is one value, and not a list of its letters."""
    query = encode_keywords(GET_LOYALTY_PROGRAM_PROFILE_POINTS, {"subledger_id": "travel"})
    assert query == {"subledgerId": "travel"}
