"""Events: what happened in a session or to a customer."""

from datetime import datetime
from typing import Any, Literal

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import length_between, max_length, non_empty
from aiotalonone.models.loyalty import LedgerEntry

__all__ = [
    "CouponRejectionReason",
    "Event",
    "EventV2ResponseContent",
    "EventV3",
    "EventV3ResponseContent",
    "IntegrationEventV2Request",
    "IntegrationEventV3Request",
    "Meta",
    "NewEvent",
    "ReferralRejectionReason",
]

EventV2ResponseContent = Literal[
    "customerProfile",
    "triggeredCampaigns",
    "loyalty",
    "event",
    "awardedGiveaways",
    "ruleFailureReasons",
    "campaignEligibility",
    "achievements",
]
"""A part of the state that the response to an event can contain."""

EventV3ResponseContent = Literal[
    "customerProfile",
    "triggeredCampaigns",
    "loyalty",
    "advancedEvent",
    "awardedGiveaways",
    "ruleFailureReasons",
]
"""A part of the state that the response to an advanced event can contain."""


@define(kw_only=True)
class NewEvent(Model):
    """An event to record. Schema ``NewEvent``."""

    profile_id: str | None = None
    """Integration ID of the customer, empty in an anonymous session."""
    type: str = field(validator=non_empty)
    """Name of the event, other than the API's own names."""
    attributes: dict[str, Any]
    """What is to be known of the event."""
    store_integration_id: str | None = None
    """Integration ID of the store; older servers ignore it."""
    session_id: str = field(validator=non_empty)
    """Integration ID of the session that the event belongs to; an unknown one is created."""


@define(kw_only=True)
class IntegrationEventV2Request(Model):
    """An event to record, V2. Schema ``IntegrationEventV2Request``."""

    profile_id: str
    """Integration ID of the customer; the API requires it although its schema does not."""
    store_integration_id: str | None = field(default=None, validator=length_between(1, 1000, "characters"))
    """Integration ID of the store, 1 to 1000 characters."""
    evaluable_campaign_ids: list[int] | None = None
    """In a dry call: the only campaigns to evaluate, disabled ones included."""
    type: str = field(validator=non_empty)
    """Name of a custom event of the account."""
    attributes: dict[str, Any] | None = None
    """What is to be known of the event."""
    response_content: list[EventV2ResponseContent] | None = None
    """Parts of the state that the response contains, if it is not silent."""
    loyalty_cards: list[str] | None = field(default=None, validator=max_length(1, "loyalty card"))
    """Identifier of the loyalty card, at most one."""


@define(kw_only=True)
class IntegrationEventV3Request(Model):
    """An advanced event to record. Schema ``IntegrationEventV3Request``."""

    profile_id: str
    """Integration ID of the customer."""
    store_integration_id: str | None = field(default=None, validator=length_between(1, 1000, "characters"))
    """Integration ID of the store, 1 to 1000 characters."""
    evaluable_campaign_ids: list[int] | None = None
    """In a dry call: the only campaigns to evaluate, disabled ones included."""
    type: str = field(validator=non_empty)
    """Name of a custom event of the account."""
    attributes: dict[str, Any] | None = None
    """What is to be known of the event."""
    integration_id: str = field(validator=non_empty)
    """Your ID of the event, which no other event has had."""
    connected_session_id: str | None = field(default=None, validator=non_empty)
    """Integration ID of a closed session that the event refers to."""
    loyalty_cards: list[str] | None = field(default=None, validator=max_length(1, "loyalty card"))
    """Identifier of the loyalty card, at most one."""
    referral_code: str | None = None
    """Referral code entered; older servers ignore it."""
    response_content: list[EventV3ResponseContent] | None = None
    """Parts of the state that the response contains, if it is not silent."""


@define(kw_only=True)
class CouponRejectionReason(Model):
    """Why a coupon was not accepted. Schema ``CouponRejectionReason``."""

    campaign_id: int
    """Campaign that the coupon belongs to."""
    coupon_id: int
    """Talon.One's ID of the coupon."""
    reason: str
    """Such as ``CouponNotFound``, ``CouponExpired``, ``CouponRejectedByCondition``."""


@define(kw_only=True)
class ReferralRejectionReason(Model):
    """Why a referral code was not accepted. Schema ``ReferralRejectionReason``."""

    campaign_id: int
    """Campaign that the code belongs to."""
    referral_id: int
    """Talon.One's ID of the referral."""
    reason: str
    """Such as ``ReferralNotFound``, ``ReferralExpired``, ``ReferralRecipientIdSameAsAdvocate``."""


@define(kw_only=True)
class Meta(Model):
    """What the rules met while they ran. Schema ``Meta``."""

    campaigns: dict[str, Any] = field(factory=dict)
    """Attributes of each evaluated campaign that has some, by its ID."""
    coupons: dict[str, Any] = field(factory=dict)
    """Attributes of each coupon, by its code."""
    coupon_rejection_reason: CouponRejectionReason | None = None
    """Why a coupon was not accepted."""
    referral_rejection_reason: ReferralRejectionReason | None = None
    """Why a referral code was not accepted."""
    warnings: dict[str, Any] = field(factory=dict)
    """Signs that the API may have been misused."""


@define(kw_only=True)
class Event(Model):
    """An event as it was processed. Schema ``Event``."""

    id: int
    """Talon.One's ID of the event."""
    created: datetime
    """When the event was recorded."""
    application_id: int
    """Application that the event belongs to."""
    profile_id: str | None = None
    """Integration ID of the customer, empty in an anonymous session."""
    store_integration_id: str | None = None
    """Integration ID of the store."""
    type: str
    """Name of the event."""
    attributes: dict[str, Any] = field(factory=dict)
    """What is known of the event."""
    integration_id: str | None = None
    """The event's ID in your system."""
    session_id: str | None = None
    """Integration ID of the session that the event belongs to."""
    effects: list[Any] = field(factory=list)
    """Effects, each an array: campaign, ruleset, rule, then an array of the effect type and its values."""
    ledger_entries: list[LedgerEntry] = field(factory=list)
    """Loyalty points that moved; newer servers leave it out."""
    meta: Meta | None = None
    """What the rules met while they ran."""


@define(kw_only=True)
class EventV3(Model):
    """An advanced event as it was processed. Schema ``EventV3``."""

    connected_session_id: str | None = None
    """Integration ID of the closed session that the event refers to."""
    id: int
    """Talon.One's ID of the event."""
    created: datetime
    """When the event was recorded."""
    application_id: int
    """Application that the event belongs to."""
    profile_id: str | None = None
    """Integration ID of the customer."""
    store_integration_id: str | None = None
    """Integration ID of the store."""
    type: str
    """Name of the event."""
    attributes: dict[str, Any] = field(factory=dict)
    """What is known of the event."""
    integration_id: str | None = None
    """The event's ID in your system, never used twice."""
    effects: list[Any] = field(factory=list)
    """Effects, each an array as in `Event`."""
