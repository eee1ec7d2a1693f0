"""IntegrationStateV2: effects and created codes always, entities as the request asks for them."""

from collections.abc import Callable, Iterable
from typing import Any

from aiotalonone.sandbox.answers.entities import (
    APPLICATION_ID,
    JSON,
    campaign_json,
    coupon_json,
    effect_json,
    giveaway_json,
    inventory_referral_json,
    loyalty_json,
    owned_coupon_json,
    profile_json,
)
from aiotalonone.sandbox.answers.outcome import Outcome, event_json
from aiotalonone.sandbox.entities import Session
from aiotalonone.sandbox.rules.case import Failure


def integration_state_v2(outcome: Outcome, wanted: Iterable[str]) -> JSON:
    """The answer with the wanted entities; one that is not there is left out."""
    coupons = outcome.draft.coupons
    state: JSON = {
        "effects": [effect_json(effect) for effect in outcome.effects],
        "createdCoupons": [
            coupon_json(coupon) for value in outcome.evaluation.created_coupons if (coupon := coupons.get(value))
        ],
        "createdReferrals": [],
    }
    shown = {name: CONTENT[name](outcome) for name in wanted}
    return state | {name: entity for name, entity in shown.items() if entity is not None}


def _session(outcome: Outcome) -> JSON | None:
    session = outcome.session
    if session is None:
        return None
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
        "cartItems": [{**item.sent, "position": position} for position, item in enumerate(session.cart_items)],
        "additionalCosts": {name: {"price": price} for name, price in session.additional_costs.items()},
        "identifiers": session.identifiers,
        "attributes": session.attributes,
        "firstSession": session.first,
        "updateCount": session.update_count,
    }
    return shown | _totals(session) | _chosen(session)


def _totals(session: Session) -> JSON:
    return {
        "total": session.total,
        "cartItemTotal": session.cart_item_total,
        "cartItemAdditionalCostTotal": session.cart_item_additional_cost_total,
        "additionalCostTotal": session.additional_cost_total,
    }


def _chosen(session: Session) -> JSON:
    chosen: JSON = {}
    if session.store_integration_id is not None:
        chosen["storeIntegrationId"] = session.store_integration_id
    if session.evaluable_campaign_ids:
        chosen["evaluableCampaignIds"] = session.evaluable_campaign_ids
    return chosen


def _profile(outcome: Outcome) -> JSON | None:
    return profile_json(outcome.profile, outcome.account) if outcome.profile else None


def _loyalty(outcome: Outcome) -> JSON | None:
    if outcome.profile is None:
        return None
    return loyalty_json(outcome.profile, outcome.account, outcome.coming_points)


def _coupons(outcome: Outcome) -> list[JSON]:
    session = outcome.session
    codes = session.coupon_codes if session else ()
    owner = session.profile_id if session else ""
    found = (outcome.draft.coupons.get(code) for code in dict.fromkeys(codes))
    return [owned_coupon_json(coupon, owner) for coupon in found if coupon]


def _referral(outcome: Outcome) -> JSON | None:
    code = outcome.session.referral_code if outcome.session else ""
    referral = outcome.draft.referrals.get(code)
    return inventory_referral_json(referral) if referral else None


def _campaigns(outcome: Outcome) -> list[JSON]:
    triggered = dict.fromkeys(effect.campaign_id for effect in outcome.effects)
    campaigns = outcome.account.campaigns
    return [campaign_json(campaigns[key], outcome.draft) for key in triggered if key in campaigns]


def _giveaways(outcome: Outcome) -> list[JSON]:
    found = (outcome.draft.giveaways.get(key) for key in outcome.evaluation.awarded_giveaways)
    return [giveaway_json(giveaway) for giveaway in found if giveaway]


def _failures(outcome: Outcome) -> list[JSON]:
    return [_failure(failure, outcome) for failure in outcome.evaluation.failures]


def _failure(failure: Failure, outcome: Outcome) -> JSON:
    shown: JSON = {
        "campaignID": failure.campaign_id,
        "campaignName": outcome.account.campaigns[failure.campaign_id].name,
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


CONTENT: dict[str, Callable[[Outcome], Any]] = {
    "customerSession": _session,
    "customerProfile": _profile,
    "coupons": _coupons,
    "triggeredCampaigns": _campaigns,
    "referral": _referral,
    "loyalty": _loyalty,
    "event": lambda outcome: event_json(outcome.event),
    "awardedGiveaways": _giveaways,
    "ruleFailureReasons": _failures,
    "previousReturns": lambda _: [],
    "campaignEligibility": lambda _: [],
    "achievements": lambda _: [],
}
"""What ``responseContent`` may ask for."""

PROFILE_CONTENT = frozenset(CONTENT.keys() - {"customerSession", "coupons", "referral", "previousReturns"})
"""What it may ask for where no session is involved."""
