"""Whether a code may be used at all, before any rule is evaluated."""

from datetime import datetime

from attrs import define

from aiotalonone.sandbox.state.entities import ANONYMOUS, Coupon, Profile, Referral


@define(frozen=True)
class CodeUse:
    """The use of a code: by whom, when, and whether its campaign is active."""

    campaign_is_active: bool
    profile: Profile | None
    now: datetime
    anonymous_friends: bool = True
    """Whether a referral code may be used without a customer."""
    coupons_per_profile: int | None = None
    """How many coupons of the campaign a customer may redeem; ``None`` for any number."""
    redeemed: int = 0
    """How many the customer has redeemed, those of this evaluation included."""


def coupon_rejection(coupon: Coupon, use: CodeUse) -> str | None:
    """Return the API's name of the reason why the coupon is rejected, or None."""
    return (
        _common_rejection("Coupon", coupon, use)
        or _ownership_rejection(coupon, use.profile)
        or _budget_rejection(coupon, use)
    )


def referral_rejection(referral: Referral, use: CodeUse) -> str | None:
    """Return the API's name of the reason why the referral is rejected, or None."""
    return _common_rejection("Referral", referral, use) or _friend_rejection(referral, use)


def _common_rejection(kind: str, code: Coupon | Referral, use: CodeUse) -> str | None:
    if not use.campaign_is_active:
        return f"{kind}PartOfNotRunningCampaign"
    if code.start_date is not None and use.now < code.start_date:
        return f"{kind}StartDateInFuture"
    if code.expiry_date is not None and code.expiry_date <= use.now:
        return f"{kind}Expired"
    if code.usage_limit and code.usage_counter >= code.usage_limit:
        return f"{kind}LimitReached"
    return None


def _ownership_rejection(coupon: Coupon, profile: Profile | None) -> str | None:
    customer = profile.integration_id if profile else None
    if coupon.recipient is not None and coupon.recipient != customer:
        return "CouponRecipientDoesNotMatch"
    if not coupon.reservation_mandatory:
        return None
    if customer is None:
        return "ProfileRequired"
    return None if customer in coupon.reserved_by else "CouponReservationRequired"


def _budget_rejection(coupon: Coupon, use: CodeUse) -> str | None:
    """Compare with the budget of the coupon, which replaces that of its campaign."""
    limit, used = use.coupons_per_profile, use.redeemed
    if coupon.limit_per_profile is not None:
        limit = coupon.limit_per_profile
        used = 0 if use.profile is None else coupon.redemptions[use.profile.integration_id]
    if limit is None:
        return None
    if use.profile is None:
        return "ProfileRequired"
    return "ProfileLimitReached" if used >= limit else None


def _friend_rejection(referral: Referral, use: CodeUse) -> str | None:
    if referral.advocate == ANONYMOUS:  # erased since
        return "AdvocateNotFound"
    if use.profile is None:
        is_free = referral.friend is None and use.anonymous_friends
        return None if is_free else "ReferralRecipientDoesNotMatch"
    friend = use.profile.integration_id
    if friend == referral.advocate:
        return "ReferralRecipientIdSameAsAdvocate"
    if referral.friend is not None and friend != referral.friend:
        return "ReferralRecipientDoesNotMatch"
    if referral.campaign_id in use.profile.referred_by:
        return "ReferralCustomerAlreadyReferred"
    return None
