"""IntegrationState: the response of V1 updates and of tracked events."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from aiotalonone.sandbox.rendering.entities import JSON, coupon_json, profile_json
from aiotalonone.sandbox.rendering.result import UpdateResult, event_json
from aiotalonone.sandbox.state.entities import ANONYMOUS, APPLICATION_ID, CartItem, Profile, Session

DISCOUNTS = ("setDiscount", "setDiscountPerItem")


def integration_state(result: UpdateResult) -> JSON:
    """Return the whole state around an update."""
    profile = result.profile or _anonymous(result)
    session = result.session or _no_session(result)
    state: JSON = {
        "session": _session(session),
        "profile": profile_json(profile, result.draft),
        "event": event_json(result.event) | {"ledgerEntries": [], "meta": _meta(result)},
        "loyalty": result.loyalty,
    }
    coupon = result.draft.coupons.get(session.coupon_codes[0]) if session.coupon_codes else None
    return state if coupon is None else state | {"coupon": coupon_json(coupon)}


def _session(session: Session) -> JSON:
    shown: JSON = {
        "integrationId": session.integration_id,
        "created": session.created,
        "applicationId": APPLICATION_ID,
        "profileId": session.profile_id,
        "coupon": session.coupon_codes[0] if session.coupon_codes else "",
        "referral": session.referral_code,
        "state": session.state,
        "cartItems": [_cart_item(position, item) for position, item in enumerate(session.cart_items)],
        "identifiers": session.identifiers,
        "total": session.total,
        "attributes": session.attributes,
        "firstSession": session.first,
        "discounts": _discounts(session),
    }
    return shown


def _cart_item(position: int, item: CartItem) -> JSON:
    return {"name": item.sku, "price": item.price} | item.shown | {"position": position}


def _discounts(session: Session) -> dict[str, Decimal]:
    discounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for effect in session.effects:
        if effect.type in DISCOUNTS:
            discounts[effect.props["name"]] += effect.props["value"]
    return discounts


def _meta(result: UpdateResult) -> JSON:
    codes = result.session.coupon_codes if result.session else ()
    coupons = [coupon for code in codes if (coupon := result.draft.coupons.get(code))]
    campaigns = {effect.campaign_id for effect in result.effects} & result.account.campaigns.keys()
    meta: dict[str, Any] = {
        "campaigns": {
            str(key): result.account.campaigns[key].attributes
            for key in sorted(campaigns)
            if result.account.campaigns[key].attributes
        },
        "coupons": {coupon.value: coupon.attributes for coupon in coupons},
        "warnings": {},
    }
    for effect in result.effects:
        reason = {"campaignId": effect.campaign_id, "reason": effect.props.get("rejectionReason")}
        if effect.type == "rejectCoupon":
            meta["couponRejectionReason"] = reason | {"couponId": effect.coupon_id or 0}
        elif effect.type == "rejectReferral":
            referral = result.draft.referrals.get(effect.props["value"])
            meta["referralRejectionReason"] = reason | {"referralId": referral.id if referral else 0}
    return meta


def _anonymous(result: UpdateResult) -> Profile:
    now = result.draft.now
    return Profile(id=0, integration_id=ANONYMOUS, created=now, last_activity=now)


def _no_session(result: UpdateResult) -> Session:
    """Return an empty session, for the response of a profile update."""
    now = result.draft.now
    return Session(id=0, integration_id="", created=now, updated=now)
