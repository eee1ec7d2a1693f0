"""Effects on coupon and referral codes."""

from attrs import define

from aiotalonone.models.effects._base import EffectProps

__all__ = [
    "AcceptCouponEffectProps",
    "AcceptReferralEffectProps",
    "CouponCreatedEffectProps",
    "RedeemReferralEffectProps",
    "ReferralCreatedEffectProps",
    "RejectCouponEffectProps",
    "RejectReferralEffectProps",
    "ReserveCouponEffectProps",
    "RollbackCouponEffectProps",
    "RollbackReferralEffectProps",
]


@define(kw_only=True)
class AcceptCouponEffectProps(EffectProps):
    """A coupon code is valid; closing the session redeems it. Schema ``AcceptCouponEffectProps``."""

    value: str
    """The code."""


@define(kw_only=True)
class RejectCouponEffectProps(EffectProps):
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
    """Why the campaign was left out, if the reason is ``CouponPartOfNotTriggeredCampaign``."""


@define(kw_only=True)
class RollbackCouponEffectProps(EffectProps):
    """A redeemed coupon can be redeemed again. Schema ``RollbackCouponEffectProps``."""

    value: str
    """The code."""


@define(kw_only=True)
class CouponCreatedEffectProps(EffectProps):
    """A coupon was created for a customer. Schema ``CouponCreatedEffectProps``."""

    value: str
    """The new code."""
    profile_id: str
    """Integration ID of the customer."""


@define(kw_only=True)
class ReserveCouponEffectProps(EffectProps):
    """A coupon was reserved for a customer. Schema ``ReserveCouponEffectProps``."""

    coupon_value: str
    """The code."""
    profile_integration_id: str
    """Integration ID of the customer."""
    is_new_reservation: bool
    """Whether the reservation was made just now."""


@define(kw_only=True)
class AcceptReferralEffectProps(EffectProps):
    """A referral code is valid; closing the session redeems it. Schema ``AcceptReferralEffectProps``."""

    value: str
    """The code."""


@define(kw_only=True)
class RejectReferralEffectProps(EffectProps):
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
    """Why the campaign was left out, if that is the reason."""


@define(kw_only=True)
class RedeemReferralEffectProps(EffectProps):
    """A referral code was redeemed; replaced by ``acceptReferral``. Schema ``RedeemReferralEffectProps``."""

    id: int
    """ID of the referral."""
    value: str
    """The code."""


@define(kw_only=True)
class RollbackReferralEffectProps(EffectProps):
    """A redeemed referral code can be redeemed again. Schema ``RollbackReferralEffectProps``."""

    value: str
    """The code."""


@define(kw_only=True)
class ReferralCreatedEffectProps(EffectProps):
    """A referral code was created. Schema ``ReferralCreatedEffectProps``."""

    value: str
    """The new code."""
