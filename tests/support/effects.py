"""Effects in JSON names, as a response has them."""

from aiotalonone.models.effects import EFFECT_PROPS

CAMPAIGN = {"campaignId": 5, "rulesetId": 6, "ruleIndex": 0, "ruleName": "Five off"}
TRANSACTION = "8c2d3670-6ea5-4e9e-b5c6-e7e7b4a10111"


def effect(effect_type, **props):
    """Return an effect with props in JSON names."""
    return {**CAMPAIGN, "effectType": effect_type, "props": props}


def session_discount(value, name="Summer", **more):
    """Return a discount on the session."""
    return effect("setDiscount", name=name, value=value, **more)


def item_discount(value, position=0, unit=0, name="five", **more):
    """Return a discount on a unit, or on a line if ``unit`` is ``None``."""
    place = {"position": position} if unit is None else {"position": position, "subPosition": unit}
    return effect("setDiscountPerItem", name=f"{name}#{position}", value=value, **place, **more)


def cost_discount(value, cost="shipping", name="free shipping", **more):
    """Return a discount on an additional cost of the session."""
    return effect(
        "setDiscountPerAdditionalCost", name=name, value=value, additionalCost=cost, additionalCostId=9, **more
    )


def item_cost_discount(value, position=0, unit=0, cost="wrapping", name="free wrapping"):
    """Return a discount on an additional cost of a unit."""
    place = {"position": position} if unit is None else {"position": position, "subPosition": unit}
    cost_members = {"additionalCost": cost, "additionalCostId": 8}
    return effect(
        "setDiscountPerAdditionalCostPerItem", name=f"{name}#{position}", value=value, **place, **cost_members
    )


def discount_rollback(value, name="Summer", **more):
    """Return the roll-back of a discount."""
    return effect("rollbackDiscount", name=name, value=value, **more)


def item_rollback(value, position=0, unit=0, name="five", **more):
    """Return the roll-back of a unit's discount."""
    place = {"cartItemPosition": position, "cartItemSubPosition": unit}
    return discount_rollback(value, f"{name}#{position}", **place, **more)


def points(value, effect_type="addLoyaltyPoints", transaction=TRANSACTION, **more):
    """Return points that are added, deducted, or rolled back."""
    common = {"programId": 1, "subLedgerId": "", "value": value, "transactionUUID": transaction}
    named = {"name": "Purchase", "ruleTitle": "Purchase", "recipientIntegrationId": "ada"}
    return effect(effect_type, **common | named | more)


SAMPLES = {
    "setDiscount": session_discount(2.5),
    "setDiscountPerItem": item_discount(1.5),
    "setDiscountPerAdditionalCost": cost_discount(1.5),
    "setDiscountPerAdditionalCostPerItem": item_cost_discount(0.5),
    "rollbackDiscount": item_rollback(1.5),
    "addLoyaltyPoints": points(37.8, startDate="2026-12-24T00:00:00Z", expiryDate="2027-12-24T00:00:00Z"),
    "deductLoyaltyPoints": points(50, "deductLoyaltyPoints"),
    "rollbackAddedLoyaltyPoints": points(37.8, "rollbackAddedLoyaltyPoints"),
    "rollbackDeductedLoyaltyPoints": points(50, "rollbackDeductedLoyaltyPoints"),
    "acceptCoupon": effect("acceptCoupon", value="SUMMER"),
    "acceptReferral": effect("acceptReferral", value="FRIEND"),
    "redeemReferral": effect("redeemReferral", id=4, value="FRIEND"),
    "rejectCoupon": effect("rejectCoupon", value="WINTER", rejectionReason="CouponNotFound", details="typed by hand"),
    "rejectReferral": effect("rejectReferral", value="FIEND", rejectionReason="ReferralNotFound", conditionIndex=1),
    "rollbackCoupon": effect("rollbackCoupon", value="SUMMER"),
    "rollbackReferral": effect("rollbackReferral", value="FRIEND"),
    "rollbackIncreasedAchievementProgress": effect(
        "rollbackIncreasedAchievementProgress", achievementName="reader", decreaseProgressBy=2
    ),
    "rollbackUseReward": effect("rollbackUseReward", integrationId="mug-1", rewardId=3, applicationId=2),
    "addFreeItem": effect("addFreeItem", sku="mug", name="A mug for you"),
    "showNotification": effect("showNotification", notificationType="Info", title="Hello", body="Two more for a mug"),
    "awardGiveaway": effect(
        "awardGiveaway", poolId=7, poolName="mugs", giveawayId=8, code="MUG-1", recipientIntegrationId="ada"
    ),
    "willAwardGiveaway": effect("willAwardGiveaway", poolId=7, poolName="mugs", recipientIntegrationId="ada"),
    "customEffect": effect("customEffect", effectId=1, name="confetti", payload={"colour": "red"}, cartItemPosition=0),
}
"""One effect of each type that is priced or shown."""

ALL_SAMPLES = [*SAMPLES.values(), *(effect(name, name="x") for name in EFFECT_PROPS if name not in SAMPLES)]
"""One effect of every type."""
