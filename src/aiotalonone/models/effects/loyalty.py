"""Effects on loyalty points and tiers."""

from datetime import datetime

from attrs import define, field

from aiotalonone.models._fields import json_name
from aiotalonone.models.effects._base import EffectProps
from aiotalonone.models.loyalty import LoyaltyLedgerEntryExpiryDateChange

__all__ = [
    "AddLoyaltyPointsEffectProps",
    "ChangeLoyaltyTierLevelEffectProps",
    "DeductLoyaltyPointsEffectProps",
    "ExtendLoyaltyPointsExpiryDateEffectProps",
    "JoinLoyaltyProgramEffectProps",
    "RollbackAddedLoyaltyPointsEffectProps",
    "RollbackDeductedLoyaltyPointsEffectProps",
    "SetLoyaltyPointsExpiryDateEffectProps",
]


@define(kw_only=True)
class AddLoyaltyPointsEffectProps(EffectProps):
    """Points were given. Schema ``AddLoyaltyPointsEffectProps``."""

    name: str
    """Why they were given."""
    program_id: int
    """ID of the loyalty program."""
    sub_ledger_id: str
    """ID of the subledger; empty for the main ledger."""
    value: float
    """Points given."""
    desired_value: float | None = None
    """What they would have been without budgets, if partial rewards are on."""
    recipient_integration_id: str
    """Integration ID of the customer who receives them."""
    start_date: datetime | None = None
    """When the points become active."""
    expiry_date: datetime | None = None
    """When the points expire."""
    transaction_uuid: str = field(metadata=json_name("transactionUUID"))
    """UUID of the transaction."""
    cart_item_position: int | None = None
    """Place in the cart of the item that they were given for."""
    cart_item_sub_position: int | None = None
    """Which unit of that item."""
    card_identifier: str | None = None
    """The loyalty card that received them."""
    bundle_index: int | None = None
    """Which bundle of its definition they were given for, 0 for the first."""
    bundle_name: str | None = None
    """Name of the bundle's definition."""
    awaits_activation: bool | None = None
    """Whether an action of the customer makes the points active."""
    validity_duration: str | None = None
    """How long the points stay active, such as ``30D``."""


@define(kw_only=True)
class JoinLoyaltyProgramEffectProps(EffectProps):
    """The customer joined a loyalty program. Older servers do not send it."""

    program_id: int
    """ID of the loyalty program."""
    join_date: datetime
    """When the customer joined."""


@define(kw_only=True)
class RollbackAddedLoyaltyPointsEffectProps(EffectProps):
    """Given points are taken back. Schema ``RollbackAddedLoyaltyPointsEffectProps``."""

    program_id: int
    """ID of the loyalty program."""
    sub_ledger_id: str
    """ID of the subledger; empty for the main ledger."""
    value: float
    """Points taken back."""
    recipient_integration_id: str
    """Integration ID of the customer who had received them."""
    transaction_uuid: str = field(metadata=json_name("transactionUUID"))
    """UUID of the transaction."""
    cart_item_position: int | None = None
    """Place in the cart of the item that they were given for."""
    cart_item_sub_position: int | None = None
    """Which unit of that item."""
    card_identifier: str | None = None
    """The loyalty card that had received them."""


@define(kw_only=True)
class DeductLoyaltyPointsEffectProps(EffectProps):
    """Points were redeemed. Schema ``DeductLoyaltyPointsEffectProps``."""

    rule_title: str
    """Title of the rule that redeemed them."""
    program_id: int
    """ID of the loyalty program."""
    sub_ledger_id: str
    """ID of the subledger; empty for the main ledger."""
    value: float
    """Points redeemed."""
    transaction_uuid: str = field(metadata=json_name("transactionUUID"))
    """UUID of the transaction."""
    name: str | None = None
    """Why they were redeemed."""
    card_identifier: str | None = None
    """The loyalty card that they were taken from."""


@define(kw_only=True)
class RollbackDeductedLoyaltyPointsEffectProps(EffectProps):
    """Redeemed points are given back. Schema ``RollbackDeductedLoyaltyPointsEffectProps``."""

    program_id: int
    """ID of the loyalty program."""
    sub_ledger_id: str
    """ID of the subledger; empty for the main ledger."""
    value: float
    """Points given back."""
    recipient_integration_id: str
    """Integration ID of the customer who had redeemed them."""
    start_date: datetime | None = None
    """When the points become active."""
    expiry_date: datetime | None = None
    """When the points expire."""
    transaction_uuid: str = field(metadata=json_name("transactionUUID"))
    """UUID of the transaction."""
    card_identifier: str | None = None
    """The loyalty card that they had been taken from."""


@define(kw_only=True)
class ChangeLoyaltyTierLevelEffectProps(EffectProps):
    """A customer rose to a higher tier. Schema ``ChangeLoyaltyTierLevelEffectProps``."""

    rule_title: str
    """Title of the rule that gave the points for it."""
    program_id: int
    """ID of the loyalty program."""
    sub_ledger_id: str
    """ID of the subledger; empty for the main ledger."""
    previous_tier_name: str | None = None
    """The tier before, if the customer had one."""
    new_tier_name: str
    """The tier reached."""
    expiry_date: datetime | None = None
    """When the new tier expires."""


@define(kw_only=True)
class ExtendLoyaltyPointsExpiryDateEffectProps(EffectProps):
    """Points expire later than they did. Schema ``ExtendLoyaltyPointsExpiryDateEffectProps``."""

    program_id: int
    """ID of the loyalty program."""
    sub_ledger_id: str
    """Name that the API knows the subledger by; empty for the main ledger."""
    extension_duration: str
    """By how much, such as ``12h``, ``30D`` or ``1Y``."""
    affected_transactions: list[LoyaltyLedgerEntryExpiryDateChange] = field(factory=list)
    """The transactions whose points they are."""


@define(kw_only=True)
class SetLoyaltyPointsExpiryDateEffectProps(EffectProps):
    """Points expire at a given time. Schema ``SetLoyaltyPointsExpiryDateEffectProps``."""

    program_id: int
    """ID of the loyalty program."""
    sub_ledger_id: str
    """Name that the API knows the subledger by; empty for the main ledger."""
    new_expiry_date: datetime
    """When they expire."""
    affected_transactions: list[LoyaltyLedgerEntryExpiryDateChange] = field(factory=list)
    """The transactions whose points they are."""
