from decimal import Decimal

import pytest

from aiotalonone.sandbox.rendering.brief import TOLD_BY, effect_brief, effect_details
from aiotalonone.sandbox.rules.effects import EFFECTS
from aiotalonone.sandbox.rules.engine import COUPON, REFERRAL


@pytest.mark.parametrize(
    ("effect_type", "props", "expected"),
    [
        ("setDiscount", {"name": "Summer", "value": Decimal("0.360")}, "setDiscount Summer 0.36"),
        ("setDiscountPerItem", {"name": "Off#0", "value": 10.0, "position": 0}, "setDiscountPerItem Off#0 10"),
        (
            "rejectCoupon",
            {"value": "WINTER", "rejectionReason": "CouponNotFound"},
            "rejectCoupon WINTER (CouponNotFound)",
        ),
        (
            "updateAttribute",
            {"path": "profile.attributes.vip", "value": True},
            "updateAttribute profile.attributes.vip true",
        ),
        ("updateAttribute", {"path": "p", "value": None}, "updateAttribute p"),
        ("showNotification", {"title": "x" * 99}, f"showNotification {'x' * 60}…"),
        ("addLoyaltyPoints", {"value": Decimal("1E+3")}, "addLoyaltyPoints 1000"),
        ("somethingNew", {"value": 1}, "somethingNew"),
    ],
)
def test_effect_on_one_line(effect_type, props, expected):
    """An effect is told on one line by its type and the properties that matter, each of bounded length."""
    assert effect_brief(effect_type, props) == expected


def test_details_leave_the_type_out():
    """The details of an effect are the same line without the type."""
    assert effect_details("acceptCoupon", {"value": "SUMMER"}) == "SUMMER"


def test_every_effect_of_the_sandbox_is_told_with_its_properties():
    """What a campaign file can ask for, and how codes are accepted and rejected, is told by more than its type."""
    sent = {*EFFECTS, COUPON.accept, COUPON.reject, REFERRAL.accept, REFERRAL.reject} - {"addLoyaltyPointsPerItem"}
    assert sent <= TOLD_BY.keys()
