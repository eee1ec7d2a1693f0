"""The coupons and how often they were used."""

from typing import Any, Final

from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.state.entities import Coupon
from aiotalonone.sandbox.window.views._base import Asked, page_of

MAX_NAMES: Final = 5


def show(asked: Asked) -> dict[str, Any]:
    """Return the view of the coupons, in the order of the campaign file."""
    page = page_of(asked, list(asked.platform.state.coupons.values()))
    return {"page": page, "rows": [_row(asked.platform, coupon) for coupon in page.rows]}


def _row(platform: Platform, coupon: Coupon) -> dict[str, Any]:
    campaign = platform.account.campaigns.get(coupon.campaign_id)
    return {
        "value": coupon.value,
        "campaign": campaign.name if campaign else coupon.campaign_id,
        "used": coupon.usage_counter,
        "limit": coupon.usage_limit,
        "recipient": coupon.recipient,
        "reserved_by": sorted(coupon.reserved_by)[:MAX_NAMES],
        "more_reserved": max(0, len(coupon.reserved_by) - MAX_NAMES),
        "reservation_mandatory": coupon.reservation_mandatory,
        "start": coupon.start_date,
        "expiry": coupon.expiry_date,
    }
