"""Effects on coupon and referral codes."""

from typing import Any

from attrs import define, field


@define(kw_only=True)
class AcceptCouponEffectProps:
    """A coupon code is valid; closing the session redeems it. Schema ``AcceptCouponEffectProps``."""

    value: str
    """The code."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class RejectCouponEffectProps:
    """A coupon code cannot be used. Schema ``RejectCouponEffectProps``."""

    value: str
    """The code."""
    rejection_reason: str
    """Why, such as ``CouponNotFound``, ``CouponExpired`` or ``CouponRejectedByCondition``."""
    condition_index: int | None = None
    """Place of the condition that rejected it, 0 for the first."""
    effect_index: int | None = None
    """Place of the effect that rejected it, 0 for the first."""
    details: str | None = None
    """More about the rejection."""
    campaign_exclusion_reason: str | None = None
    """Why the campaign was left out, where the reason is ``CouponPartOfNotTriggeredCampaign``."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class RollbackCouponEffectProps:
    """A redeemed coupon can be redeemed again. Schema ``RollbackCouponEffectProps``."""

    value: str
    """The code."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class CouponCreatedEffectProps:
    """A coupon was created for a customer. Schema ``CouponCreatedEffectProps``."""

    value: str
    """The new code."""
    profile_id: str
    """Integration ID of the customer."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class ReserveCouponEffectProps:
    """A coupon was reserved for a customer. Schema ``ReserveCouponEffectProps``."""

    coupon_value: str
    """The code."""
    profile_integration_id: str
    """Integration ID of the customer."""
    is_new_reservation: bool
    """Whether the reservation was made just now."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class AcceptReferralEffectProps:
    """A referral code is valid; closing the session redeems it. Schema ``AcceptReferralEffectProps``."""

    value: str
    """The code."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class RejectReferralEffectProps:
    """A referral code cannot be used. Schema ``RejectReferralEffectProps``."""

    value: str
    """The code."""
    rejection_reason: str
    """Why, such as ``ReferralNotFound``, ``ReferralLimitReached`` or ``ReferralRejectedByCondition``."""
    condition_index: int | None = None
    """Place of the condition that rejected it, 0 for the first."""
    effect_index: int | None = None
    """Place of the effect that rejected it, 0 for the first."""
    details: str | None = None
    """More about the rejection."""
    campaign_exclusion_reason: str | None = None
    """Why the campaign was left out, where that is the reason."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class RedeemReferralEffectProps:
    """A referral code was redeemed; replaced by ``acceptReferral``. Schema ``RedeemReferralEffectProps``."""

    id: int
    """ID of the referral."""
    value: str
    """The code."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class RollbackReferralEffectProps:
    """A redeemed referral code can be redeemed again. Schema ``RollbackReferralEffectProps``."""

    value: str
    """The code."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""


@define(kw_only=True)
class ReferralCreatedEffectProps:
    """A referral code was created. Schema ``ReferralCreatedEffectProps``."""

    value: str
    """The new code."""
    extra: dict[str, Any] = field(factory=dict)
    """Whatever else the API sent, by its JSON names."""
