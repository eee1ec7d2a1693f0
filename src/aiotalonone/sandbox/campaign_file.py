"""The campaign file: a JSON document, or the same as a mapping, that sets an account up."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from attrs import define

from aiotalonone.sandbox.campaigns import Account, Campaign, Rule
from aiotalonone.sandbox.definitions import ENTITIES, TYPES, Definitions
from aiotalonone.sandbox.entities import Coupon, Giveaway
from aiotalonone.sandbox.limits import CODE_LENGTH
from aiotalonone.sandbox.programs import GiveawayPool, LoyaltyProgram, Programs
from aiotalonone.sandbox.reading import Members, UnfitError, check_depth, dotted
from aiotalonone.sandbox.rules.conditions import read_condition
from aiotalonone.sandbox.rules.gifts import read_gift
from aiotalonone.sandbox.state import State

STATES = ("enabled", "disabled", "archived")


class CampaignFileError(ValueError):
    """The campaign file cannot be used; the message names the place."""


@define(frozen=True)
class Setup:
    """An account, and the state it starts with."""

    account: Account
    state: State


def load(source: Mapping[str, Any] | Path | str | None, now: datetime) -> Setup:
    """Reads a mapping or a file; None is an account without anything in it.

    Raises:
        CampaignFileError: The file is no JSON object or something in it does not fit.
    """
    try:
        document = _document(source)
        check_depth(document)
        return _setup(Members(document), now)
    except UnfitError as unfit:
        place = dotted(unfit.path)
        raise CampaignFileError(f"{place}: {unfit.text}" if place else unfit.text) from None


def _document(source: Mapping[str, Any] | Path | str | None) -> Any:
    if source is None:
        return {}
    if isinstance(source, Mapping):
        return dict(source)
    try:
        return orjson.loads(Path(source).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise CampaignFileError(f"{source}: {error}") from error


def _setup(members: Members, now: datetime) -> Setup:
    state = State()
    programs = _programs(members)
    for pool in programs.pools.values():
        _stock(state, pool, now)
    campaigns: dict[int, Campaign] = {}
    for entry in members.objects("campaigns"):
        campaign = _campaign(entry, programs, now)
        if campaign.id in campaigns:
            raise entry.unfit("id", f"campaign {campaign.id} exists already")
        campaigns[campaign.id] = campaign
        for coupon_entry in entry.objects("coupons"):
            _add_coupon(state, campaign.id, coupon_entry, now)
    return Setup(Account(_definitions(members), programs, campaigns), state)


def _definitions(members: Members) -> Definitions:
    entities: dict[str, dict[str, str]] = {}
    for entity, attributes in members.entries("attributes"):
        if entity not in ENTITIES:
            raise UnfitError(attributes.path, f"unknown entity, must be one of {', '.join(ENTITIES)}")
        for name, kind in attributes.values.items():
            if kind not in TYPES:
                raise attributes.unfit(name, f"unknown type {kind!r}, must be one of {', '.join(TYPES)}")
        entities[entity] = attributes.values
    return Definitions(entities)


def _programs(members: Members) -> Programs:
    return Programs(
        loyalty={program.id: program for program in map(_loyalty_program, members.objects("loyaltyPrograms"))},
        pools={pool.id: pool for pool in map(_pool, members.objects("giveawayPools"))},
        audiences={
            audience.required_integer("id"): audience.required_text("name") for audience in members.objects("audiences")
        },
    )


def _loyalty_program(members: Members) -> LoyaltyProgram:
    name = members.required_text("name")
    return LoyaltyProgram(members.required_integer("id"), name, members.text("title") or name)


def _pool(members: Members) -> GiveawayPool:
    return GiveawayPool(members.required_integer("id"), members.required_text("name"), tuple(members.texts("codes")))


def _stock(state: State, pool: GiveawayPool, now: datetime) -> None:
    for code in pool.codes:
        state.last_ids["giveaway"] += 1
        giveaway = Giveaway(state.last_ids["giveaway"], now, pool.id, code)
        state.giveaways[giveaway.id] = giveaway


def _campaign(members: Members, programs: Programs, now: datetime) -> Campaign:
    campaign_id = members.required_integer("id", at_least=1)
    return Campaign(
        id=campaign_id,
        name=members.required_text("name"),
        created=now,
        state=members.choice("state", STATES) or "enabled",
        start_time=members.moment("startTime"),
        end_time=members.moment("endTime"),
        tags=tuple(members.texts("tags")),
        attributes=members.mapping("attributes"),
        rules=tuple(_rule(campaign_id, index, entry, programs) for index, entry in enumerate(members.objects("rules"))),
    )


def _rule(campaign_id: int, index: int, members: Members, programs: Programs) -> Rule:
    rule = Rule(
        campaign_id,
        index,
        members.required_text("name"),
        tuple(read_condition(entry) for entry in members.objects("conditions")),
        tuple(read_gift(entry, programs) for entry in members.objects("effects")),
    )
    if rule.by_event and (rule.by_coupon or rule.by_referral):
        raise members.unfit("conditions", "an event and a code cannot be asked for together")
    return rule


def _add_coupon(state: State, campaign_id: int, members: Members, now: datetime) -> None:
    value = members.required_text("value", at_most=CODE_LENGTH)
    if value in state.coupons:
        raise members.unfit("value", f"coupon {value} exists already")
    state.last_ids["coupon"] += 1
    state.coupons[value] = Coupon(
        id=state.last_ids["coupon"],
        created=now,
        campaign_id=campaign_id,
        value=value,
        usage_limit=members.integer("usageLimit", at_least=0) or 0,
        start_date=members.moment("startDate"),
        expiry_date=members.moment("expiryDate"),
        recipient=members.text("recipientIntegrationId") or None,
        reservation_mandatory=members.flag("isReservationMandatory"),
        attributes=members.mapping("attributes"),
    )
