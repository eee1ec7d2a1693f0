"""What requests have stored: customers, sessions, coupons and points."""

from collections.abc import Iterable
from heapq import nlargest
from typing import Final

from aiotalonone.sandbox.control._base import JSON, page, resource
from aiotalonone.sandbox.control.requests import code_json
from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import not_found
from aiotalonone.sandbox.loyalty.accounts import LoyaltyAccount
from aiotalonone.sandbox.loyalty.program import MAIN_LEDGER
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.rendering.entities import coupon_json, effects_json, profile_json
from aiotalonone.sandbox.rendering.loyalty import balance_json, tier_json
from aiotalonone.sandbox.rendering.v2 import session_json
from aiotalonone.sandbox.rules.priced_cart import priced_cart
from aiotalonone.sandbox.rules.trace import codes_of
from aiotalonone.sandbox.state.entities import Coupon, Profile, Session

MAX_LISTED: Final = 100
"""Sessions of a customer, and owners of a coupon's redemptions, that are listed with it."""


@resource("GET", "/sandbox/profiles")
def get_profiles(platform: Platform, request: Request) -> Response:
    """Return the customers, those who were active last first."""
    profiles = sorted(platform.state.profiles.values(), key=lambda profile: profile.last_activity, reverse=True)
    return page(request.query, profiles, lambda profile: profile_summary(platform, profile))


@resource("GET", "/sandbox/profiles/{integrationId}")
def get_profile(platform: Platform, request: Request) -> Response:
    """Return a customer with points, coupons and sessions."""
    profile = platform.state.profiles.get(request.path["integrationId"])
    if profile is None:
        raise not_found("Customer profile")
    return Response(200, profile_detail(platform, profile))


@resource("GET", "/sandbox/sessions")
def get_sessions(platform: Platform, request: Request) -> Response:
    """Return the sessions, those that were updated last first."""
    sessions = sorted(platform.state.sessions.values(), key=lambda session: session.updated, reverse=True)
    return page(request.query, sessions, session_summary)


@resource("GET", "/sandbox/sessions/{customerSessionId}")
def get_session(platform: Platform, request: Request) -> Response:
    """Return a session with its priced cart and its effects."""
    session = platform.state.sessions.get(request.path["customerSessionId"])
    if session is None:
        raise not_found("Customer session")
    return Response(200, session_detail(session))


@resource("GET", "/sandbox/coupons")
def get_coupons(platform: Platform, request: Request) -> Response:
    """Return the coupons, in the order in which they were created."""
    return page(request.query, platform.state.coupons, lambda coupon: coupon_detail(platform, coupon))


@resource("GET", "/sandbox/loyalty")
def get_loyalty(platform: Platform, request: Request) -> Response:
    """Return the points of each customer and card, program by program."""
    return page(request.query, platform.state.loyalty_accounts, lambda account: loyalty_detail(platform, account))


def profile_summary(platform: Platform, profile: Profile) -> JSON:
    """Return a customer as the API does."""
    return profile_json(profile, platform.state.draft(platform.clock()))


def profile_detail(platform: Platform, profile: Profile) -> JSON:
    """Return a customer, with points, coupons, and the sessions that were updated last."""
    owner, state = profile.integration_id, platform.state
    accounts = (one for one in state.loyalty_accounts.values() if one.owner == owner and not one.program.card_based)
    coupons = (one for one in state.coupons.values() if owner == one.recipient or owner in one.reserved_by)
    sessions = (one for one in state.sessions.values() if one.profile_id == owner)
    return profile_summary(platform, profile) | {
        "loyalty": [loyalty_detail(platform, account) for account in accounts],
        "coupons": [coupon_detail(platform, coupon) for coupon in coupons],
        "sessions": [session_summary(session) for session in latest(sessions)],
    }


def latest(sessions: Iterable[Session]) -> list[Session]:
    """Return the sessions that were updated last."""
    return nlargest(MAX_LISTED, sessions, key=lambda session: session.updated)


def session_summary(session: Session) -> JSON:
    """Return what a session is, which codes it has, and what its cart costs before and after discounts."""
    cart = priced_cart(session, session.effects)
    return {
        "integrationId": session.integration_id,
        "profileId": session.profile_id,
        "state": session.state,
        "created": session.created,
        "updated": session.updated,
        "items": sum(item.quantity for item in session.cart_items),
        "codes": [code_json(code) for code in codes_of(session.effects)],
        "total": session.total,
        "discount": cart.discount_total,
        "toPay": cart.total,
    }


def session_detail(session: Session) -> JSON:
    """Return a session as the API does, with its priced cart, its codes and its effects."""
    return session_json(session) | {
        "cart": priced_cart(session, session.effects).json(),
        "codes": [code_json(code) for code in codes_of(session.effects)],
        "effects": effects_json(session.effects, session),
    }


def coupon_detail(platform: Platform, coupon: Coupon) -> JSON:
    """Return a coupon as the API does, with its campaign's name, and who holds it."""
    return coupon_json(coupon) | {
        "campaignName": platform.account.campaigns[coupon.campaign_id].name,
        "reservedBy": sorted(coupon.reserved_by)[:MAX_LISTED],
        "redemptions": dict(coupon.redemptions.most_common(MAX_LISTED)),
    }


def loyalty_detail(platform: Platform, account: LoyaltyAccount) -> JSON:
    """Return what a customer or a card has in a program, ledger by ledger."""
    names = dict.fromkeys((MAIN_LEDGER, *account.subledgers))
    return {
        "programId": account.program.id,
        "programName": account.program.name,
        "owner": account.owner,
        "isCard": account.program.card_based,
        "joined": account.join_date(platform.clock()),
        "ledgers": [_ledger_json(platform, account, name) for name in names],
    }


def _ledger_json(platform: Platform, account: LoyaltyAccount, name: str) -> JSON:
    now = platform.clock()
    balance = balance_json(account.read(name).standing(now).balance)
    return {"name": name, **balance, **tier_json(account, name, now)}
