"""Customers: profiles, audiences, inventory, erasure."""

from collections.abc import Callable
from typing import Any

from attrs import evolve

from aiotalonone.sandbox.http.concurrency import EntityKey, profile_key
from aiotalonone.sandbox.http.messages import ErasedCustomer, Request, Response
from aiotalonone.sandbox.http.problems import not_found
from aiotalonone.sandbox.operations._base import Context, dry_flag, operation
from aiotalonone.sandbox.operations.parsing import merge, read_attributes, read_content
from aiotalonone.sandbox.rendering.achievements import achievements_json
from aiotalonone.sandbox.rendering.entities import (
    giveaway_json,
    inventory_referral_json,
    owned_coupon_json,
    profile_json,
)
from aiotalonone.sandbox.rendering.loyalty import loyalty_json
from aiotalonone.sandbox.rendering.result import UpdateResult
from aiotalonone.sandbox.rendering.v1 import integration_state
from aiotalonone.sandbox.rendering.v2 import PROFILE_CONTENT, integration_state_v2
from aiotalonone.sandbox.rules.booking import LoyaltyBooks
from aiotalonone.sandbox.rules.engine import Engine
from aiotalonone.sandbox.rules.evaluation import Evaluation
from aiotalonone.sandbox.state import Draft, State
from aiotalonone.sandbox.state.entities import ANONYMOUS, Coupon, Effect, Event, Profile
from aiotalonone.sandbox.validation import (
    MAX_AUDIENCE_ACTIONS,
    MAX_INTEGRATION_ID_LENGTH,
    MAX_PROFILES,
    UNKNOWN,
    JsonObject,
    ValidationError,
)

ACTIONS = ("add", "delete")
PERSONAL_PROPS = {"recipientIntegrationId": ANONYMOUS, "profileId": ANONYMOUS, "cardIdentifier": ANONYMOUS}
ATTRIBUTE_EFFECT = "updateAttribute"


def _entities(request: Request, _state: State) -> list[EntityKey]:
    return [profile_key(request.path["integrationId"])]


def _dry_flag_with_rules(request: Request) -> bool:
    """Return whether nothing is stored: a request that runs no rules is stored in spite of ``dry``."""
    return request.dry and request.query.flag("runRuleEngine")


@operation(
    "updateCustomerProfile",
    "PUT",
    "/v1/customer_profiles/{integrationId}",
    entities=_entities,
    is_dry=dry_flag,
)
def update_customer_profile(context: Context, request: Request) -> Response:
    """Update the profile by V1 and run its rules."""
    engine = Engine(context.account, context.draft)
    result = _update(context, request.path["integrationId"], request.body, engine)
    return Response(200, integration_state(result), evaluation=result.evaluation)


@operation(
    "updateCustomerProfileV2",
    "PUT",
    "/v2/customer_profiles/{integrationId}",
    entities=_entities,
    is_dry=_dry_flag_with_rules,
    idempotent=True,
)
def update_customer_profile_v2(context: Context, request: Request) -> Response:
    """Update the profile by V2; run the rules, and return entities, if the request asks for it."""
    run_rules = request.query.flag("runRuleEngine")
    wanted = read_content(request.body, PROFILE_CONTENT)
    if wanted and not run_rules:
        raise request.body.error("responseContent", "needs runRuleEngine")
    selected = request.body.integers("evaluableCampaignIds")
    engine = Engine(context.account, context.draft, selected if request.dry else ())
    result = _update(context, request.path["integrationId"], request.body, engine if run_rules else None)
    return Response(200, integration_state_v2(result, wanted), evaluation=result.evaluation)


@operation("updateCustomerProfilesV2", "PUT", "/v2/customer_profiles", idempotent=True)
def update_customer_profiles_v2(context: Context, request: Request) -> Response:
    """Update many profiles without running rules; one invalid entry fails them all."""
    entries = request.body.objects("customerProfiles", max_items=MAX_PROFILES)
    profiles = [_merge_entry(context, entry) for entry in entries]
    if request.query.silent:
        return Response(204)
    return Response(200, {"integrationStates": [_bulk_state(context, profile) for profile in profiles]})


def _merge_entry(context: Context, entry: JsonObject) -> Profile:
    integration_id = entry.required_text("integrationId", max_length=MAX_INTEGRATION_ID_LENGTH)
    attributes = read_attributes(context, entry, "CustomerProfile")
    profile = context.draft.profile(integration_id)
    merge(profile.attributes, attributes)
    return profile


def _bulk_state(context: Context, profile: Profile) -> dict[str, Any]:
    shown = profile_json(profile, context.draft)
    return {"customerProfile": shown, "effects": [], "createdCoupons": [], "createdReferrals": []}


def _update(context: Context, integration_id: str, body: JsonObject, engine: Engine | None) -> UpdateResult:
    attributes = read_attributes(context, body, "CustomerProfile")
    is_new = context.draft.profiles.get(integration_id) is None
    profile = context.draft.profile(integration_id)
    merge(profile.attributes, attributes)
    _change_audiences(context, profile, body)
    evaluation = engine.evaluate_profile(profile) if engine else Evaluation(context.draft, final=True, profile=profile)
    event = Event(
        id=context.draft.next_id("event"),
        created=context.draft.now,
        type="talon_profile_created" if is_new else "talon_profile_updated",
        profile_id=integration_id,
        session_id="",
        effects=tuple(evaluation.effects),
    )
    return UpdateResult(context.account, context.draft, event, profile, None, evaluation)


def _change_audiences(context: Context, profile: Profile, body: JsonObject) -> None:
    changes = body.object("audiencesChanges")
    if changes is None:
        return
    for name in "adds", "deletes":
        if name not in changes:
            raise changes.missing(name)
        for index, audience_id in enumerate(changes.integers(name)):
            if context.draft.audiences.get(audience_id) is None:
                text = f"names the audience {audience_id}, which does not exist"
                raise ValidationError(changes.place(name, index), text, title=UNKNOWN)
    profile.audiences |= set(changes.integers("adds"))
    profile.audiences -= set(changes.integers("deletes"))


@operation(
    "updateCustomerProfileAudiences",
    "POST",
    "/v2/customer_audiences",
    accepts_management_token=True,
)
def update_customer_profile_audiences(context: Context, request: Request) -> Response:
    """Add customers to audiences and remove them; one invalid action fails them all."""
    for action in request.body.objects("data", max_items=MAX_AUDIENCE_ACTIONS):
        _change_membership(context, action)
    return Response(204)


def _change_membership(context: Context, action: JsonObject) -> None:
    kind = action.choice("action", ACTIONS)
    if kind is None:
        raise action.missing("action")
    integration_id = action.required_text("profileIntegrationId", max_length=MAX_INTEGRATION_ID_LENGTH)
    audience_id = action.required_integer("audienceId")
    if context.draft.audiences.get(audience_id) is None:
        raise not_found("Audience")
    if kind == "add":
        context.draft.profile(integration_id).audiences.add(audience_id)
    elif context.draft.profiles.get(integration_id) is not None:
        context.draft.profile(integration_id).audiences.discard(audience_id)


@operation("getCustomerInventory", "GET", "/v1/customer_profiles/{integrationId}/inventory")
def get_customer_inventory(context: Context, request: Request) -> Response:
    """Return the parts that the query asks for, and no other."""
    wanted = [part for part in PARTS if request.query.flag(part)]
    profile = context.draft.profiles.get(request.path["integrationId"])
    if profile is None:
        raise not_found("Customer profile")
    return Response(200, {part: PARTS[part](context, profile) for part in wanted})


def _coupons(context: Context, profile: Profile) -> list[dict[str, Any]]:
    owner = profile.integration_id
    mine = (one for one in context.draft.coupons if owner in one.reserved_by or one.recipient == owner)
    return [owned_coupon_json(one, owner) | {"state": _coupon_state(context, one)} for one in mine]


def _coupon_state(context: Context, coupon: Coupon) -> str:
    now = context.draft.now
    if not context.account.campaigns[coupon.campaign_id].is_active_at(now):
        return "disabled"
    if coupon.start_date is not None and now < coupon.start_date:
        return "pending"
    if coupon.usage_limit and coupon.usage_counter >= coupon.usage_limit:
        return "used"
    if coupon.expiry_date is not None and coupon.expiry_date <= now:
        return "expired"
    return "active"


def _referrals(context: Context, profile: Profile) -> list[dict[str, Any]]:
    mine = (one for one in context.draft.referrals if one.advocate == profile.integration_id)
    return [inventory_referral_json(one) for one in mine]


def _giveaways(context: Context, profile: Profile) -> list[dict[str, Any]]:
    mine = (one for one in context.draft.giveaways if one.profile_id == profile.integration_id)
    return [giveaway_json(one) for one in mine]


def _loyalty(context: Context, profile: Profile) -> dict[str, Any]:
    draft = context.draft
    cards = [card for card in draft.loyalty_cards if profile.integration_id in card.registrations]
    return loyalty_json(context.account, draft, LoyaltyBooks(draft, final=True), profile, cards)


PARTS: dict[str, Callable[[Context, Profile], Any]] = {
    "profile": lambda context, profile: profile_json(profile, context.draft),
    "referrals": _referrals,
    "coupons": _coupons,
    "loyalty": _loyalty,
    "giveaways": _giveaways,
    "achievements": lambda context, profile: achievements_json(context.account, context.draft, profile.integration_id),
}


@operation("deleteCustomerData", "DELETE", "/v1/customer_data/{integrationId}")
def delete_customer_data(context: Context, request: Request) -> Response:
    """Erase one customer; sessions and counters stay, without personal data."""
    integration_id, draft = request.path["integrationId"], context.draft
    if draft.profiles.get(integration_id) is None:
        raise not_found("Customer profile")
    sessions = frozenset(session.integration_id for session in draft.sessions if session.profile_id == integration_id)
    for erase in ERASURES:
        erase(draft, integration_id)
    draft.profiles.remove(integration_id)
    return Response(204, erased=ErasedCustomer(integration_id, sessions))


def _erase_from_coupons(draft: Draft, customer: str) -> None:
    for held in draft.coupons:
        if customer in held.reserved_by or customer == held.recipient or customer in held.redemptions:
            coupon = draft.coupons.edit(held.value)
            coupon.reserved_by.discard(customer)
            if customer in coupon.redemptions:
                coupon.redemptions[ANONYMOUS] += coupon.redemptions.pop(customer)
            if coupon.recipient == customer:
                coupon.recipient = ANONYMOUS


def _erase_from_referrals(draft: Draft, customer: str) -> None:
    for held in draft.referrals:
        if customer in (held.advocate, held.friend, *held.referred):
            referral = draft.referrals.edit(held.code)
            referral.referred = [ANONYMOUS if friend == customer else friend for friend in referral.referred]
            if customer in (referral.advocate, referral.friend):
                referral.attributes = {}
            if referral.friend == customer:
                referral.friend = ANONYMOUS
            if referral.advocate == customer:
                referral.advocate = ANONYMOUS


def _erase_from_sessions(draft: Draft, customer: str) -> None:
    for held in draft.sessions:
        if held.profile_id == customer:
            session = draft.sessions.edit(held.integration_id)
            session.profile_id, session.identifiers, session.loyalty_cards = ANONYMOUS, (), ()
            session.attributes = {}
            session.cart_items = tuple(item.without_attributes() for item in session.cart_items)
            session.effects = tuple(_anonymized(effect) for effect in session.effects)


def _erase_from_events(draft: Draft, customer: str) -> None:
    """Erase the customer's events, and those tracked in their sessions while these were anonymous."""
    for held in draft.events:
        session = draft.sessions.get(held.session_id)
        was_anonymous = held.profile_id == ANONYMOUS and session is not None and session.profile_id == customer
        if held.profile_id == customer or was_anonymous:
            _erase_event(draft.events.edit(held.id))
    for held in draft.advanced_events:
        if held.profile_id == customer and held.integration_id is not None:
            _erase_event(draft.advanced_events.edit(held.integration_id))


def _erase_event(event: Event) -> None:
    event.profile_id, event.attributes = ANONYMOUS, {}
    event.effects = tuple(_anonymized(effect) for effect in event.effects)


def _erase_from_giveaways(draft: Draft, customer: str) -> None:
    for held in draft.giveaways:
        if held.profile_id == customer:
            draft.giveaways.edit(held.id).profile_id = None


def _erase_from_loyalty(draft: Draft, customer: str) -> None:
    """Erase the customer's points, and from cards who used them; a card keeps its points."""
    for account in draft.loyalty_accounts:
        if not account.program.card_based and account.owner == customer:
            draft.loyalty_accounts.remove(account.key)
        elif account.names(customer):
            draft.loyalty_accounts.edit(account.key).forget(customer)
    for card in draft.loyalty_cards:
        if customer in card.registrations:
            del draft.loyalty_cards.edit(card.key).registrations[customer]


def _erase_from_achievements(draft: Draft, customer: str) -> None:
    for held in draft.achievement_progress:
        if held.profile_id == customer:
            draft.achievement_progress.remove(held.key)


def _anonymized(effect: Effect) -> Effect:
    blanks = {"value": None} if effect.type == ATTRIBUTE_EFFECT else PERSONAL_PROPS
    return evolve(effect, props={name: blanks.get(name, value) for name, value in effect.props.items()})


# Events come before sessions, by which some of them are found.
ERASURES: tuple[Callable[[Draft, str], None], ...] = (
    _erase_from_coupons,
    _erase_from_referrals,
    _erase_from_events,
    _erase_from_sessions,
    _erase_from_giveaways,
    _erase_from_loyalty,
    _erase_from_achievements,
)
