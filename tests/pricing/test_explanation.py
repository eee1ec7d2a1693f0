"""What people are told: how a price came about, and why codes and rules took no effect."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import orjson
import pytest

from aiotalonone import IntegrationStateV2, structure
from aiotalonone.pricing import explain, price
from aiotalonone.pricing.explanation import plain, rejection_text
from tests.support.effects import (
    SAMPLES,
    cost_discount,
    discount_rollback,
    effect,
    item_cost_discount,
    item_discount,
    item_rollback,
    points,
    session_discount,
)
from tests.support.mutations import OTHERS, mutations

NOW = datetime(2026, 12, 1, tzinfo=UTC)
START, END = datetime(2026, 12, 24, tzinfo=UTC), datetime(2027, 12, 24, tzinfo=UTC)
START_TEXT, END_TEXT = START.isoformat(), END.isoformat()
TEA = {"sku": "tea", "quantity": 3, "price": 10, "returnedQuantity": 1, "additionalCosts": {"wrapping": 1}}

STATE = {
    "effects": [
        effect(
            "rejectCoupon",
            value="WINTER",
            rejectionReason="CouponPartOfNotTriggeredCampaign",
            campaignExclusionReason="CampaignGaveLowerDiscount",
        ),
        effect("rejectReferral", value="FRIEND", rejectionReason="BrandNew", conditionIndex=1, details="too late"),
        effect("error", message="division by zero"),
        session_discount(5),
    ],
    "ruleFailureReasons": [
        {
            "campaignID": 5,
            "campaignName": "Summer",
            "rulesetID": 6,
            "ruleIndex": 0,
            "ruleName": "Ten off",
            "couponValue": "SUMMER",
            "conditionIndex": 0,
            "effectIndex": 2,
            "details": "cart below 20",
        },
        {"campaignID": 5, "campaignName": "Club", "rulesetID": 6, "ruleIndex": 0, "ruleName": "Points"},
    ],
    "campaignEligibility": [
        {
            "name": "Spring",
            "eligibility": [
                {"passed": False, "couponCode": "SPRING", "details": {"failureCode": "ALL_RULES_FAILED"}},
                {"passed": False, "details": {"failureCode": "BRAND_NEW"}},
                {"passed": False},
                {"passed": True},
            ],
            "rules": [
                {
                    "title": "Two for one",
                    "eligibility": [
                        {
                            "passed": False,
                            "couponCode": "SPRING",
                            "details": {"couponValue": "SPRING", "conditionIndex": 3, "details": "no pair"},
                        },
                        {"passed": False},
                        {"passed": True},
                    ],
                }
            ],
        }
    ],
}


def test_a_price_is_explained_line_by_line():
    """The explanation has the lines with their discounts, the costs, the session, and then all that is beside it."""
    effects = [
        item_discount(2, 0, 1, scope="price"),
        item_discount(9, 0, 2),
        item_cost_discount(1.25, 0, 1),
        cost_discount(4.9),
        session_discount(50),
        discount_rollback(10),
        item_rollback(1, 0, 0, "six"),
        points(37.8, subLedgerId="summer", startDate=START, expiryDate=END),
        points(50, "deductLoyaltyPoints"),
        *(
            SAMPLES[name]
            for name in ("acceptCoupon", "rejectCoupon", "addFreeItem", "showNotification", "customEffect")
        ),
        *(SAMPLES[name] for name in ("awardGiveaway", "willAwardGiveaway", "rollbackUseReward")),
        effect("updateAttribute", path="a", value=1),
        effect("sing\n"),
    ]
    costs = {"shipping": Decimal("4.90"), "insurance": 2}
    assert price([TEA], effects, additional_costs=costs, now=NOW).explanation == [
        "tea: 2 x 10.00, 1 returned",
        "  + wrapping: 2.00",
        "  - 2.00 five (unit 2, on price)",
        "  - 9.00 five (unit 3)",
        "  - 1.00 free wrapping (unit 2, on wrapping, 1.25 was more than there was to take it from)",
        "  = 10.00",
        "shipping: 4.90",
        "  - 4.90 free shipping",
        "  = 0.00",
        "insurance: 2.00",
        "session",
        "  - 12.00 Summer (10.00 of 50.00 was rolled back, 50.00 was more than there was to take it from)",
        "total: 28.90 - 28.90 = 0.00",
        "free item: mug (A mug for you)",
        f"points: 37.8 Purchase (program 1, subledger summer, pending, from {START_TEXT}, until {END_TEXT})",
        "points: -50 Purchase (program 1, deducted)",
        "coupon SUMMER: accepted",
        "coupon WINTER: rejected, there is no coupon with this code (CouponNotFound)",
        "notice (Info): Hello: Two more for a mug",
        "giveaway: code MUG-1, from mugs",
        "giveaway: a code once the session is closed, from mugs",
        "custom effect: confetti",
        "rolled back: 10 Summer (rollbackDiscount)",
        "rolled back: 1 six (rollbackDiscount, line 1, unit 1, of nothing in these effects)",
        "rolled back: mug-1 (rollbackUseReward, of nothing in these effects)",
        "other effect: updateAttribute",
        "ignored: sing\\n, its type is not known",
    ]


def test_a_discount_that_was_rolled_back_in_part_is_told_as_such():
    """What a roll-back took is told, and nothing else is said to be missing."""
    [line] = price([TEA], [session_discount(5), discount_rollback(2)]).explanation[4:5]
    assert line == "  - 3.00 Summer (2.00 of 5.00 was rolled back)"


def test_a_state_is_explained():
    """Each rejected code, failed rule and campaign has a line with the reason, as a model and in JSON names."""
    left_out = "the coupon's campaign was left out of the evaluation (CouponPartOfNotTriggeredCampaign)"
    lines = [
        f"coupon WINTER was rejected: {left_out}; another campaign gave a higher discount (CampaignGaveLowerDiscount)",
        'referral FRIEND was rejected: BrandNew; rule "Five off": condition 2, too late',
        'rule "Five off" failed with an error: division by zero',
        'rule "Ten off" of campaign "Summer" did not apply with coupon SUMMER: condition 1, effect 3, cart below 20',
        'rule "Points" of campaign "Club" did not apply',
        'campaign "Spring" did not apply with coupon SPRING: none of its rules applied',
        'campaign "Spring" did not apply: BRAND_NEW',
        'campaign "Spring" did not apply',
        'rule "Two for one" of campaign "Spring" did not apply with coupon SPRING: condition 4, no pair',
        'rule "Two for one" of campaign "Spring" did not apply',
    ]
    assert explain(STATE) == lines
    assert explain(structure(STATE, IntegrationStateV2)) == lines


def test_a_state_without_failures_needs_no_explanation():
    """If nothing was rejected, there is no line."""
    assert explain(IntegrationStateV2()) == []
    assert explain({"effects": [session_discount(5)]}) == []


def test_only_a_state_can_be_explained():
    """What is neither a state nor a mapping is the caller's mistake."""
    with pytest.raises(TypeError, match="state must be an IntegrationStateV2 or a mapping in JSON names, not list"):
        explain([])


def test_no_state_raises_an_error():
    """Whatever stands in the place of any member of a state, it is explained as far as it can be."""
    for _, _, text in mutations(STATE, [*OTHERS, -1, 1e300]):
        bent = orjson.loads(text)
        assert all(isinstance(line, str) for line in (*explain(bent), *explain(structure(bent, IntegrationStateV2))))


def test_an_index_of_any_size_raises_no_error():
    """An index that cannot be one is passed over."""
    assert explain({"ruleFailureReasons": [{"ruleName": "a", "campaignName": "b", "conditionIndex": 10**5000}]}) == [
        'rule "a" of campaign "b" did not apply'
    ]


def test_texts_of_the_server_are_safe_to_print():
    """Control characters are escaped, so that a text stays in its line, and a long one is cut."""
    assert plain("a\x1b[31m\nb\ud800") == "a\\x1b[31m\\nb\\ud800"
    assert plain("é" * 200) == "é" * 200
    assert plain("é" * 201) == "é" * 199 + "…"


def test_every_documented_reason_is_told_in_english():
    """Each reason that the API documents for a rejection has a text of its own."""
    documented = {
        *("CampaignLimitReached", "CouponExpired", "CouponLimitReached", "CouponNotFound", "EffectCouldNotBeApplied"),
        *("CouponPartOfNotRunningCampaign", "CouponPartOfNotTriggeredCampaign", "CouponRecipientDoesNotMatch"),
        *("CouponRejectedByCondition", "CouponReservationRequired", "CouponStartDateInFuture", "ProfileLimitReached"),
        *("ProfileRequired", "AdvocateNotFound", "ReferralCustomerAlreadyReferred", "ReferralExpired"),
        *("ReferralLimitReached", "ReferralNotFound", "ReferralPartOfNotRunningCampaign", "ReferralStartDateInFuture"),
        *("ReferralPartOfNotTriggeredCampaign", "ReferralRecipientDoesNotMatch", "ReferralRejectedByCondition"),
        "ReferralRecipientIdSameAsAdvocate",
    }
    texts = {reason: rejection_text(reason) for reason in documented}
    assert all(re.fullmatch(r"[a-z].*[a-z]", text) for text in texts.values())
    assert len(set(texts.values())) == len(documented)
