"""The points of customers and cards, by program and ledger."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from attrs import define

from aiotalonone.sandbox.loyalty.accounts import LoyaltyAccount
from aiotalonone.sandbox.loyalty.program import MAIN_LEDGER
from aiotalonone.sandbox.loyalty.tiers import NO_TIER
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.window.views._base import Asked, page_of


@define(frozen=True)
class Points:
    """What has become of the points of one ledger."""

    owner: str
    program: str
    ledger: str
    card: str | None
    """The card's status, in a program of cards."""
    tier: str | None
    active: Decimal
    pending: Decimal
    spent: Decimal
    expired: Decimal


def show(asked: Asked) -> dict[str, Any]:
    """Return the view of the points; the customers and cards of a page, each with all of their ledgers."""
    platform = asked.platform
    page = page_of(asked, list(platform.state.loyalty_accounts.values()))
    return {
        "page": page,
        "rows": [points for account in page.rows for points in _ledgers(platform, account)],
        "has_programs": bool(platform.account.programs.loyalty),
    }


def ledgers_of(platform: Platform, customer: str) -> list[Points]:
    """Return the ledgers of a customer, in programs without cards."""
    accounts = platform.state.loyalty_accounts
    keys = [(program.id, customer) for program in platform.account.programs.loyalty.values() if not program.card_based]
    return [points for key in keys if key in accounts for points in _ledgers(platform, accounts[key])]


def _ledgers(platform: Platform, account: LoyaltyAccount) -> Iterator[Points]:
    now, program = platform.clock(), account.program
    card = platform.state.loyalty_cards.get(account.key) if program.card_based else None
    for name in list(account.ledgers) or [MAIN_LEDGER]:
        balance = account.read(name).standing(now).balance
        rank = account.tier(name, now).rank if program.tiers else NO_TIER
        yield Points(
            owner=account.owner,
            program=program.title or program.name,
            ledger=name,
            card=card.status if card else None,
            tier=None if rank == NO_TIER else program.tiers[rank].name,
            active=balance.active - balance.negative,
            pending=balance.pending,
            spent=balance.spent,
            expired=balance.expired,
        )
