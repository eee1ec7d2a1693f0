from decimal import Decimal

import pytest
from attrs import define, field

from aiotalonone.models import (
    CartItem,
    CouponReservations,
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    NewCustomerSession,
    NewCustomerSessionV2,
    NewEvent,
    NewReferral,
    NewReferralsForMultipleAdvocates,
)
from aiotalonone.models._fields import number_between

PERSONAL = "jane.doe"


def referral(**members):
    return NewReferral(**{"campaign_id": 1, "advocate_profile_integration_id": PERSONAL} | members)


def referrals(**members):
    required = {"campaign_id": 1, "usage_limit": 0, "advocate_profile_integration_ids": [PERSONAL]}
    return NewReferralsForMultipleAdvocates(**required | members)


def event(**members):
    return NewEvent(**{"type": "viewed", "attributes": {}, "session_id": PERSONAL} | members)


def profile(**members):
    return MultipleCustomerProfileIntegrationRequestItem(**{"integration_id": PERSONAL} | members)


def action(**members):
    required = {"action": "add", "profile_integration_id": PERSONAL, "audience_id": 1}
    return CustomerProfileAudienceRequestItem(**required | members)


def cart(lines, quantity=1):
    return [CartItem(sku=PERSONAL, quantity=quantity) for _ in range(lines)]


def text(length):
    return PERSONAL.ljust(length, "x")


ONE_LINE_OF_NONE = [*cart(1), *cart(1, quantity=0)]

LIMITS = [
    (NewCustomerSession, "coupon", text(100), text(101), "at most 100 characters"),
    (NewCustomerSession, "referral", text(100), text(101), "at most 100 characters"),
    (NewCustomerSession, "cart_items", cart(1000), cart(1001), "at most 1000 cart items"),
    (NewCustomerSession, "cart_items", cart(2, 5000), cart(2, 5001), "at most 10000 units in all"),
    (NewCustomerSession, "identifiers", [PERSONAL] * 5, [PERSONAL] * 6, "at most 5 identifiers"),
    (NewCustomerSessionV2, "store_integration_id", text(1000), text(1001), "1 to 1000 characters"),
    (NewCustomerSessionV2, "store_integration_id", "x", "", "1 to 1000 characters"),
    (NewCustomerSessionV2, "coupon_codes", [text(100)], ["A", text(101)], "a code has at most 100 characters"),
    (NewCustomerSessionV2, "referral_code", text(100), text(101), "at most 100 characters"),
    (NewCustomerSessionV2, "loyalty_cards", [PERSONAL], [PERSONAL] * 2, "at most 1 loyalty card"),
    (NewCustomerSessionV2, "cart_items", cart(1000), cart(1001), "at most 1000 cart items"),
    (NewCustomerSessionV2, "cart_items", cart(2, 5000), cart(2, 5001), "at most 10000 units in all"),
    (NewCustomerSessionV2, "cart_items", cart(1), ONE_LINE_OF_NONE, "a quantity is at least 1"),
    (NewCustomerSessionV2, "identifiers", [PERSONAL] * 5, [PERSONAL] * 6, "at most 5 identifiers"),
    (CouponReservations, "integration_ids", [PERSONAL] * 1000, [PERSONAL] * 1001, "at most 1000 customers"),
    (
        MultipleCustomerProfileIntegrationRequest,
        "customer_profiles",
        [profile()] * 1000,
        [profile()] * 1001,
        "at most 1000 profiles",
    ),
    (profile, "integration_id", text(1000), text(1001), "at most 1000 characters"),
    (CustomerProfileAudienceRequest, "data", [action()] * 1000, [action()] * 1001, "at most 1000 actions"),
    (action, "profile_integration_id", text(1000), text(1001), "at most 1000 characters"),
    (referral, "usage_limit", 0, -1, "a number from 0 to 999999"),
    (referral, "usage_limit", 999_999, 1_000_000, "a number from 0 to 999999"),
    (referral, "advocate_profile_integration_id", text(1000), text(1001), "at most 1000 characters"),
    (referrals, "usage_limit", 0, -1, "a number from 0 to 999999"),
    (referrals, "usage_limit", 999_999, 1_000_000, "a number from 0 to 999999"),
    (referrals, "advocate_profile_integration_ids", [PERSONAL], [], "1 to 1000 advocates"),
    (referrals, "advocate_profile_integration_ids", [PERSONAL] * 1000, [PERSONAL] * 1001, "1 to 1000 advocates"),
    (referrals, "referral_pattern", "###", "##", "3 to 100 characters"),
    (referrals, "referral_pattern", text(100), text(101), "3 to 100 characters"),
    (event, "type", "x", "", "must not be empty"),
    (event, "session_id", "x", "", "must not be empty"),
]


@pytest.mark.parametrize(
    ("make", "member", "within", "beyond", "limit"),
    LIMITS,
    ids=[f"{make.__name__}.{member}: {limit}" for make, member, _, _, limit in LIMITS],
)
def test_a_value_at_its_limit_is_accepted_and_one_beyond_rejected_unspoken(make, member, within, beyond, limit):
    """The whole message is the member and its limit: values may be personal."""
    assert getattr(make(**{member: within}), member) == within
    with pytest.raises(ValueError, match=f"^{member}: {limit}$"):
        make(**{member: beyond})


def test_a_limit_holds_for_later_changes_too():
    """A value that is set after construction is judged like one that was given to it."""
    session = NewCustomerSessionV2(referral_code="A")
    with pytest.raises(ValueError, match="at most 100 characters"):
        session.referral_code = text(101)


def test_a_line_of_an_answered_cart_may_have_no_unit():
    """What the server says of a cart is not judged."""
    assert CartItem(sku="SKU-1", quantity=0).quantity == 0


def test_a_decimal_is_a_number():
    """Exact money is compared exactly."""

    @define
    class Priced:
        price: Decimal = field(validator=number_between(0, 10))

    assert Priced(Decimal(10)).price == 10
    with pytest.raises(ValueError, match="price: a number from 0 to 10"):
        Priced(Decimal("10.01"))


@pytest.mark.parametrize(
    "members",
    [
        {"cart_items": [{"sku": "a", "quantity": 1}]},
        {"cart_items": [CartItem(sku="a", quantity="many")]},
        {"cart_items": [CartItem(sku="a", quantity=Decimal("sNaN"))]},
        {"coupon_codes": "SUMMER"},
        {"coupon_codes": [7]},
        {"identifiers": 5},
    ],
)
def test_a_value_of_a_wrong_type_is_a_type_error(members):
    """Whatever comparing it would raise, the caller gets the member's name."""
    with pytest.raises(TypeError, match=r"^[a-z_]+: holds a value of a wrong type$"):
        NewCustomerSessionV2(**members)
