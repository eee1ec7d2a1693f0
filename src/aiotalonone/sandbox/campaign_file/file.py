"""The campaign file: a JSON document, or its content as a mapping, that sets an account up."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from attrs import define, evolve

from aiotalonone.sandbox import json
from aiotalonone.sandbox.account.attribute_types import ENTITIES, TYPES, AttributeTypes
from aiotalonone.sandbox.account.programs import GiveawayPool, Programs
from aiotalonone.sandbox.campaign_file.achievements import read_achievements
from aiotalonone.sandbox.campaign_file.audiences import add_audiences
from aiotalonone.sandbox.campaign_file.catalogs import add_catalogs
from aiotalonone.sandbox.campaign_file.loyalty import set_loyalty_up
from aiotalonone.sandbox.campaign_file.schema import check_members
from aiotalonone.sandbox.campaign_file.settings import STATES, read_application, read_assumptions
from aiotalonone.sandbox.loyalty.file import read_programs
from aiotalonone.sandbox.rules.campaigns import Account, Campaign, Rule
from aiotalonone.sandbox.rules.conditions import read_condition
from aiotalonone.sandbox.rules.effects import read_effect
from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.state.entities import Coupon, Giveaway
from aiotalonone.sandbox.validation import MAX_CODE_LENGTH, JsonObject, ValidationError, check_depth, dotted, read_by_id

SHOP: Final = Path(__file__).with_name("shop.json")
"""The campaign file of the shop that the program serves if it is given no other."""

TEXTS_FOR_CUSTOMERS = ("displayName", "displayDescription", "relatedData")


class CampaignFileError(ValueError):
    """The campaign file cannot be read or is invalid; the message names the place."""


@define(frozen=True)
class Setup:
    """A campaign file, the account that it sets up, and the state that this starts with."""

    document: Mapping[str, Any]
    account: Account
    state: State

    def copy(self) -> Self:
        """Return a setup with a copy of the state."""
        return evolve(self, state=self.state.copy())


def load(
    source: Mapping[str, Any] | Path | str | None, now: datetime, last_ids: Mapping[str, int] | None = None
) -> Setup:
    """Read a mapping or a file; None is an empty account. The IDs of its entities follow the last ones, if given.

    Raises:
        CampaignFileError: The file is not a JSON object, or something in it is invalid.
    """
    try:
        return read_setup(_document(source), now, last_ids or {})
    except ValidationError as error:
        place = dotted(error.path)
        raise CampaignFileError(f"{place or 'the campaign file'}: {error.text}") from None


def _document(source: Mapping[str, Any] | Path | str | None) -> Any:
    if source is None:
        return {}
    if isinstance(source, Mapping):
        return dict(source)
    try:
        return json.load(source)
    except ValueError as error:
        raise CampaignFileError(str(error)) from error


def read_setup(document: Any, now: datetime, last_ids: Mapping[str, int]) -> Setup:
    """Read the content of a campaign file.

    Raises:
        ValidationError: It is not a JSON object, or something in it is invalid.
    """
    check_depth(document)
    members, state = JsonObject(document), State(last_ids=Counter(last_ids))
    members.text("$schema")  # for editors
    programs = _programs(members, now)
    for pool in programs.pools.values():
        _stock(state, pool, now)
    set_loyalty_up(members, programs.loyalty, state, now)
    campaigns = read_by_id(members, "campaigns", "campaign", lambda entry: _campaign(entry, programs, now))
    for entry in members.objects("campaigns"):
        for coupon_entry in entry.objects("coupons"):
            _add_coupon(state, entry.required_integer("id"), coupon_entry, now)
    add_audiences(state, members, now)
    add_catalogs(state, members, now)
    check_members(document)
    return Setup(document, Account(_attribute_types(members), programs, campaigns), state)


def _attribute_types(members: JsonObject) -> AttributeTypes:
    entities: dict[str, dict[str, str]] = {}
    for entity, attributes in members.entries("attributes"):
        if entity not in ENTITIES:
            raise ValidationError(attributes.path, f"unknown entity, must be one of {', '.join(ENTITIES)}")
        for name, kind in attributes.values.items():
            if not isinstance(kind, str) or kind not in TYPES:
                raise attributes.error(name, f"unknown type {kind!r}, must be one of {', '.join(TYPES)}")
        entities[entity] = attributes.values
    return AttributeTypes(entities)


def _programs(members: JsonObject, now: datetime) -> Programs:
    application = read_application(members)
    return Programs(
        loyalty=read_programs(members),
        achievements=read_achievements(members, application.timezone, now),
        pools=read_by_id(members, "giveawayPools", "giveaway pool", _pool),
        application=application,
        assumptions=read_assumptions(members),
    )


def _pool(members: JsonObject) -> GiveawayPool:
    return GiveawayPool(members.required_integer("id"), members.required_text("name"), tuple(members.texts("codes")))


def _stock(state: State, pool: GiveawayPool, now: datetime) -> None:
    for code in pool.codes:
        state.last_ids["giveaway"] += 1
        giveaway = Giveaway(state.last_ids["giveaway"], now, pool.id, code)
        state.giveaways[giveaway.id] = giveaway


def _campaign(members: JsonObject, programs: Programs, now: datetime) -> Campaign:
    campaign_id = members.required_integer("id", minimum=1)
    return Campaign(
        id=campaign_id,
        name=members.required_text("name"),
        created=now,
        state=members.choice("state", STATES) or "enabled",
        start_time=members.timestamp("startTime"),
        end_time=members.timestamp("endTime"),
        tags=tuple(members.texts("tags")),
        attributes=members.mapping("attributes"),
        description=members.text("description") or "",
        linked_store_ids=tuple(members.integers("linkedStoreIds")),
        linked_audience_ids=tuple(members.integers("linkedAudienceIds")),
        rules=tuple(_rule(campaign_id, index, entry, programs) for index, entry in enumerate(members.objects("rules"))),
        coupons_per_profile=_coupons_per_profile(members),
    )


def _coupons_per_profile(members: JsonObject) -> int | None:
    """Return how many coupons a customer may redeem; any other budget is a mistake, for it would have no effect."""
    found = None
    for limit in members.objects("limits"):
        if limit.required_text("action") != "redeemCoupon":
            raise limit.error("action", "the sandbox has budgets for redeemCoupon alone")
        if limit.texts("entities") != ["Profile"]:
            raise limit.error("entities", 'the sandbox has budgets per profile alone: must be ["Profile"]')
        if limit.text("period"):
            raise limit.error("period", "the sandbox has no budgets that recur")
        if found is not None:
            raise limit.error("action", "there is a limit of this kind already")
        found = limit.required_integer("limit", minimum=0)
    return found


def _rule(campaign_id: int, index: int, members: JsonObject, programs: Programs) -> Rule:
    rule = Rule(
        campaign_id,
        index,
        members.required_text("name"),
        tuple(read_condition(entry) for entry in members.objects("conditions")),
        tuple(read_effect(entry, programs) for entry in members.objects("effects")),
        {name: text for name in TEXTS_FOR_CUSTOMERS if (text := members.text(name)) is not None},
    )
    if rule.by_event and (rule.by_coupon or rule.by_referral):
        raise members.error("conditions", "an event and a code cannot be asked for together")
    return rule


def _add_coupon(state: State, campaign_id: int, members: JsonObject, now: datetime) -> None:
    value = members.required_text("value", max_length=MAX_CODE_LENGTH)
    if value in state.coupons:
        raise members.error("value", f"coupon {value} exists already")
    state.last_ids["coupon"] += 1
    state.coupons[value] = Coupon(
        id=state.last_ids["coupon"],
        created=now,
        campaign_id=campaign_id,
        value=value,
        usage_limit=members.integer("usageLimit", minimum=0) or 0,
        start_date=members.timestamp("startDate"),
        expiry_date=members.timestamp("expiryDate"),
        recipient=members.text("recipientIntegrationId") or None,
        reservation_mandatory=members.flag("isReservationMandatory"),
        limit_per_profile=_coupons_per_profile(members),
        attributes=members.mapping("attributes"),
    )
