from itertools import count

import pytest

from aiotalonone.sandbox.codes import MAX_ATTEMPTS, CodePattern


@pytest.fixture
def next_number():
    """Numbers from 0."""
    return count().__next__


def test_a_taken_code_is_passed_over(next_number):
    """The next number's code is taken in its place."""
    assert CodePattern("X-##", "01").next_unused({"X-00": 1, "X-01": 1}, next_number) == "X-10"


def test_a_number_is_tried_once(next_number):
    """The second code is not searched for among those that the first search found taken."""
    shape, taken = CodePattern("##", "01"), {"00": 1, "01": 1}
    taken[shape.next_unused(taken, next_number)] = 1
    assert (shape.next_unused(taken, next_number), next_number()) == ("11", 4)


def test_a_pattern_can_run_out(next_number):
    """Where every code is taken there is none."""
    assert CodePattern("#", "01").next_unused({"0": 1, "1": 1}, next_number) is None


def test_a_search_ends(next_number):
    """After so many taken codes in a row the rest of a large pattern is not searched."""

    class Everything:
        def get(self, _: str) -> object:
            return True

    assert CodePattern("#" * 20).next_unused(Everything(), next_number) is None
    assert next_number() == MAX_ATTEMPTS


def test_characters_are_distinct():
    """A character that is named twice makes no second code."""
    assert CodePattern("#", "AABA").characters == "AB"
