import json

import pytest

from aiotalonone.sandbox import CampaignFileError, Sandbox
from aiotalonone.sandbox.account.attribute_types import ENTITIES
from tests.sandbox.support import campaign, rule

EFFECT, CONDITION = "campaigns[0].rules[0].effects[0]", "campaigns[0].rules[0].conditions[0]"
OFF = {"type": "setDiscount", "name": "off", "value": 1}


def one_effect(**effect):
    return campaign(rule([], effect))


def deep(levels):
    return [deep(levels - 1)] if levels else 0


def one_condition(**condition):
    return campaign(rule([condition], OFF))


LIMIT = "campaigns[0].limits[0]"
BUDGET = {"action": "redeemCoupon", "limit": 1, "entities": ["Profile"]}


def with_limit(**members):
    return campaign(limits=[BUDGET | members])


MISTAKES = [
    ({"campaigns": [{"name": "x"}]}, "campaigns[0].id: is required"),
    ({"campaigns": [{"id": 1}]}, "campaigns[0].name: is required"),
    ({"campaigns": {}}, "campaigns: must be a list"),
    (campaign(attributes={"deep": deep(100)}), "the campaign file: must not be nested deeper than 64 levels"),
    ({"campaigns": [1]}, "campaigns[0]: must be an object"),
    ({"campaigns": [{"id": 1, "name": "a"}] * 2}, "campaigns[1].id: campaign 1 exists already"),
    (
        {"giveawayPools": [{"id": 3, "name": "mugs", "codes": ["A"]}] * 2},
        "giveawayPools[1].id: giveaway pool 3 exists already",
    ),
    ({"application": {"timezone": "Mars"}}, "application.timezone: unknown time zone 'Mars'"),
    (campaign(state="on"), "campaigns[0].state: must be one of enabled, disabled, archived"),
    (campaign(startTime="2026"), "campaigns[0].startTime: must be a date and time with an offset (RFC 3339)"),
    (campaign(coupons=({"value": "A"},) * 2), "campaigns[0].coupons[1].value: coupon A exists already"),
    (campaign(coupons=({},)), "campaigns[0].coupons[0].value: is required"),
    (
        campaign(coupons=({"value": "A", "usageLimit": -1},)),
        "campaigns[0].coupons[0].usageLimit: must be at least 0",
    ),
    (one_effect(type="magic"), "campaigns[0].rules[0].effects[0].type: unknown effect type 'magic'"),
    (
        one_effect(type="setDiscount", name="x"),
        "campaigns[0].rules[0].effects[0].value: exactly one of value, percent is required",
    ),
    (
        one_effect(type="setDiscountPerItem", name="x", value=1),
        "campaigns[0].rules[0].effects[0].skus: exactly one of skus, categories, skusFrom is required",
    ),
    (
        one_effect(type="addLoyaltyPoints", programId=9, value=1),
        "campaigns[0].rules[0].effects[0].programId: unknown loyalty program",
    ),
    (
        one_effect(type="addLoyaltyPoints", programId=5),
        "campaigns[0].rules[0].effects[0].value: exactly one of value, perUnitOfTotal is required",
    ),
    (
        one_effect(type="awardGiveaway", poolId=9),
        "campaigns[0].rules[0].effects[0].poolId: unknown giveaway pool",
    ),
    (
        one_effect(type="updateAttribute", path="age", value=1),
        "campaigns[0].rules[0].effects[0].path: must start with profile.attributes. or session.attributes.",
    ),
    (
        one_effect(type="updateAttribute", path="profile.attributes.age"),
        "campaigns[0].rules[0].effects[0].value: is required",
    ),
    (one_condition(type="moon"), "campaigns[0].rules[0].conditions[0].type: unknown condition type 'moon'"),
    (
        one_condition(type="profileAttribute", name="x"),
        "campaigns[0].rules[0].conditions[0].equals: one of equals, oneOf, atLeast, atMost is required",
    ),
    (
        one_condition(type="profileAttribute", name="x", oneOf="y"),
        "campaigns[0].rules[0].conditions[0].oneOf: must be a list",
    ),
    (
        campaign(rule([{"type": "couponIsValid"}, {"type": "event", "eventType": "x"}])),
        "campaigns[0].rules[0].conditions: an event and a code cannot be asked for together",
    ),
    (one_effect(type="setDiscnt"), f"{EFFECT}.type: unknown effect type 'setDiscnt', did you mean setDiscount?"),
    (
        one_condition(type="couponValid"),
        f"{CONDITION}.type: unknown condition type 'couponValid', did you mean couponIsValid?",
    ),
    (
        one_condition(type="event", eventType="talon_session_closed"),
        f"{CONDITION}.eventType: must be a custom event: those of the platform trigger no rules here",
    ),
    (with_limit(action="setDiscount"), f"{LIMIT}.action: the sandbox has budgets for redeemCoupon alone"),
    (
        with_limit(entities=["Store"]),
        f'{LIMIT}.entities: the sandbox has budgets per profile alone: must be ["Profile"]',
    ),
    (with_limit(entities=[]), f'{LIMIT}.entities: the sandbox has budgets per profile alone: must be ["Profile"]'),
    (with_limit(period="daily"), f"{LIMIT}.period: the sandbox has no budgets that recur"),
    (with_limit(limit=-1), f"{LIMIT}.limit: must be at least 0"),
    (campaign(limits=[BUDGET, BUDGET]), "campaigns[0].limits[1].action: there is a limit of this kind already"),
    ({"application": {"partialRewards": 1}}, "application.partialRewards: must be a boolean"),
    ({"application": []}, "application: must be an object"),
    (
        {"assumptions": {"anonymousFriend": False}},
        "assumptions.anonymousFriend: unknown switch 'anonymousFriend', did you mean anonymousFriends?",
    ),
    (
        {"attributes": {"CartItem": {}, "Cart": {}}},
        f"attributes.Cart: unknown entity, must be one of {', '.join(ENTITIES)}",
    ),
]


@pytest.mark.parametrize(("file", "message"), MISTAKES)
def test_mistake_is_reported_with_its_place(file, message):
    """The error about a mistake in a campaign file starts with the place of the mistake."""
    with pytest.raises(CampaignFileError) as caught:
        Sandbox(file)
    assert str(caught.value) == message


def test_unknown_attribute_type_is_reported():
    """The error about an unknown attribute type lists the known types."""
    with pytest.raises(CampaignFileError, match=r"^attributes\.Event\.x: unknown type 'text', must be one of str"):
        Sandbox({"attributes": {"Event": {"x": "text"}}})


def test_attribute_types_are_those_of_the_platform():
    """Four scalars, a location, and lists of all but booleans are types; a list of booleans is not."""
    scalars = ("string", "number", "time", "location")
    known = ("boolean", *scalars, *(f"(list {kind})" for kind in scalars))
    Sandbox({"attributes": {"Coupon": {kind: kind for kind in known}}})
    with pytest.raises(CampaignFileError, match=r"unknown type '\(list boolean\)'"):
        Sandbox({"attributes": {"Coupon": {"x": "(list boolean)"}}})


def test_file_can_be_a_path(tmp_path):
    """A campaign file can be given as a path or as the path's text."""
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(campaign(coupons=({"value": "CODE"},))))
    assert list(Sandbox(path).state.coupons) == list(Sandbox(str(path)).state.coupons) == ["CODE"]


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_unreadable_file_is_a_campaign_file_error(tmp_path, content):
    """A campaign file that is missing, broken or of another kind is a CampaignFileError."""
    path = tmp_path / "shop.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CampaignFileError):
        Sandbox(path)


async def test_coupon_with_many_skus_is_fast(open_shop):
    """An attribute of 100,000 SKUs is made a set once, and an evaluation walks the cart alone."""
    off = {"type": "setDiscountPerItem", "name": "off", "value": 1, "skusFrom": "products"}
    conditions = [{"type": "couponIsValid"}, {"type": "cartHasItem", "skusFrom": "products"}]
    skus = [str(number) for number in range(100_000)]
    coupon = {"value": "CODE", "attributes": {"products": skus}}
    shop = open_shop(campaign(rule(conditions, off), coupons=(coupon,)))
    sets = []
    for session in "s1", "s2":
        cart = [{"sku": "99999", "quantity": 1, "price": 2}]
        response = await shop.put_session(session, couponCodes=["CODE"], cartItems=cart, state="closed")
        assert len(response["effects"]) == 2
        sets.append(shop.sandbox.state.coupons["CODE"].skus("products"))
    assert sets[0] is sets[1]
    assert len(sets[0]) == 100_000
