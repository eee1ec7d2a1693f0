"""Erasing a customer: the profile goes, and whatever points to it forgets it."""

from collections.abc import Callable

from attrs import evolve

from aiotalonone.sandbox.calls import Answer, Call, Desk, Erased
from aiotalonone.sandbox.entities import ANONYMOUS, CartItem, Effect
from aiotalonone.sandbox.problems import not_found
from aiotalonone.sandbox.state import Draft

PERSONAL_PROPS = {"recipientIntegrationId": ANONYMOUS, "profileId": ANONYMOUS}
ATTRIBUTE_EFFECT = "updateAttribute"


def delete_customer_data(desk: Desk, call: Call) -> Answer:
    """Erases one customer; carts and counters stay, without the person."""
    if desk.draft.profiles.get(call.path) is None:
        raise not_found("Customer profile")
    sessions = frozenset(session.integration_id for session in desk.draft.sessions if session.profile_id == call.path)
    for erase in ERASURES:
        erase(desk.draft, call.path)
    desk.draft.profiles.remove(call.path)
    return Answer(204, erased=Erased(call.path, sessions))


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
            if person in (referral.advocate, referral.friend):
                referral.attributes = {}
            if referral.friend == person:
                referral.friend = ANONYMOUS
            if referral.advocate == person:
                referral.advocate = ANONYMOUS


def _from_sessions(draft: Draft, person: str) -> None:
    for held in draft.sessions:
        if held.profile_id == person:
            session = draft.sessions.edit(held.integration_id)
            session.profile_id, session.identifiers, session.loyalty_cards = ANONYMOUS, (), ()
            session.attributes = {}
            session.cart_items = tuple(_without_attributes(item) for item in session.cart_items)
            session.effects = tuple(_scrubbed(effect) for effect in session.effects)


def _from_events(draft: Draft, person: str) -> None:
    """Those of their sessions too, from the time before anyone knew whose they were."""
    for held in draft.events:
        session = draft.sessions.get(held.session_id)
        was_anonymous = held.profile_id == ANONYMOUS and session is not None and session.profile_id == person
        if held.profile_id == person or was_anonymous:
            event = draft.events.edit(held.id)
            event.profile_id, event.attributes = ANONYMOUS, {}
            event.effects = tuple(_scrubbed(effect) for effect in event.effects)


def _from_giveaways(draft: Draft, person: str) -> None:
    for held in draft.giveaways:
        if held.profile_id == person:
            draft.giveaways.edit(held.id).profile_id = None


def _without_attributes(item: CartItem) -> CartItem:
    return evolve(item, sent={name: value for name, value in item.sent.items() if name != "attributes"})


def _scrubbed(effect: Effect) -> Effect:
    blanks = {"value": None} if effect.type == ATTRIBUTE_EFFECT else PERSONAL_PROPS
    return evolve(effect, props={name: blanks.get(name, value) for name, value in effect.props.items()})


# Events come before the sessions by which they are found.
ERASURES: tuple[Callable[[Draft, str], None], ...] = (
    _from_coupons,
    _from_referrals,
    _from_events,
    _from_sessions,
    _from_giveaways,
)
