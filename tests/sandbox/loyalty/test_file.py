"""Loyalty programs in the campaign file."""

import pytest

from aiotalonone.sandbox import CampaignFileError, Sandbox
from tests.sandbox.loyalty.support import add, deduct, program, shop_file

EFFECT = "campaigns[0].rules[0].effects[0]"
HERE = "loyaltyPrograms[0]"
TIER = {"name": "a", "minPoints": 1}
IDENTIFIER = "must be 4 to 108 of the characters A-Z a-z 0-9 . _ % + @ -"
START = "must be immediate, on_action, a date and time with an offset, or a duration such as 30D"


MISTAKES = [
    ({"defaultPending": "soon"}, f"{HERE}.defaultPending: {START}"),
    ({"defaultPending": "2026-01-01T00:00:00"}, f"{HERE}.defaultPending: {START}"),
    (
        {"defaultValidity": "1h_D"},
        f"{HERE}.defaultValidity: must be unlimited, a date and time with an offset, or a duration such as 30D",
    ),
    ({"returnPolicy": "never"}, f"{HERE}.returnPolicy: must be one of only_pending, within_balance, unlimited"),
    (
        {"programJoinPolicy": "x"},
        f"{HERE}.programJoinPolicy: must be one of not_join, points_activated, points_earned",
    ),
    ({"timezone": "Mars/Base"}, f"{HERE}.timezone: unknown time zone 'Mars/Base'"),
    ({"timezone": "/etc/passwd"}, f"{HERE}.timezone: unknown time zone '/etc/passwd'"),
    ({"usersPerCardLimit": -1}, f"{HERE}.usersPerCardLimit: must be at least 0"),
    ({"cards": [{"identifier": "card-1"}]}, f"{HERE}.cards: needs a program that is cardBased"),
    ({"tiers": [{"name": "a"}]}, f"{HERE}.tiers[0].minPoints: is required"),
    ({"tiers": [{"name": "a", "minPoints": -1}]}, f"{HERE}.tiers[0].minPoints: must be at least 0"),
    ({"tiers": [TIER, {"name": "b", "minPoints": 1}]}, f"{HERE}.tiers: must differ in id, name and minPoints"),
    ({"tiers": [TIER], "cardBased": True}, f"{HERE}.tiers: need a program that is not cardBased"),
    ({"tiersExpireIn": "1Y"}, f"{HERE}.tiersExpirationPolicy: is required with tiersExpireIn"),
    (
        {"tiersExpirationPolicy": "tier_start_date"},
        f"{HERE}.tiersExpireIn: is required with tiersExpirationPolicy",
    ),
    (
        {"tiersExpirationPolicy": "customer_attribute", "tiersExpireIn": "1Y"},
        f"{HERE}.tiersExpirationPolicy: must be one of tier_start_date, program_join_date, absolute_expiration",
    ),
    (
        {"tiersExpirationPolicy": "absolute_expiration", "tiersExpireIn": "1Y"},
        f"{HERE}.tierCycleStartDate: is required with absolute_expiration",
    ),
    (
        {"tiersExpirationPolicy": "tier_start_date", "tiersExpireIn": "1 year"},
        f"{HERE}.tiersExpireIn: must be a number and one of s, m, h, D, W, M, Y, such as 30D",
    ),
    ({"points": [{"amount": 1}]}, f"{HERE}.points[0].owner: is required"),
    ({"points": [{"owner": "ada"}]}, f"{HERE}.points[0].amount: is required"),
    ({"points": [{"owner": "ada", "amount": 0}]}, f"{HERE}.points[0].amount: must be above 0"),
    (
        {"points": [{"owner": "ada", "amount": 1, "subLedgerId": "x"}]},
        f"{HERE}.points[0].subLedgerId: loyalty program 5 has no subledgers: set allowSubledger",
    ),
    (
        {"points": [{"owner": "card-1", "amount": 1}], "cardBased": True},
        f"{HERE}.points[0].owner: unknown card 'card-1'",
    ),
    ({"cards": [{"identifier": "a b"}], "cardBased": True}, f"{HERE}.cards[0].identifier: {IDENTIFIER}"),
    (
        {"cards": [{"identifier": "card-1"}] * 2, "cardBased": True},
        f"{HERE}.cards[1].identifier: card card-1 exists already",
    ),
    (
        {"cards": [{"identifier": "card-1", "status": "lost"}], "cardBased": True},
        f"{HERE}.cards[0].status: must be one of active, inactive, blocked",
    ),
    (
        {
            "cards": [{"identifier": "card-1", "customerProfileIds": ["a", "b"]}],
            "cardBased": True,
            "usersPerCardLimit": 1,
        },
        f"{HERE}.cards[0].customerProfileIds: must have at most 1 entries",
    ),
    (
        {"cardCodeSettings": {"couponPattern": "##"}, "cardBased": True},
        f"{HERE}.cardCodeSettings.couponPattern: {IDENTIFIER}",
    ),
]
PROGRAM_MISTAKES = [({"loyaltyPrograms": [program(**members)]}, message) for members, message in MISTAKES]


@pytest.mark.parametrize(("document", "message"), PROGRAM_MISTAKES)
def test_invalid_program_is_reported(document, message):
    """A mistake in a loyalty program is reported with its place."""
    with pytest.raises(CampaignFileError) as caught:
        Sandbox(document)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        (add(0), f"{EFFECT}.value: must be above 0"),
        (add(1, perUnitOfTotal=1), f"{EFFECT}.value: exactly one of value, perUnitOfTotal is required"),
        (add(1, startDate="1X"), f"{EFFECT}.startDate: {START}"),
        (add(1, subLedgerId="x"), f"{EFFECT}.subLedgerId: loyalty program 5 has no subledgers: set allowSubledger"),
        (deduct(-1), f"{EFFECT}.value: must be above 0"),
        ({"type": "deductLoyaltyPoints", "programId": 5}, f"{EFFECT}.value: is required"),
        ({**add(1), "programId": 9}, f"{EFFECT}.programId: unknown loyalty program"),
        (
            {**add(1), "type": "addLoyaltyPointsPerItem"},
            f"{EFFECT}.skus: exactly one of skus, categories, skusFrom is required",
        ),
        (
            {"type": "addLoyaltyPointsPerItem", "programId": 5, "skus": ["tea"]},
            f"{EFFECT}.value: exactly one of value, perUnitOfPrice is required",
        ),
    ],
    ids=str,
)
def test_invalid_effect_is_reported(effect, message):
    """A mistake in an effect on points is reported with its place."""
    with pytest.raises(CampaignFileError) as caught:
        Sandbox(shop_file(effect))
    assert str(caught.value) == message


def test_programs_have_different_ids():
    """A program whose ID another one has is a mistake."""
    with pytest.raises(CampaignFileError, match=r"loyaltyPrograms\[1\]\.id: loyalty program 5 exists already"):
        Sandbox({"loyaltyPrograms": [program(), program()]})
