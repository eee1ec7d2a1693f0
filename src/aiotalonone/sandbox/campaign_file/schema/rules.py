"""The schemas of conditions and effects."""

from collections.abc import Mapping
from typing import Final

from aiotalonone.sandbox.campaign_file.schema.terms import (
    NULL,
    Schema,
    at_least_one,
    date_of,
    exactly_one,
    integer,
    listing,
    name,
    number,
    text,
    typed,
)
from aiotalonone.sandbox.loyalty.file import EXPIRY_WORDS, START_WORDS
from aiotalonone.sandbox.rules.effects import PROFILE_ATTRIBUTES, SESSION_ATTRIBUTES
from aiotalonone.sandbox.rules.item_filter import SELECTORS
from aiotalonone.sandbox.state.entities import RESERVED_EVENT_PREFIX

_ATTRIBUTE_PATH: Final = f"^({PROFILE_ATTRIBUTES}|{SESSION_ATTRIBUTES})".replace(".", r"\.")
_ITEMS: Final[Mapping[str, Schema]] = {
    "skus": listing(text(), "SKUs of items"),
    "categories": listing(text(), "Categories of items"),
    "skusFrom": text("The coupon's attribute that lists the SKUs"),
}
_ONE_SELECTOR: Final = exactly_one(*SELECTORS)
_RANGE: Final[Mapping[str, Schema]] = {"atLeast": number("Lowest value"), "atMost": number("Highest value")}
_VALUE: Final[Mapping[str, Schema]] = {
    "value": number("Amount in the Application's currency"),
    "percent": number("Percentage of the price"),
}
_POINTS_TARGET: Final[Mapping[str, Schema]] = {
    "subLedgerId": text("The ledger, by default the main one"),
    "name": text("Name of the transaction, by default the program's"),
}
_POINTS_DATES: Final[Mapping[str, Schema]] = {
    "startDate": date_of(START_WORDS, "When the points become active, by default as the program says"),
    "expiryDate": date_of(EXPIRY_WORDS, "When they expire, by default as the program says"),
}
_PROGRAM: Final[Mapping[str, Schema]] = {"programId": integer("ID of the loyalty program")}
_POINTS: Final = number("Number of points", exclusiveMinimum=0)

CONDITIONS: Final[Mapping[str, Schema]] = {
    "couponIsValid": typed("couponIsValid", "One of the campaign's coupons is entered and may be used", {}, {}),
    "referralIsValid": typed(
        "referralIsValid", "One of the campaign's referral codes is entered and may be used", {}, {}
    ),
    "cartHasItem": typed("cartHasItem", "The cart holds one of the items", {}, _ITEMS, _ONE_SELECTOR),
    "cartTotal": typed("cartTotal", "The total is in a range", {}, _RANGE),
    "profileAttribute": typed(
        "profileAttribute",
        "An attribute of the customer has one of some values, or is a number in a range",
        {"name": name("Name of the attribute")},
        {"equals": {"description": "The value"}, "oneOf": {"description": "The values", "type": "array"}, **_RANGE},
        at_least_one("equals", "oneOf", "atLeast", "atMost"),
    ),
    "inAudience": typed("inAudience", "The customer belongs to an audience", {"audienceId": integer()}, {}),
    "event": typed(
        "event",
        "A custom event of this type is being tracked",
        {"eventType": name(pattern=f"^(?!{RESERVED_EVENT_PREFIX})")},
        {},
    ),
}

EFFECTS: Final[Mapping[str, Schema]] = {
    "setDiscount": typed(
        "setDiscount", "Take an amount off the session", {"name": name()}, _VALUE, exactly_one(*_VALUE)
    ),
    "setDiscountPerItem": typed(
        "setDiscountPerItem",
        "Take an amount off each unit of some items",
        {"name": name()},
        {**_VALUE, **_ITEMS},
        exactly_one(*_VALUE),
        _ONE_SELECTOR,
    ),
    "addLoyaltyPoints": typed(
        "addLoyaltyPoints",
        "Book points",
        _PROGRAM,
        {**_POINTS_TARGET, "value": _POINTS, "perUnitOfTotal": _POINTS, **_POINTS_DATES},
        exactly_one("value", "perUnitOfTotal"),
    ),
    "addLoyaltyPointsPerItem": typed(
        "addLoyaltyPointsPerItem",
        "Book points for each unit of some items",
        _PROGRAM,
        {**_POINTS_TARGET, "value": _POINTS, "perUnitOfPrice": _POINTS, **_ITEMS, **_POINTS_DATES},
        exactly_one("value", "perUnitOfPrice"),
        _ONE_SELECTOR,
    ),
    "deductLoyaltyPoints": typed(
        "deductLoyaltyPoints", "Spend active points", {**_PROGRAM, "value": _POINTS}, _POINTS_TARGET
    ),
    "couponCreated": typed(
        "couponCreated", "Create a coupon for the customer", {}, {"prefix": text("Start of its code")}
    ),
    "addFreeItem": typed("addFreeItem", "Offer an item for free", {"sku": name()}, {"name": text()}),
    "awardGiveaway": typed(
        "awardGiveaway", "Award a code of a giveaway pool", {"poolId": integer("ID of the giveaway pool")}, {}
    ),
    "increaseAchievementProgress": typed(
        "increaseAchievementProgress",
        "Let the customer make progress in an achievement",
        {"achievementId": integer("ID of the achievement")},
        {"value": number("Progress, by default 1"), "perUnitOfTotal": number("Progress for each unit of money")},
        {"not": {"allOf": [at_least_one("value"), at_least_one("perUnitOfTotal")]}},
    ),
    "showNotification": typed(
        "showNotification",
        "Show a notification to the customer",
        {},
        {"notificationType": text("By default Info"), "title": text(), "body": text()},
    ),
    "updateAttribute": typed(
        "updateAttribute",
        "Set an attribute of the customer or the session",
        {"path": name(pattern=_ATTRIBUTE_PATH), "value": {"not": NULL}},
        {},
    ),
}
