"""Loyalty programs, ledgers and cards as the API returns them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from aiotalonone.sandbox.loyalty.accounts import LoyaltyAccount
from aiotalonone.sandbox.loyalty.cards import LoyaltyCard
from aiotalonone.sandbox.loyalty.program import MAIN_LEDGER, LoyaltyProgram
from aiotalonone.sandbox.loyalty.standing import Balance, Lot
from aiotalonone.sandbox.loyalty.tiers import NO_TIER
from aiotalonone.sandbox.loyalty.transactions import Addition, Dates, Subtraction, Transaction
from aiotalonone.sandbox.rendering.entities import JSON, given
from aiotalonone.sandbox.rules.booking import LoyaltyBooks
from aiotalonone.sandbox.rules.campaigns import Account
from aiotalonone.sandbox.state import Draft
from aiotalonone.sandbox.state.entities import ZERO, Profile

BALANCES = (
    "currentBalance",
    "pendingBalance",
    "negativeBalance",
    "tentativeCurrentBalance",
    "tentativePendingBalance",
    "tentativeNegativeBalance",
)
"""The members of a LedgerInfo that say whether it has points."""


def loyalty_json(
    account: Account, draft: Draft, books: LoyaltyBooks, profile: Profile | None, cards: Sequence[LoyaltyCard]
) -> JSON:
    """Return a Loyalty: the customer's ledgers in each program, and some cards."""
    shown = _Shown(draft, books)
    programs = account.programs.loyalty.values()
    by_profile = [program for program in programs if profile is not None and not program.card_based]
    owner = profile.integration_id if profile else ""
    loyalty: JSON = {"programs": {str(program.id): shown.program(program, owner) for program in by_profile}}
    return loyalty | ({"cards": [card_json(card, account, draft, books) for card in cards]} if cards else {})


def card_json(card: LoyaltyCard, account: Account, draft: Draft, books: LoyaltyBooks) -> JSON:
    """Return a LoyaltyCard with its ledgers."""
    program = account.programs.loyalty[card.program_id]
    shown: JSON = {
        "id": card.id,
        "created": card.created,
        "programID": program.id,
        "programName": program.name,
        "programTitle": program.title,
        "status": card.status,
        "identifier": card.identifier,
        "usersPerCardLimit": program.users_per_card_limit,
        "profiles": card_profiles_json(card),
        "ledger": _Shown(draft, books).ledger(program, card.identifier, MAIN_LEDGER),
        "subledgers": _Shown(draft, books).subledgers(program, card.identifier),
    }
    return shown | given(blockReason=card.block_reason, modified=card.modified)


def card_profiles_json(card: LoyaltyCard) -> list[JSON]:
    """Return the customers that a card is linked to."""
    return [{"integrationId": owner, "timestamp": since} for owner, since in card.registrations.items()]


def tier_json(account: LoyaltyAccount, name: str, now: datetime) -> JSON:
    """Return the members about the tier of a ledger, none if the program has no tiers."""
    program, tiers = account.program, account.program.tiers
    if not tiers:
        return {}
    current = account.tier(name, now)
    rank = current.rank + 1
    if rank < len(tiers):
        missing = tiers[rank].min_points - account.read(name).standing(now).balance.active
        shown: JSON = {"pointsToNextTier": max(missing, ZERO), "nextTierName": tiers[rank].name}
    else:
        shown = {"pointsToNextTier": 0, "nextTierName": None}
    if current.rank == NO_TIER:
        return shown
    tier = tiers[current.rank]
    downgrade = program.tier_expiry.downgrade.value if program.tier_expiry else None
    dates = given(
        startDate=current.start and current.start.astimezone(program.timezone),
        expiryDate=current.expiry and current.expiry.astimezone(program.timezone),
        downgradePolicy=downgrade,
    )
    return {"currentTier": {"id": tier.id, "name": tier.name} | dates} | shown


def projected_tier_json(account: LoyaltyAccount, name: str, now: datetime) -> JSON:
    """Return the member about the tier after the expiry of the present one, none if it does not expire."""
    projected = account.projected_tier(name, now)
    if projected is None:
        return {}
    shown: JSON = {"projectedActivePoints": projected.active}
    shown |= given(stayInTierPoints=projected.missing, projectedTierName=projected.tier and projected.tier.name)
    return {"projectedTier": shown}


def balance_json(balance: Balance) -> JSON:
    """Return a LoyaltyBalance."""
    return {
        "activePoints": balance.active,
        "pendingPoints": balance.pending,
        "spentPoints": balance.spent,
        "expiredPoints": balance.expired,
        "negativePoints": balance.negative,
    }


def transaction_json(transaction: Transaction, ledger: str, account: LoyaltyAccount) -> JSON:
    """Return a LedgerTransactionLogEntryIntegrationAPI, or that of a card, which says less."""
    origin, is_addition = transaction.entry.origin, isinstance(transaction, Addition)
    shown = _points_json(transaction, transaction.amount, ledger, account.program)
    shown |= {"type": "addition" if is_addition else "subtraction"}
    shown |= given(rulesetId=origin.ruleset_id, ruleName=origin.rule_name)
    if account.program.card_based:
        return shown | {"cardIdentifier": account.owner}
    owes = isinstance(transaction, Subtraction) and transaction.creates_negative_balance
    flags = {"createsNegativeBalance": True} if owes else None
    return shown | given(storeIntegrationId=origin.store_integration_id, flags=flags)


def lot_json(lot: Lot, ledger: str, account: LoyaltyAccount) -> JSON:
    """Return a LedgerPointsEntryIntegrationAPI, or that of a card: the points of an addition that are left."""
    profile_id = lot.addition.entry.origin.profile_id if account.program.card_based else None
    return _points_json(lot.addition, lot.remaining, ledger, account.program) | given(customerProfileID=profile_id)


def ledger_entry_json(addition: Addition, ledger: str, account: LoyaltyAccount, card: LoyaltyCard | None) -> JSON:
    """Return a LoyaltyLedgerEntry, which spells its members in its own way."""
    origin, dates = addition.entry.origin, addition.dates
    shown: JSON = {
        "created": addition.created,
        "programID": account.program.id,
        "type": "addition",
        "amount": addition.amount,
        "name": addition.entry.name,
        "subLedgerID": ledger,
    }
    return shown | given(
        customerProfileID=origin.profile_id if card else account.owner,
        cardID=card and card.id,
        customerSessionID=origin.session_id,
        startDate=dates.start,
        expiryDate=dates.expiry,
    )


def _points_json(transaction: Transaction, amount: Decimal, ledger: str, program: LoyaltyProgram) -> JSON:
    dates = transaction.dates if isinstance(transaction, Addition) else Dates()
    waiting = "on_action" if dates.awaits_activation else None
    shown: JSON = {
        "id": transaction.entry.id,
        "transactionUUID": transaction.uuid,
        "created": transaction.created,
        "programId": program.id,
        "name": transaction.entry.name,
        "startDate": waiting or dates.start or "immediate",
        "expiryDate": dates.expiry or "unlimited",
        "subledgerId": ledger,
        "amount": amount,
    }
    return shown | given(
        customerSessionId=transaction.entry.origin.session_id,
        validityDuration=str(dates.validity) if dates.validity else None,
    )


class _Shown:
    """Ledgers as they are and, beside that, as a session that is still open would leave them."""

    def __init__(self, draft: Draft, books: LoyaltyBooks) -> None:
        self._now = draft.now
        self._books = books

    def program(self, program: LoyaltyProgram, owner: str) -> JSON:
        """Return a LoyaltyProgramLedgers."""
        joined = self._books.held(program, owner).join_date(self._now)
        shown: JSON = {
            "id": program.id,
            "name": program.name,
            "title": program.title,
            "ledger": self.ledger(program, owner, MAIN_LEDGER),
            "subLedgers": self.subledgers(program, owner),
        }
        return shown | given(joinDate=joined and joined.astimezone(program.timezone))

    def subledgers(self, program: LoyaltyProgram, owner: str) -> JSON:
        """Return the subledgers; those without any points are left out."""
        names = self._books.read(program, owner).subledgers
        ledgers = {name: self.ledger(program, owner, name) for name in names}
        return {name: ledger for name, ledger in ledgers.items() if any(map(ledger.get, BALANCES))}

    def ledger(self, program: LoyaltyProgram, owner: str, name: str) -> JSON:
        """Return a LedgerInfo; the tier is that of the points that are booked."""
        held = self._books.held(program, owner)
        now = held.read(name).standing(self._now).balance
        then = self._books.read(program, owner).read(name).standing(self._now).balance
        return {
            "currentBalance": now.active,
            "pendingBalance": now.pending,
            "negativeBalance": now.negative,
            "expiredBalance": 0,
            "spentBalance": 0,
            "tentativeCurrentBalance": then.active,
            "tentativePendingBalance": then.pending,
            "tentativeNegativeBalance": then.negative,
        } | tier_json(held, name, self._now)
