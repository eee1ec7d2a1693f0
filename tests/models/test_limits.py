"""The documented limits of members are checked when a model is made and changed."""

import re
from collections import UserDict, deque
from decimal import Decimal
from inspect import signature
from types import MappingProxyType
from uuid import UUID

import pytest
from attrs import define, field

from aiotalonone.models import (
    ActivateLoyaltyPoints,
    CartItem,
    CouponReservations,
    CustomerProfileAudienceRequest,
    CustomerProfileAudienceRequestItem,
    DeleteLoyaltyTransactionsRequest,
    GenerateLoyaltyCard,
    IntegrationEventV2Request,
    IntegrationEventV3Request,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    NewAudience,
    NewCustomerSession,
    NewCustomerSessionV2,
    NewEvent,
    NewReferral,
    NewReferralsForMultipleAdvocates,
    NewReturn,
    ReturnedCartItem,
    UpdateAudience,
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


def event_v2(**members):
    return IntegrationEventV2Request(**{"type": "viewed", "profile_id": PERSONAL} | members)


def event_v3(**members):
    return IntegrationEventV3Request(**{"type": "viewed", "profile_id": PERSONAL, "integration_id": "e-1"} | members)


def profile(**members):
    return MultipleCustomerProfileIntegrationRequestItem(**{"integration_id": PERSONAL} | members)


def action(**members):
    required = {"action": "add", "profile_integration_id": PERSONAL, "audience_id": 1}
    return CustomerProfileAudienceRequestItem(**required | members)


def audience(**members):
    return NewAudience(**{"name": PERSONAL} | members)


def renamed(**members):
    return UpdateAudience(**{"name": PERSONAL} | members)


def deletion(**members):
    return DeleteLoyaltyTransactionsRequest(**{"scope": "SelectedSubledgers"} | members)


def uuids(count):
    return [str(UUID(int=number)) for number in range(count)]


def cart(lines, quantity=1):
    return [CartItem(sku=PERSONAL, quantity=quantity) for _ in range(lines)]


def text(length):
    return PERSONAL.ljust(length, "x")


ONE_LINE_OF_NONE = [*cart(1), *cart(1, quantity=0)]

UUID_TEXT = "UUIDs of 32 hexadecimal digits and 4 hyphens"
CARD_TEXT = "letters, digits and the characters . _ % + @ - alone"

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
    (NewCustomerSessionV2, "cart_items", cart(1), [*cart(1), CartItem(sku="", quantity=1)], "a SKU must not be empty"),
    (NewCustomerSessionV2, "cart_items", cart(1), [{"sku": "", "quantity": 1}], "a SKU must not be empty"),
    (NewReturn, "returned_cart_items", [ReturnedCartItem()], [ReturnedCartItem(sku="")], "a SKU must not be empty"),
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
    (audience, "name", "x", "", "must not be empty"),
    (audience, "integration_id", text(1000), text(1001), "1 to 1000 characters"),
    (audience, "integration_id", "x", "", "1 to 1000 characters"),
    (audience, "subscribed_applications_ids", [1, 2], [1, 2, 1], "no entry may come twice"),
    (renamed, "name", "x", "", "must not be empty"),
    (renamed, "subscribed_applications_ids", [], [1, 1], "no entry may come twice"),
    (ActivateLoyaltyPoints, "transaction_uuids", uuids(1), [], "1 to 50 transactions"),
    (ActivateLoyaltyPoints, "transaction_uuids", uuids(50), uuids(51), "1 to 50 transactions"),
    (ActivateLoyaltyPoints, "transaction_uuids", uuids(2), uuids(1) * 2, "no entry may come twice"),
    (ActivateLoyaltyPoints, "transaction_uuids", ["CE59F12A-" + uuids(1)[0][9:]], [PERSONAL], UUID_TEXT),
    (ActivateLoyaltyPoints, "transaction_uuids", uuids(1), [f"{{{uuids(1)[0]}}}"], UUID_TEXT),
    (ActivateLoyaltyPoints, "session_id", "x", "", "must not be empty"),
    (GenerateLoyaltyCard, "card_identifier", "Az9.", PERSONAL[:3], "4 to 108 characters"),
    (GenerateLoyaltyCard, "card_identifier", text(108), text(109), "4 to 108 characters"),
    (GenerateLoyaltyCard, "card_identifier", "a._%+@-z", "jane doe", CARD_TEXT),
    (GenerateLoyaltyCard, "card_identifier", PERSONAL, "jane-döe", CARD_TEXT),
    (deletion, "subledger_ids", [""], [], "at least one if the scope is SelectedSubledgers"),
    (event_v2, "type", "x", "", "must not be empty"),
    (event_v2, "store_integration_id", text(1000), text(1001), "1 to 1000 characters"),
    (event_v2, "loyalty_cards", [PERSONAL], [PERSONAL] * 2, "at most 1 loyalty card"),
    (event_v3, "type", "x", "", "must not be empty"),
    (event_v3, "integration_id", "x", "", "must not be empty"),
    (event_v3, "connected_session_id", "x", "", "must not be empty"),
    (event_v3, "store_integration_id", text(1000), text(1001), "1 to 1000 characters"),
    (event_v3, "loyalty_cards", [PERSONAL], [PERSONAL] * 2, "at most 1 loyalty card"),
]


@pytest.mark.parametrize(
    ("make", "member", "within", "beyond", "limit"),
    LIMITS,
    ids=[f"{make.__name__}.{member}: {limit}" for make, member, _, _, limit in LIMITS],
)
def test_a_value_beyond_its_limit_is_rejected_without_showing_it(make, member, within, beyond, limit):
    """A value beyond its limit raises a ValueError with member and limit only; one at its limit is accepted."""
    assert getattr(make(**{member: within}), member) == within
    with pytest.raises(ValueError, match=f"^{member}: {re.escape(limit)}$"):
        make(**{member: beyond})


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "transaction_uuids: must be given if session_id is not"),
        (
            {"session_id": PERSONAL, "transaction_uuids": uuids(1)},
            "transaction_uuids: must not be given beside session_id",
        ),
    ],
    ids=["neither", "both"],
)
def test_points_are_activated_by_one_member(members, message):
    """Points are activated by their session or by their transactions: neither and both are a ValueError."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        ActivateLoyaltyPoints(**members)


def test_a_rule_between_members_holds_for_later_changes_too():
    """What is set later is judged with the members that a model has by then."""
    points = ActivateLoyaltyPoints(session_id=PERSONAL)
    with pytest.raises(ValueError, match=r"^transaction_uuids: must not be given beside session_id$"):
        points.transaction_uuids = uuids(1)
    with pytest.raises(ValueError, match=r"^session_id: must be given if transaction_uuids is not$"):
        points.session_id = None
    request = DeleteLoyaltyTransactionsRequest(scope="AllSubledgers")
    with pytest.raises(ValueError, match=r"^subledger_ids: at least one if the scope is SelectedSubledgers$"):
        request.scope = "SelectedSubledgers"
    request.subledger_ids = ["gold"]
    request.scope = "SelectedSubledgers"
    with pytest.raises(ValueError, match=r"^subledger_ids: at least one"):
        request.subledger_ids = None


def test_a_limit_holds_for_later_changes_too():
    """A value that is set later is checked like one that is given to the constructor."""
    session = NewCustomerSessionV2(referral_code="A")
    with pytest.raises(ValueError, match="at most 100 characters"):
        session.referral_code = text(101)


def test_a_line_of_a_received_cart_may_have_no_unit():
    """A cart line alone may have the quantity 0, since the API sends such lines."""
    assert CartItem(sku="SKU-1", quantity=0).quantity == 0


def test_a_decimal_is_a_number():
    """A Decimal is compared with a limit exactly."""

    @define
    class Priced:
        price: Decimal = field(validator=number_between(0, 10))

    assert Priced(Decimal(10)).price == 10
    with pytest.raises(ValueError, match="price: a number from 0 to 10"):
        Priced(Decimal("10.01"))


NO_LINE = "a CartItem or a mapping in JSON names"


@pytest.mark.parametrize(
    ("make", "members", "message"),
    [
        (NewCustomerSessionV2, {"cart_items": [*cart(3), PERSONAL]}, f"cart_items[3] must be {NO_LINE}, not str"),
        (NewCustomerSessionV2, {"cart_items": PERSONAL}, "cart_items must be a list, not str"),
        (
            NewCustomerSessionV2,
            {"cart_items": [CartItem(sku="a", quantity="many")]},
            "cart_items[0].quantity must be an int, not str",
        ),
        (
            NewCustomerSessionV2,
            {"cart_items": [*cart(1), CartItem(sku="a", quantity=Decimal("sNaN"))]},
            "cart_items[1].quantity must be an int, not Decimal",
        ),
        (NewCustomerSessionV2, {"cart_items": [{"quantity": None}]}, "cart_items[0].quantity must be an int, not None"),
        (NewCustomerSessionV2, {"coupon_codes": PERSONAL}, "coupon_codes must be a list, not str"),
        (NewCustomerSessionV2, {"coupon_codes": {PERSONAL}}, "coupon_codes must be a list, not set"),
        (NewCustomerSessionV2, {"coupon_codes": [PERSONAL, 7]}, "coupon_codes[1] must be a str, not int"),
        (NewCustomerSessionV2, {"identifiers": 5}, "identifiers must be a list, not int"),
        (NewCustomerSessionV2, {"referral_code": [PERSONAL]}, "referral_code must be a str, not list"),
        (referral, {"usage_limit": "5"}, "usage_limit must be a number, not str"),
        (referral, {"usage_limit": Decimal("sNaN")}, "usage_limit must be a number, not Decimal"),
        (event, {"type": None}, "type must be a str, not None"),
        (profile, {"integration_id": 4}, "integration_id must be a str, not int"),
        (audience, {"subscribed_applications_ids": 5}, "subscribed_applications_ids must be a list, not int"),
        (ActivateLoyaltyPoints, {"transaction_uuids": PERSONAL}, "transaction_uuids must be a list, not str"),
        (GenerateLoyaltyCard, {"card_identifier": 12345}, "card_identifier must be a str, not int"),
    ],
)
def test_a_value_of_a_wrong_type_is_a_type_error(make, members, message):
    """A value that cannot be compared with its limit raises a TypeError that names the member, or the entry of it."""
    with pytest.raises(TypeError) as caught:
        make(**members)
    assert str(caught.value) == message


def test_a_line_of_a_cart_may_be_a_mapping():
    """The units of cart lines that are mappings count as well."""
    assert NewCustomerSessionV2(cart_items=[{"sku": "a", "quantity": 10_000}]).cart_items[0]["quantity"] == 10_000
    with pytest.raises(ValueError, match="at most 10000 units in all"):
        NewCustomerSessionV2(cart_items=[*cart(1), {"sku": "a", "quantity": 10_000}])


CART = cart(2)


@pytest.mark.parametrize(
    ("member", "given", "kept"),
    [
        ("cart_items", tuple(CART), CART),
        ("cart_items", (line for line in CART), CART),
        ("coupon_codes", ("A", "B"), ["A", "B"]),
        ("coupon_codes", {"A": 1, "B": 2}.keys(), ["A", "B"]),
        ("coupon_codes", map(str.upper, "ab"), ["A", "B"]),
        ("evaluable_campaign_ids", range(3), [0, 1, 2]),
        ("evaluable_campaign_ids", deque([1]), [1]),
        ("attributes", MappingProxyType({"a": (1, 2)}), {"a": [1, 2]}),
        ("attributes", UserDict(a=iter([1, {"b": [2]}])), {"a": [1, {"b": [2]}]}),
        ("extra", UserDict(a=(1,)), {"a": [1]}),
    ],
    ids=str,
)
def test_a_model_keeps_lists_and_dicts(member, given, kept):
    """Sequences and iterators become lists, mappings become dicts, so that a model can be sent more than once."""
    assert getattr(NewCustomerSessionV2(**{member: given}), member) == kept


@pytest.mark.parametrize("place", [lambda codes: codes, lambda codes: {"a": [codes]}], ids=["member", "entry"])
def test_a_used_generator_is_rejected(place):
    """A generator that has been used is an error, since it would wipe as an empty list."""
    codes = (code for code in ["A"])
    assert NewCustomerSessionV2(coupon_codes=codes).coupon_codes == ["A"]
    with pytest.raises(ValueError, match=r"^attributes has a generator that has been used: it would be sent as an emp"):
        NewCustomerSessionV2(attributes=place(codes))


def test_a_model_does_not_share_what_it_is_given():
    """Later changes of the lists and dicts that a model was made with do not change it, however deep they stand."""
    size, tags, codes, lines = {"eu": [36, 37]}, ["a"], ["SUMMER"], cart(1)
    given = {"attributes": {"size": size, "tags": tags}, "coupon_codes": codes, "cart_items": lines}
    session = NewCustomerSessionV2(**given, extra=given["attributes"])
    size["eu"].append(38)
    size["us"] = 5
    tags.clear()
    given["attributes"]["more"] = 1
    codes.append("WINTER")
    lines.clear()
    assert session.attributes == session.extra == {"size": {"eu": [36, 37]}, "tags": ["a"]}
    assert session.coupon_codes == ["SUMMER"]
    assert session.cart_items == cart(1)


@define
class Engraved(CartItem):
    """A line with a member that is given by position."""

    lines: list[str]


def test_a_derived_class_may_take_members_by_position():
    """A class of a caller's own keeps copies as well, and its signature stays its own."""
    lines = ["Ada"]
    item = Engraved(lines, sku="mug", quantity=1)
    lines.clear()
    assert (item.lines, item.sku) == (["Ada"], "mug")
    assert next(iter(signature(Engraved).parameters)) == "lines"


@define(kw_only=True)
class Gift(CartItem):
    """A line with an ``__init__`` of its own."""

    def __init__(self, tags):
        self.__attrs_init__(sku="gift", quantity=1, attributes={"tags": tags})


def test_a_derived_class_may_have_an_init_of_its_own():
    """An ``__init__`` that a caller wrote is called as it is, and what it passes on is copied."""
    tags = ["a"]
    item = Gift(tags)
    tags.clear()
    assert item.attributes == {"tags": ["a"]}


def test_what_contains_itself_cannot_be_copied():
    """A dict that contains itself raises a TypeError that names the member."""
    attributes = {}
    attributes["self"] = attributes
    with pytest.raises(TypeError, match=r"^attributes contains itself, or is nested too deeply$"):
        NewCustomerSessionV2(attributes=attributes)
    with pytest.raises(TypeError, match=r"^extra must be a mapping, not list$"):
        NewCustomerSessionV2(extra=[1])
