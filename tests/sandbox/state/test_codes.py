from itertools import count

import pytest

from aiotalonone.sandbox.state.codes import MAX_ATTEMPTS, CodePattern


@pytest.fixture
def next_number():
    """Return the next number, from 0."""
    return count().__next__


def test_taken_code_is_skipped(next_number):
    """If the next code is taken, the one after it is used."""
    assert CodePattern("X-##", "01").next_unused({"X-00": 1, "X-01": 1}, next_number) == "X-10"


def test_code_is_tried_once(next_number):
    """A second search does not try the codes again that the first search found taken."""
    shape, taken = CodePattern("##", "01"), {"00": 1, "01": 1}
    taken[shape.next_unused(taken, next_number)] = 1
    assert (shape.next_unused(taken, next_number), next_number()) == ("11", 4)


def test_exhausted_pattern_has_no_code(next_number):
    """A pattern all of whose codes are taken yields None."""
    assert CodePattern("#", "01").next_unused({"0": 1, "1": 1}, next_number) is None


def test_search_is_bounded(next_number):
    """A search ends after 1,000 taken codes, however many codes the pattern has."""

    class Everything:
        def get(self, _: str) -> object:
            return True

    assert CodePattern("#" * 20).next_unused(Everything(), next_number) is None
    assert next_number() == MAX_ATTEMPTS


def test_characters_are_distinct():
    """A character that is given twice counts once."""
    assert CodePattern("#", "AABA").characters == "AB"
