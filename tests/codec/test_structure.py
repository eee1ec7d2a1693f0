"""Responses are read into models, tolerant of whatever servers of either generation send."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from aiotalonone import (
    CartItem,
    Coupon,
    CustomerInventory,
    CustomerProfile,
    Effect,
    IntegrationRequest,
    IntegrationStateV2,
    JoinLoyaltyProgramEffectProps,
    Loyalty,
    MultipleCustomerProfileIntegrationRequest,
    NewCustomerSessionV2,
    NewEvent,
    ProfileAudiencesChanges,
    RejectCouponEffectProps,
    RollbackUseRewardEffectProps,
    SetDiscountEffectProps,
    UnknownEffectProps,
    UnlockRewardEffectProps,
    UseRewardEffectProps,
    structure,
    unstructure,
)
from aiotalonone.codec import decode_as
from aiotalonone.models import EFFECT_PROPS
from tests.support.mutations import assert_holds

COUPON = {
    "id": 1,
    "created": "2026-11-01T08:00:00Z",
    "campaignId": 2,
    "value": "X-1",
    "usageLimit": 1,
    "usageCounter": 0,
}
EFFECT = {"campaignId": 3, "rulesetId": 5, "ruleIndex": 0, "ruleName": "Ten off"}


def test_unknown_members_are_kept():
    """Members that the platform adds later are in ``extra``, at every depth, and are written again."""
    value = {"createdCoupons": [{**COUPON, "colour": "red"}], "newSection": {"a": [1]}}
    state = structure(value, IntegrationStateV2)
    assert state.extra == {"newSection": {"a": [1]}}
    assert state.created_coupons[0].extra == {"colour": "red"}
    assert unstructure(state)["newSection"] == {"a": [1]}
    assert unstructure(state)["createdCoupons"][0]["colour"] == "red"


def test_unknown_enum_values_pass():
    """A state that this version does not know is text like the known ones."""
    assert structure({"state": "paused"}, NewCustomerSessionV2).state == "paused"


@pytest.mark.parametrize("value", [{}, {"effects": None, "createdCoupons": None, "coupons": None}])
def test_lists_and_maps_that_are_missing_or_null_are_empty(value):
    """A list or map of a response that is missing or null reads as empty."""
    state = structure(value, IntegrationStateV2)
    assert (state.effects, state.created_coupons, state.coupons) == ([], [], [])
    profile = {"integrationId": "c", "created": "2026-11-01T08:00:00Z", "accountId": 1, "closedSessions": 0}
    profile |= {"totalSales": 0, "lastActivity": "2026-11-01T08:00:00Z", "attributes": None}
    assert structure(profile, CustomerProfile).attributes == {}


def test_nothing_of_a_request_is_filled_in():
    """A request that is read keeps what it leaves out, since an empty list would remove the coupons."""
    session = structure({"profileId": "c-1"}, NewCustomerSessionV2)
    assert session.coupon_codes is None
    assert unstructure(session) == {"profileId": "c-1"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01T08:00:00Z", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("2026-11-01T08:00:00.123456789Z", datetime(2026, 11, 1, 8, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-01T08:00:00+05:30", datetime(2026, 11, 1, 8, tzinfo=timezone(timedelta(hours=5, minutes=30)))),
        ("2026-11-01T08:00:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates_are_aware(text, moment):
    """Every spelling of a date becomes an aware datetime, one without an offset in UTC."""
    created = structure({**COUPON, "created": text}, Coupon).created
    assert created == moment
    assert created.tzinfo is not None


@pytest.mark.parametrize("value", ["", "soon", "10000-01-01T00:00:00Z", 1700000000])
def test_a_text_that_is_not_a_date_stays_as_it_came(value):
    """A text that is not a date is kept, and is written as it was read."""
    coupon = structure({**COUPON, "expiryDate": value}, Coupon)
    assert coupon.expiry_date == value
    assert unstructure(coupon)["expiryDate"] == value


@pytest.mark.parametrize(
    ("sent", "read"),
    [("12.50", 12.5), ("3", 3), ("-1e3", -1000.0), (3, 3), (2.5, 2.5), (2**63, 2**63), (None, None)],
)
def test_numbers_given_as_text_are_numbers(sent, read):
    """Numbers in quotes are read as numbers."""
    item = structure({"sku": "a", "quantity": sent, "price": sent}, CartItem)
    assert (item.quantity, item.price) == (read, read)


@pytest.mark.parametrize(
    "sent", ["many", "", "NaN", "Infinity", "1_000", " 1", "٣", "1e999", "0x1f", "9" * 40, True, [1], {"a": 1}]
)
def test_a_text_that_is_not_a_number_stays_as_it_came(sent):
    """A text that is not a number is kept as it came."""
    assert structure({"sku": "a", "quantity": 1, "price": sent}, CartItem).price == sent


def test_a_lone_null_in_a_list_survives():
    """A null in a list of models is ``None`` in its place."""
    state = structure({"createdCoupons": [None, COUPON, None]}, IntegrationStateV2)
    assert [coupon and coupon.value for coupon in state.created_coupons] == [None, "X-1", None]
    assert unstructure(state)["createdCoupons"][::2] == [None, None]
    assert structure({"couponCodes": ["A", None]}, NewCustomerSessionV2).coupon_codes == ["A", None]


def test_required_members_that_are_null_do_not_raise():
    """A required member that is null reads as ``None``."""
    assert structure({**COUPON, "campaignId": None}, Coupon).campaign_id is None


def test_the_tag_of_the_props_is_on_the_effect():
    """An effect's ``effectType`` decides the class of its ``props``."""
    effect = structure({**EFFECT, "effectType": "setDiscount", "props": {"name": "n", "value": "5.00"}}, Effect)
    assert effect.props == SetDiscountEffectProps(name="n", value=5.0)


@pytest.mark.parametrize("effect_type", sorted(EFFECT_PROPS))
def test_every_effect_type_is_written_as_it_was_read(effect_type):
    """Props of any content are written as they were read, whether they fit their class or not."""
    for props in ({}, {"name": "n", "value": 1, "planet": "Mars"}):
        effect = structure({**EFFECT, "effectType": effect_type, "props": props}, Effect)
        assert props.items() <= unstructure(effect)["props"].items()


@pytest.mark.parametrize(
    ("effect_type", "props", "read"),
    [
        ("teleport", {"planet": "Mars"}, UnknownEffectProps(extra={"planet": "Mars"})),
        ("setDiscount", {"value": 5}, UnknownEffectProps(extra={"value": 5})),
        ("setDiscount", None, UnknownEffectProps()),
        ("setDiscount", ["n", 5], ["n", 5]),
        (
            "rejectCoupon",
            {"value": "A", "rejectionReason": "New"},
            RejectCouponEffectProps(value="A", rejection_reason="New"),
        ),
    ],
)
def test_props_that_do_not_fit_are_kept(effect_type, props, read):
    """Props of unknown effects, and props that do not fit, are kept whole."""
    effect = structure({**EFFECT, "effectType": effect_type, "props": props}, Effect)
    assert effect.props == read
    assert unstructure(effect)["props"] == (props or {})


@pytest.mark.parametrize("model", [object, "Coupon"])
def test_what_is_not_a_model_is_rejected(model):
    """``structure`` for a type that is not a model, or a list of models, raises TypeError."""
    with pytest.raises(TypeError, match="is not a model"):
        structure({}, model)


def test_a_list_of_models_can_be_read():
    """``structure`` reads a list of models."""
    assert [coupon.value for coupon in structure([COUPON], list[Coupon])] == ["X-1"]


SHAPES = [
    ({"value": "anna"}, Coupon, "not a Coupon: .*missing @ \\$.id"),
    ({"coupons": {"anna": 1}}, CustomerInventory, "an array was expected, not dict @ \\$.coupons"),
    ({"coupons": [[]]}, CustomerInventory, r"an object was expected, not list @ \$.coupons\[0\]"),
    ({"programs": {"anna": 1}}, Loyalty, r"an object was expected, not int @ \$\.programs\.\*$"),
    ([1], list[Coupon], r"an object was expected, not int @ \$\[0\]"),
    ([COUPON, {"created": "anna"}], list[Coupon], r"missing @ \$\[1\]\.id"),
    ({**EFFECT, "effectType": ["anna"], "props": {}}, Effect, r"a string was expected, not list @ \$\.effectType"),
]
"""Values that are not what their model says, and what reading them strictly says of the first places."""


@pytest.mark.parametrize(("value", "model", "message"), SHAPES)
def test_another_shape_is_an_error_with_its_place_if_reading_is_strict(value, model, message):
    """A value of another shape is read and written whole, unless reading is strict: the error names no value."""
    assert_holds(unstructured(structure(value, model)), value)
    with pytest.raises(ValueError, match=message) as caught:
        structure(value, model, strict=True)
    assert "anna" not in str(caught.value)


def unstructured(read):
    return [unstructure(entry) for entry in read] if isinstance(read, list) else unstructure(read)


@pytest.mark.parametrize(
    ("value", "model", "message"),
    [
        ([], Coupon, r"not a Coupon: an object was expected, not list @ \$"),
        ("anna", Coupon, r"an object was expected, not str @ \$"),
        ({}, list[Coupon], r"an array was expected, not dict @ \$"),
        ({"couponCodes": ["anna" * 30]}, NewCustomerSessionV2, "coupon_codes: a code has at most 100 characters"),
        ({"customerSession": {"couponCodes": ["anna" * 30]}}, IntegrationRequest, r"100 char.* @ \$\.customerSession"),
        ({"cartItems": [{"quantity": 1}], "couponCodes": ["a" * 101]}, NewCustomerSessionV2, "coupon_codes: .* 100"),
        (
            {"customerProfiles": [{"integrationId": "c"}, {"integrationId": "anna" * 300}]},
            MultipleCustomerProfileIntegrationRequest,
            r": integration_id: at most 1000 characters @ \$\.customerProfiles\[1\]$",
        ),
        ({"cartItems": {"anna": 1}}, NewCustomerSessionV2, r"an array was expected, not dict @ \$\.cartItems"),
        ({"type": "anna"}, NewEvent, r"missing @ \$\.attributes; missing @ \$\.sessionId"),
        ({"value": 5}, SetDiscountEffectProps, r"missing @ \$\.name"),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_what_cannot_be_the_model_is_an_error(value, model, message, strict):
    """What is not an object, or is a request beyond its limits or without a required member, is always an error."""
    with pytest.raises(ValueError, match=message) as caught:
        structure(value, model, strict=strict)
    assert "anna" not in str(caught.value)


def test_required_members_that_are_missing_are_none():
    """A member that the schema requires and the response lacks reads as ``None``; other members are read."""
    state = structure({"customerProfile": {}, "effects": [{"campaignId": 3}]}, IntegrationStateV2)
    assert (state.customer_profile.integration_id, state.customer_profile.created) == (None, None)
    assert state.customer_profile.attributes == {}
    assert (state.effects[0].campaign_id, state.effects[0].rule_name) == (3, None)
    assert state.effects[0].props == UnknownEffectProps()
    assert structure({}, ProfileAudiencesChanges) == ProfileAudiencesChanges(adds=[], deletes=[])


def test_an_achievement_of_the_account_has_no_campaign():
    """An achievement that no campaign refers to lacks ``campaignId``, and is read like any other."""
    achievement = {"status": "inprogress", "progress": 2, "achievementId": 3, "name": "a", "title": "A"}
    achievement |= {"description": "", "campaignIds": [], "referencedByCampaigns": []}
    achievement |= {"achievementRecurrencePolicy": "no_recurrence", "achievementActivationPolicy": "user_action"}
    inventory = structure({"achievements": [achievement]}, CustomerInventory, strict=True)
    assert (inventory.achievements[0].campaign_id, inventory.achievements[0].campaign_ids) == (None, [])


def test_rewards_are_typed():
    """Rewards of an inventory, and the effects on them, have classes."""
    unlock = {"applicationId": 1, "profileIntegrationId": "c-1", "integrationId": "u-1"}
    unlock["unlockedAt"] = "2026-11-01T08:00:00Z"
    reward = {"id": 5, "integrationId": "coffee", "name": "Coffee", "rule": {"title": "t"}, "unlocked": [unlock]}
    inventory = structure({"rewards": [reward]}, CustomerInventory, strict=True)
    assert inventory.rewards[0].unlocked[0].unlocked_at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    use = {"integrationId": "u-1", "rewardId": 5, "applicationId": 1}
    for effect_type, kind in (("useReward", UseRewardEffectProps), ("rollbackUseReward", RollbackUseRewardEffectProps)):
        effect = structure({**EFFECT, "effectType": effect_type, "props": use}, Effect)
        assert effect.props == kind(integration_id="u-1", reward_id=5, application_id=1)
    unlocked = structure({**EFFECT, "effectType": "unlockReward", "props": unlock | use}, Effect).props
    assert isinstance(unlocked, UnlockRewardEffectProps)
    assert unlocked.unlocked_at == datetime(2026, 11, 1, 8, tzinfo=UTC)


def test_joining_a_loyalty_program_is_typed():
    """The effect that a customer has joined a program, which no specification has yet, has a class."""
    props = {"programId": 7, "joinDate": "2026-11-01T08:00:00Z"}
    effect = structure({**EFFECT, "effectType": "joinLoyaltyProgram", "props": props}, Effect)
    joined = datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert effect.props == JoinLoyaltyProgramEffectProps(program_id=7, join_date=joined)


@pytest.mark.parametrize("other", [7, "soon", True, {"a": [None]}, [{"id": 1}], [], {}])
def test_a_member_of_another_kind_stays_as_it_came(other):
    """Where the model has an object, a list, a map, or an entry of one, any other JSON value is kept as it is."""
    names = ("customerSession", "loyalty", "createdCoupons", "customerProfile")
    state = structure(dict.fromkeys(names, other), IntegrationStateV2)
    for value, kind in ((state.customer_session, dict), (state.created_coupons, list), (state.loyalty, dict)):
        if not isinstance(other, kind):
            assert value is other
    assert structure({"programs": other}, Loyalty).programs == other or isinstance(other, dict)
    inventory = structure({"coupons": [other, COUPON]}, CustomerInventory)
    assert inventory.coupons[1].value == "X-1"
    assert inventory.coupons[0] is other or isinstance(other, dict)


@pytest.mark.parametrize("content", [b"null", b"[]", b"[{}]", b"1", b'"{}"', b"true"])
@pytest.mark.parametrize("model", ["IntegrationStateV2", "Coupon", "ReservedCustomers"])
def test_a_response_of_another_kind_is_not_the_result(content, model):
    """A response that is not an object, ``null`` included, is not taken for a model."""
    with pytest.raises(ValueError, match=r"an object was expected, not (null|list|int|str|bool)"):
        decode_as(model, content)
    assert decode_as("JSON", content) == {b"null": None, b"[]": [], b"[{}]": [{}], b"1": 1, b"true": True}.get(
        content, "{}"
    )


def test_null_is_not_a_model():
    """``structure`` returns no None: null is a ValueError for a model, and an empty list for a list of them."""
    with pytest.raises(ValueError, match="an object was expected, not null"):
        structure(None, Coupon)
    assert structure(None, list[Coupon]) == []


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (rb'"\ud83d"', "\ud83d"),
        (rb'"\udE00x\ud83d\ude00"', "\ude00x\U0001f600"),
        (b"1e999", Decimal("1e999")),
        (b"-1E+400", Decimal("-1e400")),
        (b"1e-999", 0.0),
        (b"123456789012345678901234567890", 123456789012345678901234567890.0),
    ],
)
def test_every_json_value_is_read(value, read):
    """Texts and numbers that JSON allows are read, half of a surrogate pair and numbers beyond the floats included."""
    coupon = decode_as("Coupon", b'{"value":%b,"discountLimit":%b,"new":[%b]}' % (value, value, value))
    assert (coupon.value, coupon.discount_limit, coupon.extra) == (read, read, {"new": [read]})
    assert unstructure(coupon)["discountLimit"] == read


@pytest.mark.parametrize(
    "content", [b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":"\x01"}', b'{"a":"\xff"}', b"{'a':1}", b"{} {}"]
)
def test_what_is_not_json_is_not_read(content):
    """What JSON does not allow is an error, also what Python's own parser takes for it."""
    with pytest.raises(ValueError, match=r"^not JSON: .* at byte \d+$") as caught:
        decode_as("Coupon", content)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_a_byte_order_mark_is_passed_over():
    """A byte order mark before JSON is skipped."""
    assert decode_as("IntegrationStateV2", b"\xef\xbb\xbf{}") == IntegrationStateV2()
    with pytest.raises(ValueError, match="not JSON"):
        decode_as("IntegrationStateV2", b"\xef\xbb\xbf\xef\xbb\xbf{}")


@pytest.mark.parametrize("content", [b"{anna", b"[]", b'"anna"', b"{},{}", b'{"a":' * 2000])
def test_a_reading_error_keeps_nothing_of_the_response(content):
    """No cause or context of a reading error leads to the text of the response."""
    with pytest.raises(ValueError, match="not") as caught:
        decode_as("IntegrationStateV2", content)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    for value, model, strict in (([content], Coupon, False), ({"a": content}, Coupon, True), ({}, NewEvent, False)):
        with pytest.raises(ValueError, match="not") as caught:
            structure(value, model, strict=strict)
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize("effect_type", [None, 7, True, "", "sing", [], ["setDiscount"], {}, {"a": ["setDiscount"]}])
def test_an_effect_of_any_other_type_is_read(effect_type):
    """An effect of any other type is read, with its props kept whole."""
    effect = structure({**EFFECT, "effectType": effect_type, "props": {"a": 1}}, Effect)
    assert effect.props == UnknownEffectProps(extra={"a": 1})
    assert unstructure(effect)["effectType"] == effect_type
