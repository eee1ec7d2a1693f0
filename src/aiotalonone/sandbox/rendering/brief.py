"""An effect in a few words, for the people who read along."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from aiotalonone.sandbox import json

NAMED_AMOUNT: Final = ("name", "value")
TOLD_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "acceptCoupon": ("value",),
    "acceptReferral": ("value",),
    "addFreeItem": ("sku",),
    "addLoyaltyPoints": NAMED_AMOUNT,
    "awardGiveaway": ("poolName", "code"),
    "changeLoyaltyTierLevel": ("newTierName",),
    "couponCreated": ("value",),
    "deductLoyaltyPoints": NAMED_AMOUNT,
    "increaseAchievementProgress": ("achievementName", "delta"),
    "rejectCoupon": ("value", "rejectionReason"),
    "rejectReferral": ("value", "rejectionReason"),
    "rollbackAddedLoyaltyPoints": ("value",),
    "rollbackCoupon": ("value",),
    "rollbackDeductedLoyaltyPoints": ("value",),
    "rollbackDiscount": NAMED_AMOUNT,
    "rollbackIncreasedAchievementProgress": ("achievementName", "decreaseProgressBy"),
    "rollbackReferral": ("value",),
    "setDiscount": NAMED_AMOUNT,
    "setDiscountPerItem": NAMED_AMOUNT,
    "showNotification": ("title",),
    "updateAttribute": ("path", "value"),
    "willAwardGiveaway": ("poolName",),
}
"""The properties that tell what an effect does, by its type."""

REASON: Final = "rejectionReason"
MAX_LENGTH: Final = 60


def effect_details(effect_type: str, props: Mapping[str, Any]) -> str:
    """Return the properties of an effect that matter, on one line: ``Summer 0.36``, ``WINTER (CouponNotFound)``."""
    words = []
    for name in TOLD_BY.get(effect_type, ()):
        text = _text(props.get(name))
        if text:
            words.append(f"({text})" if name == REASON else text)
    return " ".join(words)


def effect_brief(effect_type: str, props: Mapping[str, Any]) -> str:
    """Return an effect on one line, with its type: ``setDiscount Summer 0.36``."""
    return f"{effect_type} {effect_details(effect_type, props)}".rstrip()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float | Decimal):
        return f"{Decimal(str(value)).normalize():f}"
    text = value if isinstance(value, str) else json.dumps(value).decode()
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"
