"""Erasing a customer: the profile goes, and whatever points to it forgets it."""

from collections.abc import Callable

from attrs import evolve

from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.entities import ANONYMOUS, Effect
from aiotalonone.sandbox.problems import not_found
from aiotalonone.sandbox.state import Draft

PERSONAL_PROPS = ("recipientIntegrationId", "profileId")


def delete_customer_data(desk: Desk, call: Call) -> Answer:
    """Erases one customer; carts and counters stay, without the person."""
    if desk.draft.profiles.get(call.path) is None:
        raise not_found("Customer profile")
    for erase in ERASURES:
        erase(desk.draft, call.path)
    desk.draft.profiles.remove(call.path)
    return Answer(204, erased=call.path)


def _from_coupons(draft: Draft, person: str) -> None:
    for held in draft.coupons:
        if person in held.reserved_by or person == held.recipient or person in held.redemptions:
            coupon = draft.coupons.edit(held.value)
            coupon.reserved_by.discard(person)
            if person in coupon.redemptions:
                coupon.redemptions[ANONYMOUS] += coupon.redemptions.pop(person)
            if coupon.recipient == person:
                coupon.recipient = ANONYMOUS


def _from_referrals(draft: Draft, person: str) -> None:
    for held in draft.referrals:
        if person in (held.advocate, held.friend, *held.referred):
            referral = draft.referrals.edit(held.code)
            referral.referred = [ANONYMOUS if friend == person else friend for friend in referral.referred]
            if referral.friend == person:
                referral.friend = ANONYMOUS
            if referral.advocate == person:
                referral.advocate, referral.attributes = ANONYMOUS, {}


def _from_sessions(draft: Draft, person: str) -> None:
    for held in draft.sessions:
        if held.profile_id == person:
            session = draft.sessions.edit(held.integration_id)
            session.profile_id, session.identifiers, session.loyalty_cards = ANONYMOUS, (), ()
            session.attributes = {}
            session.effects = tuple(_scrubbed(effect) for effect in session.effects)


def _from_events(draft: Draft, person: str) -> None:
    for held in draft.events:
        if held.profile_id == person:
            event = draft.events.edit(held.id)
            event.profile_id, event.attributes = ANONYMOUS, {}
            event.effects = tuple(_scrubbed(effect) for effect in event.effects)


def _from_giveaways(draft: Draft, person: str) -> None:
    for held in draft.giveaways:
        if held.profile_id == person:
            draft.giveaways.edit(held.id).profile_id = None


def _scrubbed(effect: Effect) -> Effect:
    named = {name: ANONYMOUS for name in PERSONAL_PROPS if name in effect.props}
    return evolve(effect, props={**effect.props, **named}) if named else effect


ERASURES: tuple[Callable[[Draft, str], None], ...] = (
    _from_coupons,
    _from_referrals,
    _from_sessions,
    _from_events,
    _from_giveaways,
)
