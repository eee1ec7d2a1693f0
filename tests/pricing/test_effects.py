"""Where effects other than discounts go, and why some are ignored."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson
import pytest

from aiotalonone import structure
from aiotalonone.models.effects import EFFECT_PROPS, Effect
from aiotalonone.pricing import price
from aiotalonone.pricing.effects import READERS
from tests.support.effects import (
    ALL_SAMPLES,
    SAMPLES,
    cost_discount,
    effect,
    item_cost_discount,
    item_discount,
    points,
    session_discount,
)
from tests.support.mutations import OTHERS, mutations

CART = [{"sku": "tea", "quantity": 2, "price": 10, "additionalCosts": {"wrapping": 1}}]
COSTS = {"shipping": 4}
NOW = datetime(2026, 12, 1, tzinfo=UTC)
LISTS = (
    *("discounts", "points", "accepted", "rejected", "free_items", "notices", "giveaways", "custom_effects"),
    *("rollbacks", "other_effects", "ignored"),
)


def priced_with(*effects):
    return price(CART, effects, additional_costs=COSTS, now=NOW)


def reason_for(given):
    """Return why an effect is ignored."""
    [ignored] = priced_with(given).ignored
    assert ignored.effect is given
    return ignored.reason


def test_the_samples_are_those_of_the_readers():
    """Each type of effect that is read has a sample, and each type that is read is one that the models know."""
    assert set(SAMPLES) == set(READERS) <= set(EFFECT_PROPS)


@pytest.mark.parametrize("given", ALL_SAMPLES, ids=lambda given: given["effectType"])
def test_a_valid_effect_is_not_ignored(given):
    """An effect of each known type lands in one list, and that is not the one of ignored effects."""
    for one in (given, structure(given, Effect)):
        priced = priced_with(one)
        assert [name for name in LISTS if getattr(priced, name)] != ["ignored"]
        assert sum(len(getattr(priced, name)) for name in LISTS) == 1
        assert priced.explanation


def test_codes_are_accepted_or_rejected():
    """Codes are told with their kind, and rejected ones with a reason in plain English."""
    priced = priced_with(*(SAMPLES[name] for name in ("acceptCoupon", "acceptReferral", "redeemReferral")))
    assert [(code.kind, code.code) for code in priced.accepted] == [
        ("coupon", "SUMMER"),
        ("referral", "FRIEND"),
        ("referral", "FRIEND"),
    ]
    unknown = effect("rejectCoupon", value="OLD", rejectionReason="BrandNewReason")
    priced = priced_with(SAMPLES["rejectCoupon"], SAMPLES["rejectReferral"], unknown)
    assert [(code.kind, code.code, code.reason, code.explanation) for code in priced.rejected] == [
        ("coupon", "WINTER", "CouponNotFound", "there is no coupon with this code"),
        ("referral", "FIEND", "ReferralNotFound", "there is no such referral code"),
        ("coupon", "OLD", "BrandNewReason", "BrandNewReason"),
    ]


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({}, "active"),
        ({"startDate": "2026-12-01T00:00:00Z"}, "active"),
        ({"startDate": "2026-12-01T00:00:01Z"}, "pending"),
        ({"startDate": "2026-12-02"}, "pending"),
        ({"startDate": "2026-12-01T00:30:00+01:00"}, "active"),
        ({"awaitsActivation": True}, "pending"),
        ({"awaitsActivation": False}, "active"),
        ({"expiryDate": "2026-12-01T00:00:00Z"}, "expired"),
        ({"expiryDate": "2026-12-01T00:00:01Z"}, "active"),
        ({"startDate": "2027-01-01T00:00:00Z", "expiryDate": "2026-01-01T00:00:00Z"}, "pending"),
    ],
)
def test_points_are_pending_active_or_expired(members, status):
    """Points are what their dates say at the time that the cart is priced for."""
    for given in (points(5, **members), structure(points(5, **members), Effect)):
        [change] = priced_with(given).points
        assert change.status == status


def test_points_tell_where_they_are_booked():
    """Added and deducted points have program, subledger, transaction and holder."""
    given = points(
        37.8, subLedgerId="summer", cardIdentifier="card-1", cartItemPosition=0, expiryDate="2027-12-24T00:00:00Z"
    )
    added, deducted = priced_with(given, points(50, "deductLoyaltyPoints", name=None)).points
    assert (added.program_id, added.sub_ledger_id, added.value, added.name) == (
        1,
        "summer",
        Decimal("37.8"),
        "Purchase",
    )
    assert (added.card_identifier, added.recipient_integration_id, added.position) == ("card-1", "ada", 0)
    assert added.expiry_date == datetime(2027, 12, 24, tzinfo=UTC)
    assert (deducted.value, deducted.status, deducted.name) == (-50, "deducted", "Purchase")


def test_the_current_time_is_the_default():
    """Without ``now`` points are judged by the current time."""
    soon, just_now = (datetime.now(UTC) + timedelta(hours=hours) for hours in (1, -1))
    statuses = [price([], [points(1, startDate=start)]).points[0].status for start in (soon, just_now)]
    assert statuses == ["pending", "active"]


def test_free_items_are_in_no_total():
    """A free item is to be added by the shop: it is in no line and no total."""
    priced = priced_with(SAMPLES["addFreeItem"])
    assert [(item.sku, item.name) for item in priced.free_items] == [("mug", "A mug for you")]
    assert (len(priced.lines), priced.total) == (1, 26)


def test_notices_giveaways_and_custom_effects_are_read():
    """What the shop is to show or give is told with its members."""
    named_by_type = effect("customEffect", type="snow", cartItemPosition=0, cartItemSubPosition=1)
    names = ("showNotification", "willAwardGiveaway", "awardGiveaway", "customEffect")
    priced = priced_with(*(SAMPLES[name] for name in names), named_by_type)
    [notice] = priced.notices
    assert (notice.notification_type, notice.title, notice.body) == ("Info", "Hello", "Two more for a mug")
    assert [(one.pool_name, one.code) for one in priced.giveaways] == [("mugs", None), ("mugs", "MUG-1")]
    confetti, snow = priced.custom_effects
    assert (confetti.name, confetti.payload, confetti.position) == ("confetti", {"colour": "red"}, 0)
    assert (snow.name, snow.payload, snow.sub_position) == ("snow", {}, 1)


def test_known_effects_without_a_price_are_kept():
    """Known effects that have no bearing on the price are handed on as they came."""
    given = [effect("updateAttribute", path="profile.attributes.Name", value="Ada"), effect("error", message="oh")]
    assert priced_with(*given).other_effects == tuple(given)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "effect must be an object, not None"),
        ([1, 2, 3, ["setDiscount", "Summer", 5]], "effect must be an object, not list"),
        ({}, "effect.effectType must be a str, not None"),
        ({"effectType": ["setDiscount"]}, "effect.effectType must be a str, not list"),
        ({"effectType": "setDiscount"}, "props must be an object, not None"),
        (effect("sing"), "its type is not known"),
        (effect("setDiscount", value=1), "props.name must be a str, not None"),
        (session_discount("5"), "props.value must be a number, not str"),
        (session_discount(value=True), "props.value must be a number, not bool"),
        (session_discount(float("nan")), "props.value must be a finite number"),
        (session_discount(Decimal("sNaN")), "props.value must be a finite number"),
        (session_discount(Decimal("-Infinity")), "props.value must be a finite number"),
        (session_discount(-1), "props.value must be 0 or more"),
        (session_discount(10**18), "props.value must be below 10**18, with at most 400 decimal places"),
        (session_discount(1e300), "props.value must be below 10**18, with at most 400 decimal places"),
        (session_discount(10**5000), "props.value must be below 10**18, with at most 400 decimal places"),
        (session_discount(Decimal("1e-401")), "props.value must be below 10**18, with at most 400 decimal places"),
        (session_discount(1, scope="moon"), "its scope is not known"),
        (session_discount(1, scope=7), "props.scope must be a str, not int"),
        (item_discount(1, scope="sessionTotal"), "its scope is not known"),
        (item_discount(1, position=1), "the cart has no line at its position"),
        (item_discount(1, position=-1), "props.position must be 0 or more, and below 10**18"),
        (item_discount(1, position=0.5), "props.position must be a whole number"),
        (item_discount(1, position="0"), "props.position must be an int, not str"),
        (item_discount(1, unit=2), "the line has fewer units than its sub-position says"),
        (cost_discount(1, cost="gift"), "the cart has no additional cost of its name"),
        (item_cost_discount(1, cost="shipping"), "the line has no additional cost of its name"),
        (points(1, startDate="soon"), "props.startDate must be a time in RFC 3339"),
        (points(1, startDate=5), "props.startDate must be a datetime, not int"),
        (points(1, programId=None), "props.programId must be an int, not None"),
        (effect("customEffect", name="x", payload=[]), "props.payload must be an object, not list"),
    ],
)
def test_what_cannot_be_read_is_ignored_with_the_reason(given, reason):
    """An effect that cannot be read, or does not fit the cart, is ignored; the reason names the member."""
    assert reason_for(given) == reason
    assert priced_with(given).total == 26


def test_reasons_name_the_members_of_models_as_python_does():
    """Of an effect that is a model, the reason names the member by its Python name."""
    bent = structure(points(1, programId="one"), Effect)
    assert reason_for(bent) == "props.program_id must be an int, not str"


def test_whole_numbers_may_have_a_fraction_of_zero():
    """The API calls positions numbers: 0.0 is the first."""
    [line] = priced_with(item_discount(4, position=0.0, unit=Decimal("1.0"))).lines
    assert line.unit_discounts == (0, 4)


STRANGE = [*OTHERS, float("nan"), float("-inf"), -1, 1e308, "5", "2026-01-01T00:00:00Z", {"price": {}}]


@pytest.mark.parametrize("given", ALL_SAMPLES, ids=lambda given: given["effectType"])
def test_no_effect_raises_an_error(given):
    """Whatever stands in the place of any member, an effect is priced or ignored, as a mapping and as a model."""
    texts = {text for _, _, text in mutations(given, STRANGE)}
    assert len(texts) > len(STRANGE)
    for text in texts:
        bent = orjson.loads(text)
        for one in (bent, structure(bent, Effect)):
            priced = price(CART, [one, session_discount(1)], additional_costs=COSTS, now=NOW)
            assert sum(len(getattr(priced, name)) for name in LISTS) == 2
            assert 0 <= priced.total <= 26
            assert len(priced.explanation) > 3


def test_values_that_json_does_not_have_raise_no_error():
    """NaN, infinities and objects of Python's own in the place of a member are ignored as well."""
    for name in SAMPLES:
        for member in SAMPLES[name]["props"]:
            for strange in (float("nan"), float("inf"), Decimal("sNaN"), Decimal("1e999999"), object(), 10**5000, 1j):
                given = effect(name, **SAMPLES[name]["props"] | {member: strange})
                priced = priced_with(given)
                assert sum(len(getattr(priced, one)) for one in LISTS) == 1
                assert priced.explanation
