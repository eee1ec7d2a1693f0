"""Ledgers of loyalty programs: balances, transactions, the points that are left, and what changes them."""

from datetime import datetime
from typing import Any, Literal

from attrs import Attribute, define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import LimitError, json_name, length_between, non_empty, unique, uuids
from aiotalonone.models.loyalty import LoyaltyCardProfileRegistration, Tier

__all__ = [
    "ActivateLoyaltyPoints",
    "ActivateLoyaltyPointsResponse",
    "CardLedgerPointsEntryIntegrationAPI",
    "CardLedgerTransactionLogEntryIntegrationAPI",
    "DeleteLoyaltyTransactionsRequest",
    "LedgerPointsEntryIntegrationAPI",
    "LedgerTransactionLogEntryIntegrationAPI",
    "LoyaltyBalance",
    "LoyaltyBalanceWithTier",
    "LoyaltyBalancesWithTiers",
    "LoyaltyCardBalances",
    "LoyaltyCardPoints",
    "LoyaltyCardTransactions",
    "LoyaltyLedgerEntry",
    "LoyaltyLedgerEntryFlags",
    "LoyaltyPointsSort",
    "LoyaltyPointsStatus",
    "LoyaltyProgramProfilePoints",
    "LoyaltyProgramProfileTransactions",
    "LoyaltyTransactionType",
    "LoyaltyTransactionsScope",
    "ProjectedTier",
]

LoyaltyPointsSort = Literal["startDate", "-startDate", "expiryDate", "-expiryDate"]
"""What points are sorted by; with ``-`` the latest come first."""
LoyaltyPointsStatus = Literal["active", "pending", "expired"]
"""Whether points can be spent, not yet, or no longer."""
LoyaltyTransactionType = Literal["manual", "session", "import"]
"""Where a transaction comes from: a user, a customer session, or a file."""
LoyaltyTransactionsScope = Literal["AllSubledgers", "SelectedSubledgers"]
"""Whether all ledgers of a program are meant, or those that are named."""


@define(kw_only=True)
class LoyaltyBalance(Model):
    """Points in one ledger. Schema ``LoyaltyBalance``."""

    active_points: float | None = None
    """Points that can be spent."""
    pending_points: float | None = None
    """Points that are not active yet."""
    spent_points: float | None = None
    """Points spent so far."""
    expired_points: float | None = None
    """Points that expired before they were spent."""
    negative_points: float | None = None
    """Points owed; the active points are then 0."""


@define(kw_only=True)
class ProjectedTier(Model):
    """Where a customer will be once the current tier expires. Schema ``ProjectedTier``."""

    projected_active_points: float
    """Active points at that time."""
    stay_in_tier_points: float | None = None
    """Points missing to stay in the current tier, if the customer would leave it."""
    projected_tier_name: str | None = None
    """Name of the tier that follows."""


@define(kw_only=True)
class LoyaltyBalanceWithTier(LoyaltyBalance):
    """Points in one ledger, and the tier they lead to if it was asked for. Schema ``LoyaltyBalanceWithTier``."""

    current_tier: Tier | None = None
    """The customer's tier."""
    projected_tier: ProjectedTier | None = None
    """Where the customer will be once that tier expires."""
    points_to_next_tier: float | None = None
    """Points missing to the next tier."""
    next_tier_name: str | None = None
    """Name of the next tier, of the lowest one if there is no current tier; ``None`` in the highest one."""


@define(kw_only=True)
class LoyaltyBalancesWithTiers(Model):
    """A customer's points in one program. Schema ``LoyaltyBalancesWithTiers``."""

    balance: LoyaltyBalanceWithTier | None = None
    """Points in the main ledger."""
    subledger_balances: dict[str, LoyaltyBalanceWithTier] = field(factory=dict)
    """Points by subledger."""


@define(kw_only=True)
class LoyaltyCardBalances(Model):
    """A card's points in its program. Schema ``LoyaltyCardBalances``."""

    balance: LoyaltyBalance | None = None
    """Points in the main ledger."""
    subledger_balances: dict[str, LoyaltyBalance] = field(factory=dict)
    """Points by subledger."""
    profiles: list[LoyaltyCardProfileRegistration] = field(factory=list)
    """Customer profiles linked to the card."""


@define(kw_only=True)
class LoyaltyLedgerEntryFlags(Model):
    """More about a transaction. Schema ``LoyaltyLedgerEntryFlags``."""

    creates_negative_balance: bool | None = None
    """Whether it takes more points than there were."""


@define(kw_only=True)
class _PointsEntry(Model):
    """What transactions and points tell alike, of profiles and of cards."""

    id: int
    """ID of the transaction."""
    transaction_uuid: str = field(metadata=json_name("transactionUUID"))
    """UUID of the transaction, the one that the effect has."""
    created: datetime
    """When it was booked."""
    program_id: int
    """ID of the loyalty program."""
    customer_session_id: str | None = None
    """Integration ID of the customer session that it comes from."""
    name: str
    """Why it was booked."""
    start_date: str
    """When the points become active: ``immediate``, ``on_action``, or an RFC 3339 time."""
    expiry_date: str
    """When the points expire: ``unlimited``, or an RFC 3339 time."""
    subledger_id: str
    """ID of the subledger; empty for the main ledger."""
    amount: float
    """Points."""
    validity_duration: str | None = None
    """How long the points stay active once an action has activated them, such as ``30D``, if no date is set."""


@define(kw_only=True)
class LedgerPointsEntryIntegrationAPI(_PointsEntry):
    """Points of a customer that are left of one transaction. Schema ``LedgerPointsEntryIntegrationAPI``."""


@define(kw_only=True)
class CardLedgerPointsEntryIntegrationAPI(_PointsEntry):
    """Points of a card that are left of one transaction. Schema ``CardLedgerPointsEntryIntegrationAPI``."""

    customer_profile_id: str | None = field(default=None, metadata=json_name("customerProfileID"))
    """Integration ID of the customer who earned them."""


@define(kw_only=True)
class _TransactionEntry(_PointsEntry):
    """What the transactions of profiles and of cards tell alike."""

    type: str
    """``addition`` or ``subtraction``."""
    ruleset_id: int | None = None
    """ID of the set of rules that it comes from."""
    rule_name: str | None = None
    """Name of the rule that it comes from."""


@define(kw_only=True)
class LedgerTransactionLogEntryIntegrationAPI(_TransactionEntry):
    """Points given to or taken from a customer. Schema ``LedgerTransactionLogEntryIntegrationAPI``."""

    store_integration_id: str | None = None
    """Integration ID of the store where it happened, if the session or event named one."""
    flags: LoyaltyLedgerEntryFlags | None = None
    """More about it."""


@define(kw_only=True)
class CardLedgerTransactionLogEntryIntegrationAPI(_TransactionEntry):
    """Points put on a card or taken from it. Schema ``CardLedgerTransactionLogEntryIntegrationAPI``."""

    card_identifier: str
    """The card's identifier, 4 to 108 characters."""


@define(kw_only=True)
class LoyaltyProgramProfileTransactions(Model):
    """A page of a customer's transactions in one program."""

    has_more: bool
    """Whether another page follows."""
    data: list[LedgerTransactionLogEntryIntegrationAPI] = field(factory=list)
    """The transactions."""


@define(kw_only=True)
class LoyaltyProgramProfilePoints(Model):
    """A page of the points that a customer has left in one program."""

    has_more: bool
    """Whether another page follows."""
    data: list[LedgerPointsEntryIntegrationAPI] = field(factory=list)
    """The points, by the transactions that gave them."""


@define(kw_only=True)
class LoyaltyCardTransactions(Model):
    """A page of a card's transactions."""

    has_more: bool
    """Whether another page follows."""
    data: list[CardLedgerTransactionLogEntryIntegrationAPI] = field(factory=list)
    """The transactions."""


@define(kw_only=True)
class LoyaltyCardPoints(Model):
    """A page of the points that are left on a card."""

    has_more: bool
    """Whether another page follows."""
    data: list[CardLedgerPointsEntryIntegrationAPI] = field(factory=list)
    """The points, by the transactions that gave them."""


def _either(model: "ActivateLoyaltyPoints", attribute: "Attribute[Any]", value: Any) -> None:
    """Check that one of the two members is given, and not both."""
    name = "session_id" if attribute.name == "transaction_uuids" else "transaction_uuids"
    other = getattr(model, name)
    if value is None and other is None:
        raise LimitError(f"{attribute.name}: must be given if {name} is not")
    if value is not None and other is not None:
        raise LimitError(f"{attribute.name}: must not be given beside {name}")


@define(kw_only=True)
class ActivateLoyaltyPoints(Model):
    """The pending points to activate, by one of its members. Schema ``ActivateLoyaltyPoints``."""

    transaction_uuids: list[str] | None = field(
        default=None,
        metadata=json_name("transactionUUIDs"),
        validator=[_either, length_between(1, 50, "transactions"), uuids, unique],
    )
    """UUIDs of the transactions that gave the points, 1 to 50, each once."""
    session_id: str | None = field(default=None, validator=[_either, non_empty])
    """Integration ID of the customer session that gave the points."""


@define(kw_only=True)
class LoyaltyLedgerEntry(Model):
    """One row of a ledger. Schema ``LoyaltyLedgerEntry``."""

    created: datetime
    """When it was booked."""
    program_id: int = field(metadata=json_name("programID"))
    """ID of the loyalty program."""
    customer_profile_id: str | None = field(default=None, metadata=json_name("customerProfileID"))
    """Integration ID of the customer, in a profile-based program."""
    card_id: int | None = field(default=None, metadata=json_name("cardID"))
    """ID of the card, in a card-based program."""
    customer_session_id: str | None = field(default=None, metadata=json_name("customerSessionID"))
    """Integration ID of the customer session that it comes from."""
    event_id: int | None = field(default=None, metadata=json_name("eventID"))
    """ID of the event that it comes from."""
    type: str
    """``addition``, ``subtraction``, ``expire``, or ``expiring`` in ledgers of points that expire."""
    amount: float
    """Points."""
    start_date: datetime | None = None
    """When the points become active."""
    expiry_date: datetime | None = None
    """When the points expire."""
    name: str
    """Why it was booked."""
    sub_ledger_id: str = field(metadata=json_name("subLedgerID"))
    """ID of the subledger; empty for the main ledger."""
    user_id: int | None = field(default=None, metadata=json_name("userID"))
    """ID of the user who booked it by hand."""
    archived: bool | None = None
    """Whether it belongs to an archived session."""
    flags: LoyaltyLedgerEntryFlags | None = None
    """More about it."""
    validity_duration: str | None = None
    """How long the points stay active once an action has activated them, such as ``30D``, if no date is set."""


@define(kw_only=True)
class ActivateLoyaltyPointsResponse(Model):
    """What activating points changed. Schema ``ActivateLoyaltyPointsResponse``."""

    ledger_entries: list[LoyaltyLedgerEntry] = field(factory=list)
    """The rows of the ledgers that became active."""


def _selected(model: "DeleteLoyaltyTransactionsRequest", attribute: "Attribute[Any]", value: Any) -> None:
    """Check that the ledgers are named if only some are meant."""
    scope, ids = (value, model.subledger_ids) if attribute.name == "scope" else (model.scope, value)
    if scope == "SelectedSubledgers" and (ids is None or ids == []):
        raise LimitError("subledger_ids: at least one if the scope is SelectedSubledgers")


@define(kw_only=True)
class DeleteLoyaltyTransactionsRequest(Model):
    """Which transactions of a customer to delete. Schema ``DeleteLoyaltyTransactionsRequest``."""

    scope: LoyaltyTransactionsScope = field(validator=_selected)
    """``AllSubledgers``: those of all ledgers of the program; ``SelectedSubledgers``: those of ``subledger_ids``."""
    subledger_ids: list[str] | None = field(default=None, validator=_selected)
    """IDs of the subledgers, one at least, if ``scope`` is ``SelectedSubledgers``; ``""`` is the main ledger."""
