"""The schemas of loyalty programs and achievements."""

from typing import Final

from aiotalonone.sandbox.campaign_file.achievements import ACTIVATIONS, NAME, RECURRENCES
from aiotalonone.sandbox.campaign_file.schema.terms import (
    Schema,
    choice,
    date_of,
    duration,
    filled,
    flag,
    given,
    integer,
    listing,
    members,
    moment,
    name,
    needs,
    number,
    text,
    whole,
)
from aiotalonone.sandbox.loyalty.cards import BLOCKED, IDENTIFIER, STATUSES
from aiotalonone.sandbox.loyalty.file import EXPIRY_WORDS, START_WORDS
from aiotalonone.sandbox.loyalty.program import DowngradePolicy, ExpirationPolicy, JoinPolicy, ReturnPolicy
from aiotalonone.sandbox.state.achievements import FIXED_SCHEDULE, ON_EXPIRATION

_TIER: Final = members({"name": name(), "minPoints": number(minimum=0)}, {"id": integer("By default its place")})
_CARD: Final = members(
    {"identifier": text(pattern=whole(IDENTIFIER.pattern))},
    {
        "status": choice((*STATUSES, BLOCKED), default=STATUSES[0]),
        "blockReason": text(),
        "customerProfileIds": listing(text(), "The customers that it is linked to"),
    },
)
_POINTS: Final = members(
    {"owner": name("A customer, or a card"), "amount": number("Number of points", exclusiveMinimum=0)},
    {
        "subLedgerId": text("The ledger, by default the main one"),
        "name": text(),
        "startDate": date_of(START_WORDS, "When they become active"),
        "expiryDate": date_of(EXPIRY_WORDS, "When they expire"),
    },
)
_CARD_CODES: Final = members(
    {}, {"couponPattern": text("Each # becomes one of the characters"), "validCharacters": listing(text())}
)

_CARD_BASED: Final[Schema] = {"required": ["cardBased"], "properties": {"cardBased": {"const": True}}}

LOYALTY_PROGRAM: Final[Schema] = members(
    {"id": integer(), "name": name()},
    {
        "title": text(),
        "defaultPending": date_of(START_WORDS, "When points become active, by default at once"),
        "defaultValidity": date_of(EXPIRY_WORDS, "When they expire, by default never"),
        "timezone": text("Whose days and months durations follow, by default UTC"),
        "allowSubledger": flag("Whether effects may name a ledger"),
        "returnPolicy": choice((one.value for one in ReturnPolicy), "What a roll-back may take back"),
        "programJoinPolicy": choice((one.value for one in JoinPolicy), "Who joins without asking"),
        "tiers": listing(_TIER),
        "tiersExpirationPolicy": choice(one.value for one in ExpirationPolicy),
        "tiersExpireIn": duration("When tiers expire"),
        "tierCycleStartDate": moment("Start of the cycle of absolute_expiration"),
        "tiersDowngradePolicy": choice(one.value for one in DowngradePolicy),
        "cardBased": flag("Whether points belong to cards"),
        "usersPerCardLimit": integer("How many customers a card may have; 0: any number", minimum=0),
        "cardCodeSettings": _CARD_CODES,
        "cards": listing(_CARD),
        "points": listing(_POINTS, "Points that are there from the start"),
    },
    needs("tiersExpirationPolicy", "tiersExpireIn"),
    needs("tiersExpireIn", "tiersExpirationPolicy"),
    {
        "if": {
            "required": ["tiersExpirationPolicy"],
            "properties": {"tiersExpirationPolicy": {"const": ExpirationPolicy.ABSOLUTE_EXPIRATION.value}},
        },
        "then": given("tierCycleStartDate"),
    },
    {"if": filled("cards"), "then": _CARD_BASED},
    {"if": filled("tiers"), "then": {"not": _CARD_BASED}},
)

ACHIEVEMENT: Final[Schema] = members(
    {
        "id": integer(minimum=1),
        "name": text("A letter, then letters, digits and underscores", pattern=whole(NAME.pattern)),
        "target": number(exclusiveMinimum=0),
    },
    {
        "title": text(),
        "description": text(),
        "campaignIds": listing(integer()),
        "period": duration("How long a customer has; without one there is no end"),
        "recurrencePolicy": choice(RECURRENCES, default=RECURRENCES[0]),
        "activationPolicy": choice(ACTIVATIONS, default=ACTIVATIONS[0]),
        "fixedStartDate": moment("Start of a fixed schedule"),
        "endDate": moment("From then on no customer makes progress"),
        "isCappedByTarget": flag("Whether progress ends at the target"),
        "allowRollbackAfterCompletion": flag("Whether progress is taken back even after the target was reached"),
    },
    {
        "if": {"required": ["recurrencePolicy"], "properties": {"recurrencePolicy": {"const": ON_EXPIRATION}}},
        "then": given("period"),
    },
    {
        "if": {"required": ["activationPolicy"], "properties": {"activationPolicy": {"const": FIXED_SCHEDULE}}},
        "then": given("fixedStartDate"),
        "else": {"not": given("fixedStartDate")},
    },
)
