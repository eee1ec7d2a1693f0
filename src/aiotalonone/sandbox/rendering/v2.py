"""IntegrationStateV2: effects and created codes always, entities if the request asks for them."""

from collections.abc import Callable, Iterable
from typing import Any

from aiotalonone.sandbox.rendering.achievements import achievements_json
from aiotalonone.sandbox.rendering.entities import (
    ACCOUNT_ID,
    JSON,
    campaign_json,
    coupon_json,
    effects_json,
    giveaway_json,
    inventory_referral_json,
    owned_coupon_json,
    profile_json,
)
from aiotalonone.sandbox.rendering.result import UpdateResult, advanced_event_json, event_json
from aiotalonone.sandbox.rules.evaluation import Failure
from aiotalonone.sandbox.state.entities import APPLICATION_ID, Return, Session


def integration_state_v2(result: UpdateResult, wanted: Iterable[str]) -> JSON:
    """Return the state with the requested entities; one that does not exist is left out."""
    coupons = result.draft.coupons
    state: JSON = {
        "effects": effects_json(result.effects, result.session),
        "createdCoupons": [
            coupon_json(coupon) for value in result.evaluation.created_coupons if (coupon := coupons.get(value))
        ],
        "createdReferrals": [],
    }
    if result.return_ is not None:
        state["return"] = _return(result.return_, result)
    shown = {_MEMBERS.get(name, name): _PARTS[name](result) for name in wanted}
    return state | {name: entity for name, entity in shown.items() if entity is not None}


def _session(result: UpdateResult) -> JSON | None:
    return None if result.session is None else session_json(result.session)


def session_json(session: Session) -> JSON:
    """Return a CustomerSessionV2; its lines say what came back and what is left of them once something came back."""
    shown: JSON = {
        "id": session.id,
        "integrationId": session.integration_id,
        "created": session.created,
        "updated": session.updated,
        "applicationId": APPLICATION_ID,
        "profileId": session.profile_id,
        "state": session.state,
        "couponCodes": session.coupon_codes,
        "referralCode": session.referral_code,
        "loyaltyCards": session.loyalty_cards,
        "cartItems": _cart_items(session),
        "additionalCosts": {name: {"price": price} for name, price in session.additional_costs.items()},
        "identifiers": session.identifiers,
        "attributes": session.attributes,
        "firstSession": session.first,
        "updateCount": session.update_count,
    }
    return shown | _totals(session) | _selected(session)


def _cart_items(session: Session) -> list[JSON]:
    items = [{**item.shown, "position": position} for position, item in enumerate(session.cart_items)]
    if session.returns:
        returned = session.returned_units
        for position, item in enumerate(session.cart_items):
            left = item.quantity - returned[position]
            items[position] |= {"returnedQuantity": returned[position], "remainingQuantity": left}
    return items


def _totals(session: Session) -> JSON:
    return {
        "total": session.total,
        "cartItemTotal": session.cart_item_total,
        "cartItemAdditionalCostTotal": session.cart_item_additional_cost_total,
        "additionalCostTotal": session.additional_cost_total,
    }


def _selected(session: Session) -> JSON:
    selected: JSON = {}
    if session.store_integration_id is not None:
        selected["storeIntegrationId"] = session.store_integration_id
    if session.evaluable_campaign_ids:
        selected["evaluableCampaignIds"] = session.evaluable_campaign_ids
    return selected


def _profile(result: UpdateResult) -> JSON | None:
    return profile_json(result.profile, result.draft) if result.profile else None


def _loyalty(result: UpdateResult) -> JSON | None:
    return result.loyalty if result.profile or result.evaluation.loyalty_cards else None


def _coupons(result: UpdateResult) -> list[JSON]:
    session = result.session
    codes = session.coupon_codes if session else ()
    owner = session.profile_id if session else ""
    found = (result.draft.coupons.get(code) for code in dict.fromkeys(codes))
    return [owned_coupon_json(coupon, owner) for coupon in found if coupon]


def _referral(result: UpdateResult) -> JSON | None:
    code = result.session.referral_code if result.session else ""
    referral = result.draft.referrals.get(code)
    return inventory_referral_json(referral) if referral else None


def _return(one: Return, result: UpdateResult) -> JSON:
    session, profile = result.session, result.profile
    assert session is not None  # noqa: S101 - whatever comes back, comes back from a session
    shown: JSON = {
        "id": one.id,
        "created": one.created,
        "applicationId": APPLICATION_ID,
        "accountId": ACCOUNT_ID,
        "returnedCartItems": [
            {"position": line.position, "quantity": line.quantity, "sku": line.sku} for line in one.lines
        ],
        "eventId": one.event_id,
        "sessionId": session.id,
        "sessionIntegrationId": session.integration_id,
    }
    owner = {"profileId": profile.id, "profileIntegrationId": profile.integration_id} if profile else {}
    return shown | owner


def _previous_returns(result: UpdateResult) -> list[JSON]:
    returns = result.session.returns if result.session else ()
    return [_return(one, result) for one in returns if one is not result.return_]


def _campaigns(result: UpdateResult) -> list[JSON]:
    triggered = dict.fromkeys(effect.campaign_id for effect in result.effects)
    campaigns = result.account.campaigns
    return [campaign_json(campaigns[key], result.draft) for key in triggered if key in campaigns]


def _giveaways(result: UpdateResult) -> list[JSON]:
    found = (result.draft.giveaways.get(key) for key in result.evaluation.awarded_giveaways)
    return [giveaway_json(giveaway) for giveaway in found if giveaway]


def _failures(result: UpdateResult) -> list[JSON]:
    return [_failure(failure, result) for failure in result.evaluation.failures]


def _failure(failure: Failure, result: UpdateResult) -> JSON:
    shown: JSON = {
        "campaignID": failure.campaign_id,
        "campaignName": result.account.campaigns[failure.campaign_id].name,
        "rulesetID": failure.campaign_id,
        "ruleIndex": failure.rule_index,
        "ruleName": failure.rule_name,
        "details": failure.details,
    }
    if failure.coupon is not None:
        shown |= {"couponID": failure.coupon.id, "couponValue": failure.coupon.value}
    if failure.referral is not None:
        shown |= {"referralID": failure.referral.id, "referralValue": failure.referral.code}
    if failure.condition_index is not None:
        shown["conditionIndex"] = failure.condition_index
    if failure.effect_index is not None:
        shown["effectIndex"] = failure.effect_index
    return shown


def _achievements(result: UpdateResult) -> list[JSON]:
    profile = result.profile
    return [] if profile is None else achievements_json(result.account, result.draft, profile.integration_id)


CONTENT: dict[str, Callable[[UpdateResult], Any]] = {
    "customerSession": _session,
    "customerProfile": _profile,
    "coupons": _coupons,
    "triggeredCampaigns": _campaigns,
    "referral": _referral,
    "loyalty": _loyalty,
    "event": lambda result: event_json(result.event),
    "awardedGiveaways": _giveaways,
    "ruleFailureReasons": _failures,
    "previousReturns": _previous_returns,
    "campaignEligibility": lambda _: [],
    "achievements": _achievements,
    "unlockedRewards": lambda _: [],
}
"""The entities that ``responseContent`` may name in a session update."""

_PARTS: dict[str, Callable[[UpdateResult], Any]] = {
    **CONTENT,
    "advancedEvent": lambda result: advanced_event_json(result.event),
}

_MEMBERS = {"unlockedRewards": "rewards"}
"""Members of a response that ``responseContent`` calls by another name."""

PROFILE_CONTENT = tuple(
    name for name in CONTENT if name not in {"customerSession", "coupons", "referral", "previousReturns"}
)
"""The entities that it may name in a profile update, which involves no session."""

RETURN_CONTENT = (
    *("customerSession", "customerProfile", "coupons", "triggeredCampaigns", "referral", "loyalty", "event"),
    "previousReturns",
)
"""The entities that it may name in a return."""

EVENT_CONTENT = tuple(name for name in PROFILE_CONTENT if name != "unlockedRewards")
"""The entities that it may name in an event."""

ADVANCED_EVENT_CONTENT = (
    *("customerProfile", "triggeredCampaigns", "loyalty", "advancedEvent", "awardedGiveaways", "ruleFailureReasons"),
)
"""The entities that it may name in an advanced event."""
