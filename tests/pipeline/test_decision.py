"""The decision to repeat, over the whole product of what it depends on."""

from itertools import product

import pytest

from aiotalonone.errors import Outcome
from aiotalonone.operation import Repeat
from aiotalonone.pipeline.decision import Phase, may_repeat, outcome_of, outcome_of_both

REPEATS = tuple(Repeat)
PATIENT = (Repeat.READ, Repeat.KEYED, Repeat.CONVERGENT)
ENDINGS = {
    "nothing written": (Phase.NOTHING_WRITTEN, None),
    "written, no answer": (Phase.WRITTEN, None),
    "half an answer of success": (Phase.ANSWERED, None),
    **{
        str(status): (Phase.ANSWERED, status) for status in (307, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 599)
    },
}
REPEATED_BY_ALL = {"nothing written", "429"}
REPEATED_WHERE_IT_DOES_NO_HARM = {"written, no answer", "half an answer of success", "500", "502", "503", "599"}


def is_right(repeat, ending, *, one_at_a_time):
    """The table in words."""
    if ending == "409":
        return one_at_a_time
    return ending in REPEATED_BY_ALL or (ending in REPEATED_WHERE_IT_DOES_NO_HARM and repeat in PATIENT)


@pytest.mark.parametrize("one_at_a_time", [False, True])
@pytest.mark.parametrize(("repeat", "ending"), list(product(REPEATS, ENDINGS)))
def test_each_ending_of_each_class_is_repeated_or_not(repeat, ending, one_at_a_time):
    """Before the last attempt, the class and the ending decide; what may act twice is repeated after refusals alone."""
    phase, status = ENDINGS[ending]
    decided = may_repeat(repeat, phase, status, 1, attempts=2, one_at_a_time=one_at_a_time)
    assert decided is is_right(repeat, ending, one_at_a_time=one_at_a_time)


@pytest.mark.parametrize(("repeat", "ending", "attempts"), list(product(REPEATS, ENDINGS, (1, 3))))
def test_nothing_follows_the_last_attempt(repeat, ending, attempts):
    """However harmless it would be."""
    phase, status = ENDINGS[ending]
    assert not may_repeat(repeat, phase, status, attempts, attempts=attempts, one_at_a_time=True)


@pytest.mark.parametrize(
    ("phase", "status", "outcome"),
    [
        (Phase.NOTHING_WRITTEN, None, Outcome.NOT_SENT),
        (Phase.WRITTEN, None, Outcome.UNKNOWN),
        (Phase.ANSWERED, None, Outcome.APPLIED),
        (Phase.ANSWERED, 200, Outcome.APPLIED),
        (Phase.ANSWERED, 204, Outcome.APPLIED),
        (Phase.ANSWERED, 307, Outcome.REJECTED),
        (Phase.ANSWERED, 400, Outcome.REJECTED),
        (Phase.ANSWERED, 409, Outcome.REJECTED),
        (Phase.ANSWERED, 429, Outcome.REJECTED),
        (Phase.ANSWERED, 500, Outcome.UNKNOWN),
        (Phase.ANSWERED, 503, Outcome.UNKNOWN),
    ],
)
def test_an_attempt_has_its_outcome(phase, status, outcome):
    """A lost answer leaves it open; the head of a success settles it, even where the rest is lost."""
    assert outcome_of(phase, status) is outcome


@pytest.mark.parametrize(
    ("earlier", "later", "both"),
    [
        (Outcome.NOT_SENT, Outcome.REJECTED, Outcome.REJECTED),
        (Outcome.REJECTED, Outcome.NOT_SENT, Outcome.REJECTED),
        (Outcome.UNKNOWN, Outcome.NOT_SENT, Outcome.UNKNOWN),
        (Outcome.UNKNOWN, Outcome.REJECTED, Outcome.UNKNOWN),
        (Outcome.REJECTED, Outcome.UNKNOWN, Outcome.UNKNOWN),
        (Outcome.APPLIED, Outcome.UNKNOWN, Outcome.APPLIED),
        (Outcome.APPLIED, Outcome.REJECTED, Outcome.APPLIED),
        (Outcome.NOT_SENT, Outcome.NOT_SENT, Outcome.NOT_SENT),
    ],
)
def test_a_refusal_does_not_undo_an_attempt_before_it(earlier, later, both):
    """What the first of two attempts may have done stays done."""
    assert outcome_of_both(earlier, later) is both
