"""The shop's promotions, as a campaign file for the sandbox.

Each campaign of the dataset becomes a campaign with its coupons. A few promotions are added, so that audiences,
loyalty, referrals and events are used, too.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from examples.groceries.dataset import Coupon, Dataset

COUPON_DISCOUNT: Final = Decimal("1.00")
"""Off each unit of a coupon's products."""

FAMILIES: Final = 1
SENIORS: Final = 2
FAMILY_BASKET: Final = Decimal("50.00")
"""Min. total for which a family is notified of the nursery sale."""

CLUB: Final = 1
TIERS: Final = {"silver": 20, "gold": 60}
"""Tiers of the club, the lowest first, and the points that they need."""
CLUB_BASKET: Final = Decimal("20.00")
CLUB_POINTS: Final = 10
"""For each basket of at least `CLUB_BASKET`."""
CONSOLATION_POINTS: Final = 5
"""For each coupon that was handed in without a purchase; they await activation."""
SENIOR_CARDS: Final = 2
"""A program of cards, with a point for each unit of money."""

BIG_BASKET: Final = Decimal("100.00")
BIG_BASKET_DISCOUNT: Final = Decimal("5.00")
WELCOME_DISCOUNT: Final = Decimal("3.00")
"""Off the first basket of a household that another one has referred."""
REGULAR_REDEMPTIONS: Final = 5
"""Min. number of redemptions of a regular."""

REFERRAL_CAMPAIGN: Final = 105
UNMATCHED_COUPON_EVENT: Final = "coupon_without_purchase"
RETURN_EVENT: Final = "unit_brought_back"
RETURN_POINTS: Final = 2
"""For the trouble of a return to a basket of at least `CLUB_BASKET`."""

CATALOG: Final = 1
PERSISTENT: Final = 1
"""The achievement of handing in coupons although there is no purchase."""
PERSISTENT_REDEMPTIONS: Final = 3
SHOP_CAMPAIGNS: Final = range(101, 110)
"""IDs of the campaigns that are not the dataset's."""

Json = dict[str, Any]


def campaign_file(dataset: Dataset) -> Json:
    """Return the account for the replay: attributes, audiences, the club and all promotions."""
    return {
        "attributes": {
            "CustomerProfile": _profile_attributes(dataset),
            "CustomerSession": {},
            "CartItem": {"brand": "string", "category": "string"},
            "Event": {"code": "string"},
        },
        "audiences": [{"id": FAMILIES, "name": "Families"}, {"id": SENIORS, "name": "Seniors"}],
        "catalogs": [{"id": CATALOG, "name": "groceries"}],
        "achievements": [{"id": PERSISTENT, "name": "persistent", "target": PERSISTENT_REDEMPTIONS}],
        "loyaltyPrograms": _loyalty_programs(),
        "campaigns": [*_coupon_campaigns(dataset), *_shop_campaigns()],
    }


def _loyalty_programs() -> list[Json]:
    tiers = [{"name": name, "minPoints": minimum} for name, minimum in TIERS.items()]
    return [
        {"id": CLUB, "name": "club", "title": "Neighbourhood club", "tiers": tiers},
        {"id": SENIOR_CARDS, "name": "seniors", "title": "Seniors' cards", "cardBased": True, "usersPerCardLimit": 2},
    ]


def _profile_attributes(dataset: Dataset) -> dict[str, str]:
    demographics = {name: "string" for attributes in dataset.demographics.values() for name in attributes}
    return demographics | {
        "redemptions": "number",
        "regular": "boolean",
        "referred_by": "string",
        "neighbour": "boolean",
    }


def _coupon_campaigns(dataset: Dataset) -> list[Json]:
    by_campaign: dict[int, list[Json]] = defaultdict(list)
    for code, coupon in dataset.coupons.items():
        by_campaign[coupon.campaign_id].append(_coupon(code, coupon))
    return [
        _campaign(
            campaign_id,
            f"{dataset.campaigns[campaign_id]}, no. {campaign_id}",
            conditions=[{"type": "couponIsValid"}, {"type": "cartHasItem", "skusFrom": "products"}],
            effect={
                "type": "setDiscountPerItem",
                "name": "One off each unit",
                "value": float(COUPON_DISCOUNT),
                "skusFrom": "products",
            },
            coupons=coupons,
        )
        for campaign_id, coupons in sorted(by_campaign.items())
    ]


def _coupon(code: str, coupon: Coupon) -> Json:
    return {"value": code, "usageLimit": 0, "attributes": {"products": sorted(coupon.products)}}


def _shop_campaigns() -> list[Json]:
    return [
        _campaign(
            101,
            "Points for a full basket",
            conditions=[_cart_from(CLUB_BASKET)],
            effect={"type": "addLoyaltyPoints", "programId": CLUB, "name": "Basket points", "value": CLUB_POINTS},
        ),
        _campaign(
            102,
            "Big basket",
            conditions=[_cart_from(BIG_BASKET)],
            effect={"type": "setDiscount", "name": "Five off", "value": float(BIG_BASKET_DISCOUNT)},
        ),
        _campaign(
            103,
            "Families",
            conditions=[{"type": "inAudience", "audienceId": FAMILIES}, _cart_from(FAMILY_BASKET)],
            effect={
                "type": "showNotification",
                "notificationType": "Info",
                "title": "For the little ones",
                "body": "The nursery sale starts on Monday.",
            },
        ),
        _campaign(
            104,
            "Regulars",
            conditions=[{"type": "profileAttribute", "name": "redemptions", "atLeast": REGULAR_REDEMPTIONS}],
            effect={"type": "updateAttribute", "path": "profile.attributes.regular", "value": True},
        ),
        _campaign(
            REFERRAL_CAMPAIGN,
            "Bring a neighbour",
            conditions=[{"type": "referralIsValid"}],
            effect={"type": "setDiscount", "name": "Welcome", "value": float(WELCOME_DISCOUNT)},
        ),
        _campaign(
            106,
            "No basket, no coupon",
            conditions=[{"type": "event", "eventType": UNMATCHED_COUPON_EVENT}],
            effect={
                "type": "addLoyaltyPoints",
                "programId": CLUB,
                "name": "Consolation",
                "value": CONSOLATION_POINTS,
                "startDate": "on_action",
            },
        ),
        _campaign(
            107,
            "Sorry for the trouble",
            conditions=[{"type": "event", "eventType": RETURN_EVENT}, _cart_from(CLUB_BASKET)],
            effect={"type": "addLoyaltyPoints", "programId": CLUB, "name": "Trouble", "value": RETURN_POINTS},
        ),
        _campaign(
            108,
            "Points on seniors' cards",
            conditions=[{"type": "inAudience", "audienceId": SENIORS}],
            effect={"type": "addLoyaltyPoints", "programId": SENIOR_CARDS, "name": "Purchase", "perUnitOfTotal": 1},
        ),
        _campaign(
            109,
            "Better luck next time",
            conditions=[{"type": "event", "eventType": UNMATCHED_COUPON_EVENT}],
            effect={"type": "increaseAchievementProgress", "achievementId": PERSISTENT},
        ),
    ]


def _cart_from(amount: Decimal) -> Json:
    return {"type": "cartTotal", "atLeast": float(amount)}


def _campaign(
    campaign_id: int, name: str, *, conditions: list[Json], effect: Mapping[str, Any], coupons: list[Json] | None = None
) -> Json:
    rule = {"name": name, "conditions": conditions, "effects": [dict(effect)]}
    return {"id": campaign_id, "name": name, "state": "enabled", "coupons": coupons or [], "rules": [rule]}
