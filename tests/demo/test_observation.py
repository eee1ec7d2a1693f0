from collections import Counter

from aiotalonone import structure
from aiotalonone.demo.observation import of_session, of_session_v1
from aiotalonone.models import IntegrationState, IntegrationStateV2


def test_an_answer_without_its_session_leaves_facts_missing():
    """They are found out by the comparison, not by a crash."""
    assert of_session_v1("s", IntegrationState()) == {}


def test_effects_that_the_demo_does_not_expect_are_counted_all_the_same():
    """So that they show as a difference."""
    effects = [{"campaignId": 1, "rulesetId": 1, "ruleIndex": 0, "ruleName": "", "effectType": "new", "props": {}}]
    facts = of_session("s", structure({"effects": effects}, IntegrationStateV2))
    assert facts["session", "s", "effects"] == Counter(["new"])
    assert facts["session", "s", "worth"] is None
