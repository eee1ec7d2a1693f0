"""Entities as both versions of the API return them."""

from collections.abc import Iterable
from typing import Any

from aiotalonone.sandbox.rules.campaigns import Campaign
from aiotalonone.sandbox.state import Draft
from aiotalonone.sandbox.state.entities import APPLICATION_ID, Coupon, Effect, Giveaway, Profile, Referral, Session

ACCOUNT_ID = 1
USER_ID = 1

JSON = dict[str, Any]


def profile_json(profile: Profile, draft: Draft) -> JSON:
    """Return a CustomerProfile; its loyalty memberships are always null, as on the platform."""
    audiences = [found for key in sorted(profile.audiences) if (found := draft.audiences.get(key))]
    return {
        "id": profile.id,
        "integrationId": profile.integration_id,
        "created": profile.created,
        "attributes": profile.attributes,
        "accountId": ACCOUNT_ID,
        "closedSessions": profile.closed_sessions,
        "totalSales": profile.total_sales,
        "loyaltyMemberships": None,
        "audienceMemberships": [{"id": audience.id, "name": audience.name} for audience in audiences],
        "lastActivity": profile.last_activity,
        "sandbox": True,
    }


def effect_json(effect: Effect) -> JSON:
    """Return an Effect."""
    shown: JSON = {
        "campaignId": effect.campaign_id,
        "rulesetId": effect.campaign_id,
        "ruleIndex": effect.rule_index,
        "ruleName": effect.rule_name,
        "effectType": effect.type,
        "props": effect.props,
    }
    return shown if effect.coupon_id is None else shown | {"triggeredByCoupon": effect.coupon_id}


def effects_json(effects: Iterable[Effect], session: Session | None) -> list[JSON]:
    """Return effects; those on one item of the catalog name it, and the price that counted for it."""
    return [effect_json(effect) | _catalog_members(effect, session) for effect in effects]


def _catalog_members(effect: Effect, session: Session | None) -> JSON:
    position = effect.props.get("position", effect.props.get("cartItemPosition"))
    if session is None or position is None or effect.type.startswith("rollback"):
        return {}
    found = session.cart_items[position].from_catalog
    members = {
        "triggeredForCatalogItem": found.get("catalogItemID"),
        "selectedPriceType": found.get("selectedPriceType"),
        "selectedPrice": found.get("price"),
        "adjustmentReferenceId": found.get("adjustmentReferenceId"),
    }
    return {name: value for name, value in members.items() if value is not None}


def effect_array(effect: Effect) -> list[Any]:
    """Return an effect inside an event: an array, with the values of its properties in their order."""
    return [effect.campaign_id, effect.campaign_id, effect.rule_index, [effect.type, *effect.props.values()]]


def coupon_json(coupon: Coupon) -> JSON:
    """Return a Coupon; bounds that it does not have are left out."""
    shown: JSON = {
        "id": coupon.id,
        "created": coupon.created,
        "campaignId": coupon.campaign_id,
        "value": coupon.value,
        "usageLimit": coupon.usage_limit,
        "usageCounter": coupon.usage_counter,
        "discountCounter": 0,
        "reservationCounter": len(coupon.reserved_by),
        "attributes": coupon.attributes,
        "recipientIntegrationId": coupon.recipient or "",
        "reservation": True,
        "isReservationMandatory": coupon.reservation_mandatory,
    }
    limits = None
    if coupon.limit_per_profile is not None:
        limits = [{"action": "redeemCoupon", "limit": coupon.limit_per_profile, "entities": ["Profile"]}]
    return shown | given(startDate=coupon.start_date, expiryDate=coupon.expiry_date, limits=limits)


def owned_coupon_json(coupon: Coupon, profile_id: str) -> JSON:
    """Return an IntegrationCoupon: a coupon, and how often the customer redeemed it."""
    return coupon_json(coupon) | {"profileRedemptionCount": coupon.redemptions[profile_id]}


def referral_json(referral: Referral) -> JSON:
    """Return a Referral; bounds that it does not have are left out."""
    shown: JSON = {
        "id": referral.id,
        "created": referral.created,
        "campaignId": referral.campaign_id,
        "advocateProfileIntegrationId": referral.advocate,
        "usageLimit": referral.usage_limit,
        "usageCounter": referral.usage_counter,
        "code": referral.code,
        "attributes": referral.attributes,
    }
    return shown | given(
        startDate=referral.start_date,
        expiryDate=referral.expiry_date,
        friendProfileIntegrationId=referral.friend,
        batchId=referral.batch_id,
    )


def inventory_referral_json(referral: Referral) -> JSON:
    """Return an InventoryReferral: a referral, and the customers who redeemed it."""
    return referral_json(referral) | {"referredCustomers": referral.referred}


def giveaway_json(giveaway: Giveaway) -> JSON:
    """Return a Giveaway."""
    shown: JSON = {
        "id": giveaway.id,
        "created": giveaway.created,
        "code": giveaway.code,
        "poolId": giveaway.pool_id,
        "used": giveaway.used,
    }
    return shown | given(profileIntegrationId=giveaway.profile_id)


def campaign_json(campaign: Campaign, draft: Draft) -> JSON:
    """Return a Campaign; its budgets are left out, as on the platform."""
    shown: JSON = {
        "id": campaign.id,
        "created": campaign.created,
        "applicationId": APPLICATION_ID,
        "userId": USER_ID,
        "name": campaign.name,
        "description": campaign.description,
        "attributes": campaign.attributes,
        "state": campaign.state,
        "activeRulesetId": campaign.id,
        "tags": campaign.tags,
        "reevaluateOnReturn": False,
        "features": ["coupons", "referrals", "loyalty", "giveaways"],
        "limits": [],
        "type": "advanced",
        "frontendState": "running" if campaign.is_active_at(draft.now) else "disabled",
        "storesImported": False,
    }
    return shown | given(startTime=campaign.start_time, endTime=campaign.end_time)


def given(**members: Any) -> JSON:
    """Return those of some members that have a value."""
    return {name: value for name, value in members.items() if value is not None}
