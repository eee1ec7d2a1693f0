from collections import Counter

from aiotalonone import structure
from aiotalonone.models import IntegrationState, IntegrationStateV2
from examples.groceries.facts import differences, of_session, of_session_v1, rolled_back


def test_equal_facts_do_not_differ():
    """Equal facts have no differences, whatever their order."""
    assert differences({("a",): 1, ("b",): 2}, {("b",): 2, ("a",): 1}) == []


def test_difference_names_the_fact_and_both_values():
    """A difference shows both values, and a fact of one side alone is a difference, too."""
    found = differences({("till", "total"): 1, ("missing",): 2}, {("till", "total"): 3, ("unasked",): 4})
    assert [str(one) for one in found] == [
        "till / total: expected 1, observed 3",
        "missing: expected 2, observed nothing",
        "unasked: expected nothing, observed 4",
    ]


def test_response_without_its_session_has_no_facts():
    """A V1 response without a session has no facts, so that the comparison finds them missing."""
    assert of_session_v1("s", IntegrationState()) == {}


def test_unexpected_effects_are_counted():
    """Effects of types that the demo does not expect are counted, so that they show as a difference."""
    effects = [{"campaignId": 1, "rulesetId": 1, "ruleIndex": 0, "ruleName": "", "effectType": "new", "props": {}}]
    facts = of_session("s", structure({"effects": effects}, IntegrationStateV2))
    assert facts["session", "s", "effects"] == Counter(["new"])
    assert facts["session", "s", "total"] is None


def test_an_effect_that_rolls_no_discount_back_is_a_difference():
    """A return with another effect has a value that equals no expectation, not even itself."""
    effects = [{"campaignId": 1, "rulesetId": 1, "ruleIndex": 0, "ruleName": "", "effectType": "new", "props": {}}]
    [value] = rolled_back(structure({"effects": effects}, IntegrationStateV2))
    assert value != value  # noqa: PLR0124 - not a number
