"""Loyalty programs: balances, tiers, cards and ledger entries."""

from datetime import datetime
from typing import Literal

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import json_name, length_between, matching

__all__ = [
    "GenerateLoyaltyCard",
    "LedgerEntry",
    "LedgerInfo",
    "Loyalty",
    "LoyaltyCard",
    "LoyaltyCardProfileRegistration",
    "LoyaltyCardRegistration",
    "LoyaltyCardStatus",
    "LoyaltyLedgerEntryExpiryDateChange",
    "LoyaltyMembership",
    "LoyaltyProgramBalance",
    "LoyaltyProgramLedgers",
    "Tier",
]

LoyaltyCardStatus = Literal["active", "inactive"]
"""Whether a new loyalty card can be used."""


@define(kw_only=True)
class Tier(Model):
    """A customer's tier in a loyalty program. Schema ``Tier``."""

    id: int
    """ID of the tier."""
    name: str
    """Name of the tier."""
    start_date: datetime | None = None
    """When the customer came into the tier."""
    expiry_date: datetime | None = None
    """When the tier expires."""
    downgrade_policy: str | None = None
    """``one_down``: one tier at a time; ``balance_based``: to the tier that the balance allows."""


@define(kw_only=True)
class LoyaltyProgramBalance(Model):
    """Point balances of one ledger. Schema ``LoyaltyProgramBalance``.

    The tentative balances count what this session would add and deduct, and no other open session.
    """

    current_balance: float
    """Active points."""
    pending_balance: float
    """Points that are not active yet."""
    negative_balance: float | None = None
    """Points owed; the current balance is then 0."""
    expired_balance: float
    """Expired points; deprecated, newer servers send 0."""
    spent_balance: float
    """Spent points; deprecated, newer servers send 0."""
    tentative_current_balance: float
    """Active points as they will be once the session is closed."""
    tentative_pending_balance: float | None = None
    """Pending points as they will be once the session is closed."""
    tentative_negative_balance: float | None = None
    """Points owed once the session is closed."""


@define(kw_only=True)
class LedgerInfo(LoyaltyProgramBalance):
    """Point balances of one ledger, with the tier they lead to. Schema ``LedgerInfo``."""

    current_tier: Tier | None = None
    """The customer's tier."""
    points_to_next_tier: float | None = None
    """Points missing to the next tier."""
    next_tier_name: str | None = None
    """Name of the next tier; ``None`` in the highest one."""


@define(kw_only=True)
class LoyaltyProgramLedgers(Model):
    """A customer's balances in one program. Schema ``LoyaltyProgramLedgers``."""

    id: int
    """ID of the loyalty program."""
    title: str
    """Name shown to people."""
    name: str
    """Name that the API knows the program by."""
    join_date: datetime | None = None
    """When the customer joined."""
    ledger: LedgerInfo
    """Balances of the main ledger."""
    sub_ledgers: dict[str, LedgerInfo] = field(factory=dict)
    """Balances by subledger; those with nothing in them are left out."""


@define(kw_only=True)
class LoyaltyCardProfileRegistration(Model):
    """A customer profile linked to a loyalty card. Schema ``LoyaltyCardProfileRegistration``."""

    integration_id: str
    """Integration ID of the profile."""
    timestamp: datetime
    """When it was linked."""


@define(kw_only=True)
class LoyaltyCard(Model):
    """A loyalty card with its balances. Schema ``LoyaltyCard``."""

    id: int
    """ID of the card."""
    created: datetime
    """When it was created."""
    program_id: int = field(metadata=json_name("programID"))
    """ID of the loyalty program that owns it."""
    program_name: str | None = None
    """Name that the API knows the program by."""
    program_title: str | None = None
    """The program's name shown to people."""
    status: str
    """``active`` or ``inactive``."""
    block_reason: str | None = None
    """Why the card was blocked and its points were moved."""
    identifier: str
    """The card's identifier, 4 to 108 characters."""
    users_per_card_limit: int
    """Customer profiles that may be linked to the card; 0 for any number."""
    profiles: list[LoyaltyCardProfileRegistration] = field(factory=list)
    """Customer profiles linked to the card."""
    ledger: LedgerInfo | None = None
    """Balances of the card in the main ledger."""
    subledgers: dict[str, LedgerInfo] = field(factory=dict)
    """Balances of the card by subledger."""
    modified: datetime | None = None
    """When the card was last changed."""
    old_card_identifier: str | None = None
    """The card that the points came from."""
    new_card_identifier: str | None = None
    """The card that the points went to."""
    batch_id: str | None = None
    """ID of the batch that the card was created in."""


@define(kw_only=True)
class LoyaltyCardRegistration(Model):
    """The customer profile to link to a loyalty card, or to unlink from it. Schema ``LoyaltyCardRegistration``."""

    integration_id: str
    """Integration ID of the profile."""


@define(kw_only=True)
class GenerateLoyaltyCard(Model):
    """A loyalty card to be made. Schema ``GenerateLoyaltyCard``."""

    status: LoyaltyCardStatus | None = None
    """``active``, which is the default, or ``inactive``."""
    customer_profile_ids: list[str] | None = None
    """Integration IDs of the profiles to link to it, at most as many as the program allows for one card."""
    card_identifier: str | None = field(
        default=None,
        validator=[
            length_between(4, 108, "characters"),
            matching("[A-Za-z0-9._%+@-]*", "letters, digits and the characters . _ % + @ - alone"),
        ],
    )
    """The card's identifier: 4 to 108 ASCII letters, digits and ``._%+@-``. Left out, the program makes one."""


@define(kw_only=True)
class Loyalty(Model):
    """A customer's balances in all programs. Schema ``Loyalty``."""

    cards: list[LoyaltyCard] = field(factory=list)
    """The customer's cards in card-based programs."""
    programs: dict[str, LoyaltyProgramLedgers] = field(factory=dict)
    """Balances in profile-based programs, by the program's ID."""


@define(kw_only=True)
class LoyaltyMembership(Model):
    """A customer's membership in a loyalty program. Schema ``LoyaltyMembership``."""

    joined: datetime | None = None
    """When the customer joined."""
    loyalty_program_id: int | None = None
    """ID of the loyalty program."""


@define(kw_only=True)
class LedgerEntry(Model):
    """Points given or taken by an event. Schema ``LedgerEntry``."""

    id: int
    """ID of the entry."""
    created: datetime
    """When it was booked."""
    profile_id: str | None = None
    """Integration ID of the customer; left out or empty if it is not known yet."""
    account_id: int
    """ID of the Talon.One account."""
    loyalty_program_id: int
    """ID of the loyalty program."""
    event_id: int
    """ID of the event that led to it."""
    amount: int
    """Points."""
    reason: str
    """Why they were given or taken."""
    expiry_date: datetime
    """When the points expire."""
    reference_id: int | None = None
    """ID of the entry that balances this one."""


@define(kw_only=True)
class LoyaltyLedgerEntryExpiryDateChange(Model):
    """A transaction whose points expire at another time. Schema ``LoyaltyLedgerEntryExpiryDateChange``."""

    transaction_uuid: str = field(metadata=json_name("transactionUUID"))
    """UUID of the transaction."""
    previous_expiry_date: datetime | None = None
    """When the points expired before the change."""
    new_expiry_date: datetime
    """When they expire now."""
