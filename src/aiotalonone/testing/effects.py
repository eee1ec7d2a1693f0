"""Effects and states as the API sends them, made of what a test is about."""

from collections.abc import Mapping
from typing import Any, Final

from aiotalonone.models import (
    AcceptCouponEffectProps,
    AcceptReferralEffectProps,
    AddFreeItemEffectProps,
    AddLoyaltyPointsEffectProps,
    AwardGiveawayEffectProps,
    CouponCreatedEffectProps,
    CustomEffectProps,
    CustomerProfile,
    CustomerSessionV2,
    DeductLoyaltyPointsEffectProps,
    Effect,
    EffectProps,
    IntegrationStateV2,
    ReferralCreatedEffectProps,
    RejectCouponEffectProps,
    RejectReferralEffectProps,
    RollbackAddedLoyaltyPointsEffectProps,
    RollbackCouponEffectProps,
    RollbackDeductedLoyaltyPointsEffectProps,
    RollbackDiscountEffectProps,
    SetDiscountEffectProps,
    SetDiscountPerAdditionalCostEffectProps,
    SetDiscountPerItemEffectProps,
    ShowNotificationEffectProps,
    UpdateAttributeEffectProps,
)
from aiotalonone.models.effects import EFFECT_PROPS

CUSTOMER: Final = "customer"
"""Integration ID of the customer whom effects are about, unless they name another."""
TRANSACTION: Final = "00000000-0000-4000-8000-000000000001"
"""UUID of the transaction of points, unless they name another."""

_TYPES: Final[Mapping[type[EffectProps], str]] = {
    props: effect_type for effect_type, props in reversed(list(EFFECT_PROPS.items()))
}


def make_state(
    *effects: Effect | EffectProps,
    customer_session: CustomerSessionV2 | None = None,
    customer_profile: CustomerProfile | None = None,
) -> IntegrationStateV2:
    """Return the state after a call, with these effects in their order.

    Args:
        effects: What the functions of this module return, or props of any class.
        customer_session: The session, as a call that asks for it gets it.
        customer_profile: The customer, as a call that asks for it gets it.
    """
    made = [make_effect(effect) if isinstance(effect, EffectProps) else effect for effect in effects]
    return IntegrationStateV2(effects=made, customer_session=customer_session, customer_profile=customer_profile)


def make_effect(
    props: EffectProps, *, effect_type: str | None = None, campaign_id: int = 1, rule_name: str = "A rule"
) -> Effect:
    """Return an effect of any type.

    Args:
        props: How it is to be carried out.
        effect_type: By default that of the class of ``props``. Required with ``UnknownEffectProps``.
        campaign_id: ID of the campaign.
        rule_name: Name of the rule.

    Raises:
        TypeError: The class of ``props`` belongs to no type of effect, and none is given.
    """
    if effect_type is None:
        effect_type = _TYPES.get(type(props))
    if effect_type is None:
        raise TypeError(f"effect_type is required with {type(props).__name__}")
    return Effect(
        campaign_id=campaign_id, ruleset_id=1, rule_index=0, rule_name=rule_name, effect_type=effect_type, props=props
    )


def set_discount(name: str, value: float) -> Effect:
    """Return a discount on the session, in the Application's currency."""
    return make_effect(SetDiscountEffectProps(name=name, value=value))


def set_discount_per_item(name: str, value: float, *, position: int = 0, sub_position: int = 0) -> Effect:
    """Return a discount on one unit of a cart item.

    Args:
        name: Name of the discount; the position is appended, as the API does.
        value: In the Application's currency.
        position: Place of the item in the cart, 0 for the first.
        sub_position: Which unit of the item, 0 for the first.
    """
    return make_effect(
        SetDiscountPerItemEffectProps(
            name=f"{name}#{position}", value=value, position=position, sub_position=sub_position
        )
    )


def set_discount_per_additional_cost(
    name: str, value: float, additional_cost: str, *, additional_cost_id: int = 1
) -> Effect:
    """Return a discount on an additional cost of the session, such as ``shipping``."""
    return make_effect(
        SetDiscountPerAdditionalCostEffectProps(
            name=name, value=value, additional_cost=additional_cost, additional_cost_id=additional_cost_id
        )
    )


def rollback_discount(name: str, value: float) -> Effect:
    """Return the roll-back of a discount on the session."""
    return make_effect(RollbackDiscountEffectProps(name=name, value=value))


def add_free_item(sku: str, name: str = "Free item") -> Effect:
    """Return an item that is to be added to the cart for nothing."""
    return make_effect(AddFreeItemEffectProps(sku=sku, name=name))


def award_giveaway(
    code: str, *, pool_id: int = 1, pool_name: str = "Giveaways", giveaway_id: int = 1, recipient: str = CUSTOMER
) -> Effect:
    """Return a giveaway that was awarded."""
    return make_effect(
        AwardGiveawayEffectProps(
            pool_id=pool_id,
            pool_name=pool_name,
            recipient_integration_id=recipient,
            giveaway_id=giveaway_id,
            code=code,
        )
    )


def accept_coupon(code: str) -> Effect:
    """Return the acceptance of a coupon."""
    return make_effect(AcceptCouponEffectProps(value=code))


def reject_coupon(code: str, reason: str) -> Effect:
    """Return the rejection of a coupon, with a reason such as ``CouponNotFound`` or ``CouponExpired``."""
    return make_effect(RejectCouponEffectProps(value=code, rejection_reason=reason))


def rollback_coupon(code: str) -> Effect:
    """Return the roll-back of a redeemed coupon."""
    return make_effect(RollbackCouponEffectProps(value=code))


def coupon_created(code: str, *, profile_id: str = CUSTOMER) -> Effect:
    """Return the creation of a coupon for a customer."""
    return make_effect(CouponCreatedEffectProps(value=code, profile_id=profile_id))


def accept_referral(code: str) -> Effect:
    """Return the acceptance of a referral code."""
    return make_effect(AcceptReferralEffectProps(value=code))


def reject_referral(code: str, reason: str) -> Effect:
    """Return the rejection of a referral code, with a reason such as ``ReferralNotFound``."""
    return make_effect(RejectReferralEffectProps(value=code, rejection_reason=reason))


def referral_created(code: str) -> Effect:
    """Return the creation of a referral code."""
    return make_effect(ReferralCreatedEffectProps(value=code))


def add_loyalty_points(
    value: float,
    *,
    name: str = "Points",
    program_id: int = 1,
    sub_ledger_id: str = "",
    recipient: str = CUSTOMER,
    transaction_uuid: str = TRANSACTION,
) -> Effect:
    """Return points that were given."""
    return make_effect(
        AddLoyaltyPointsEffectProps(
            name=name,
            program_id=program_id,
            sub_ledger_id=sub_ledger_id,
            value=value,
            recipient_integration_id=recipient,
            transaction_uuid=transaction_uuid,
        )
    )


def deduct_loyalty_points(
    value: float,
    *,
    rule_title: str = "Points",
    program_id: int = 1,
    sub_ledger_id: str = "",
    transaction_uuid: str = TRANSACTION,
) -> Effect:
    """Return points that were redeemed."""
    return make_effect(
        DeductLoyaltyPointsEffectProps(
            rule_title=rule_title,
            program_id=program_id,
            sub_ledger_id=sub_ledger_id,
            value=value,
            transaction_uuid=transaction_uuid,
        )
    )


def rollback_added_loyalty_points(
    value: float,
    *,
    program_id: int = 1,
    sub_ledger_id: str = "",
    recipient: str = CUSTOMER,
    transaction_uuid: str = TRANSACTION,
) -> Effect:
    """Return given points that are taken back."""
    return make_effect(
        RollbackAddedLoyaltyPointsEffectProps(
            program_id=program_id,
            sub_ledger_id=sub_ledger_id,
            value=value,
            recipient_integration_id=recipient,
            transaction_uuid=transaction_uuid,
        )
    )


def rollback_deducted_loyalty_points(
    value: float,
    *,
    program_id: int = 1,
    sub_ledger_id: str = "",
    recipient: str = CUSTOMER,
    transaction_uuid: str = TRANSACTION,
) -> Effect:
    """Return redeemed points that are given back."""
    return make_effect(
        RollbackDeductedLoyaltyPointsEffectProps(
            program_id=program_id,
            sub_ledger_id=sub_ledger_id,
            value=value,
            recipient_integration_id=recipient,
            transaction_uuid=transaction_uuid,
        )
    )


def show_notification(title: str, body: str, notification_type: str = "Info") -> Effect:
    """Return a message for the customer; its type is ``Info``, ``Offer``, ``Error`` or ``Misc``."""
    return make_effect(ShowNotificationEffectProps(notification_type=notification_type, title=title, body=body))


def update_attribute(path: str, value: Any) -> Effect:
    """Return an attribute that was given a value."""
    return make_effect(UpdateAttributeEffectProps(path=path, value=value))


def custom_effect(name: str, payload: Mapping[str, Any], *, effect_id: int = 1) -> Effect:
    """Return an effect that the account defined."""
    return make_effect(CustomEffectProps(effect_id=effect_id, name=name, payload=dict(payload)))
