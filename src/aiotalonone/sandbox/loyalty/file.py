"""Loyalty programs in the campaign file: settings, tiers, cards, and points that are there from the start."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import define

from aiotalonone.sandbox.loyalty.cards import BLOCKED, IDENTIFIER, IDENTIFIER_RULE, STATUSES
from aiotalonone.sandbox.loyalty.durations import Duration
from aiotalonone.sandbox.loyalty.program import (
    MAIN_LEDGER,
    CardCodes,
    DowngradePolicy,
    ExpirationPolicy,
    JoinPolicy,
    LoyaltyProgram,
    PointsDates,
    ReturnPolicy,
    Tier,
    TierExpiry,
)
from aiotalonone.sandbox.validation import JsonObject, parse_timestamp, read_by_id

START_WORDS: Final = ("immediate", "on_action")
EXPIRY_WORDS: Final = ("unlimited",)

E = TypeVar("E", bound=Enum)


@define(frozen=True)
class CardEntry:
    """A card of a program, as the file has it."""

    identifier: str
    status: str
    block_reason: str | None
    profile_ids: Sequence[str]


@define(frozen=True)
class PointsEntry:
    """Points that an owner has from the start, as the file has them."""

    owner: str
    ledger: str
    amount: Decimal
    name: str
    dates: PointsDates


def read_programs(members: JsonObject) -> dict[int, LoyaltyProgram]:
    """Read all programs, by ID."""
    return read_by_id(members, "loyaltyPrograms", "loyalty program", _program)


def _program(members: JsonObject) -> LoyaltyProgram:
    name, card_based = members.required_text("name"), members.flag("cardBased")
    return LoyaltyProgram(
        id=members.required_integer("id"),
        name=name,
        title=members.text("title") or name,
        card_based=card_based,
        users_per_card_limit=members.integer("usersPerCardLimit", minimum=0) or 0,
        card_codes=_card_codes(members.object("cardCodeSettings")),
        allow_subledger=members.flag("allowSubledger"),
        timezone=read_timezone(members),
        dates=read_dates(members, PointsDates(), start="defaultPending", expiry="defaultValidity"),
        return_policy=_choice(members, "returnPolicy", ReturnPolicy) or ReturnPolicy.WITHIN_BALANCE,
        join_policy=_choice(members, "programJoinPolicy", JoinPolicy) or JoinPolicy.POINTS_EARNED,
        tiers=_tiers(members),
        tier_expiry=_tier_expiry(members),
    )


def read_dates(
    members: JsonObject, default: PointsDates, *, start: str = "startDate", expiry: str = "expiryDate"
) -> PointsDates:
    """Read when points become active and expire; what is left out is as the default says."""
    return PointsDates(
        _date(members, start, START_WORDS) or default.start,
        _date(members, expiry, EXPIRY_WORDS) or default.expiry,
    )


def read_ledger_name(members: JsonObject, program: LoyaltyProgram) -> str:
    """Read the name of a ledger, by default the main one."""
    name = members.text("subLedgerId") or MAIN_LEDGER
    if name != MAIN_LEDGER and not program.allow_subledger:
        raise members.error("subLedgerId", f"loyalty program {program.id} has no subledgers: set allowSubledger")
    return name


def read_cards(members: JsonObject, program: LoyaltyProgram) -> Iterable[CardEntry]:
    """Read the cards of a program."""
    entries = members.objects("cards")
    if entries and not program.card_based:
        raise members.error("cards", "needs a program that is cardBased")
    known: set[str] = set()
    for entry in entries:
        card = _card(entry, program)
        if card.identifier in known:
            raise entry.error("identifier", f"card {card.identifier} exists already")
        known.add(card.identifier)
        yield card


def read_points(members: JsonObject, program: LoyaltyProgram) -> Iterable[PointsEntry]:
    """Read the points that customers or cards of a program have from the start."""
    for entry in members.objects("points"):
        yield PointsEntry(
            owner=entry.required_text("owner"),
            ledger=read_ledger_name(entry, program),
            amount=read_points_amount(entry, "amount"),
            name=entry.text("name") or "Imported",
            dates=read_dates(entry, program.dates),
        )


def read_points_amount(members: JsonObject, name: str) -> Decimal:
    """Read a number of points, which must be above 0."""
    amount = members.required_amount(name)
    if amount <= 0:
        raise members.error(name, "must be above 0")
    return amount


def _card(members: JsonObject, program: LoyaltyProgram) -> CardEntry:
    identifier = members.required_text("identifier")
    if not IDENTIFIER.fullmatch(identifier):
        raise members.error("identifier", IDENTIFIER_RULE)
    profile_ids = members.texts("customerProfileIds")
    if not program.allows(len(profile_ids)):
        raise members.error("customerProfileIds", f"must have at most {program.users_per_card_limit} entries")
    status = members.choice("status", (*STATUSES, BLOCKED)) or STATUSES[0]
    return CardEntry(identifier, status, members.text("blockReason"), profile_ids)


def _card_codes(members: JsonObject | None) -> CardCodes:
    if members is None:
        return CardCodes()
    codes = CardCodes(
        members.text("couponPattern") or CardCodes().pattern,
        "".join(members.texts("validCharacters")) or CardCodes().characters,
    )
    if not IDENTIFIER.fullmatch(codes.pattern.replace("#", codes.characters[0])):
        raise members.error("couponPattern", IDENTIFIER_RULE)
    return codes


def read_timezone(members: JsonObject) -> tzinfo:
    """Read the name of a time zone, by default UTC."""
    name = members.text("timezone") or "UTC"
    try:
        return UTC if name == "UTC" else ZoneInfo(name)  # Windows has no database of time zones
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise members.error("timezone", f"unknown time zone {name!r}") from None


def _tiers(members: JsonObject) -> tuple[Tier, ...]:
    tiers = [_tier(entry, number) for number, entry in enumerate(members.objects("tiers"), 1)]
    if tiers and members.flag("cardBased"):
        raise members.error("tiers", "need a program that is not cardBased")
    for what in "id", "name", "min_points":
        if len({getattr(tier, what) for tier in tiers}) < len(tiers):
            raise members.error("tiers", "must differ in id, name and minPoints")
    return tuple(sorted(tiers, key=lambda tier: tier.min_points))


def _tier(members: JsonObject, number: int) -> Tier:
    min_points = members.required_amount("minPoints")
    if min_points < 0:
        raise members.error("minPoints", "must be at least 0")
    return Tier(members.integer("id") or number, members.required_text("name"), min_points)


def _tier_expiry(members: JsonObject) -> TierExpiry | None:
    policy, expire_in = _choice(members, "tiersExpirationPolicy", ExpirationPolicy), _duration(members, "tiersExpireIn")
    if policy is None and expire_in is None:
        return None
    if policy is None:
        raise members.error("tiersExpirationPolicy", "is required with tiersExpireIn")
    if expire_in is None:
        raise members.error("tiersExpireIn", "is required with tiersExpirationPolicy")
    cycle_start = members.timestamp("tierCycleStartDate")
    if policy is ExpirationPolicy.ABSOLUTE_EXPIRATION and cycle_start is None:
        raise members.error("tierCycleStartDate", "is required with absolute_expiration")
    downgrade = _choice(members, "tiersDowngradePolicy", DowngradePolicy) or DowngradePolicy.ONE_DOWN
    return TierExpiry(policy=policy, expire_in=expire_in, downgrade=downgrade, cycle_start=cycle_start)


def _duration(members: JsonObject, name: str) -> Duration | None:
    text = members.text(name)
    try:
        return None if text is None else Duration.parse(text)
    except ValueError as error:
        raise members.error(name, str(error)) from None


def _date(members: JsonObject, name: str, words: Sequence[str]) -> str | datetime | Duration | None:
    text = members.text(name)
    if text is None or text in words:
        return text
    try:
        return parse_timestamp(text) if "T" in text else Duration.parse(text)
    except ValueError:
        wanted = f"{', '.join(words)}, a date and time with an offset, or a duration such as 30D"
        raise members.error(name, f"must be {wanted}") from None


def _choice(members: JsonObject, name: str, kind: type[E]) -> E | None:
    value = members.choice(name, [one.value for one in kind])
    return None if value is None else kind(value)
