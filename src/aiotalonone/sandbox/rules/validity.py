"""Whether a code may be used at all, before any rule looks at the cart."""

from datetime import datetime

from attrs import define

from aiotalonone.sandbox.entities import Coupon, Profile, Referral


@define(frozen=True)
class Use:
    """Someone uses a code at some time, and its campaign runs or does not."""

    campaign_runs: bool
    profile: Profile | None
    now: datetime


def coupon_rejection(coupon: Coupon, use: Use) -> str | None:
    """Why the coupon cannot be used, by the API's name of the reason, or None."""
    return _rejection_of_any("Coupon", coupon, use) or _ownership_rejection(coupon, use.profile)


def referral_rejection(referral: Referral, use: Use) -> str | None:
    """Why the referral cannot be used, by the API's name of the reason, or None."""
    return _rejection_of_any("Referral", referral, use) or _friendship_rejection(referral, use.profile)


def _rejection_of_any(kind: str, code: Coupon | Referral, use: Use) -> str | None:
    if not use.campaign_runs:
        return f"{kind}PartOfNotRunningCampaign"
    if code.start_date is not None and use.now < code.start_date:
        return f"{kind}StartDateInFuture"
    if code.expiry_date is not None and code.expiry_date <= use.now:
        return f"{kind}Expired"
    if code.usage_limit and code.usage_counter >= code.usage_limit:
        return f"{kind}LimitReached"
    return None


def _ownership_rejection(coupon: Coupon, profile: Profile | None) -> str | None:
    if coupon.recipient is None and not coupon.reservation_mandatory:
        return None
    if profile is None:
        return "ProfileRequired"
    if coupon.recipient is not None and coupon.recipient != profile.integration_id:
        return "CouponRecipientDoesNotMatch"
    if coupon.reservation_mandatory and profile.integration_id not in coupon.reserved_by:
        return "CouponReservationRequired"
    return None


def _friendship_rejection(referral: Referral, profile: Profile | None) -> str | None:
    friend = profile.integration_id if profile else None
    if friend == referral.advocate:
        return "ReferralRecipientIdSameAsAdvocate"
    if referral.friend is not None and friend != referral.friend:
        return "ReferralRecipientDoesNotMatch"
    return None
