"""For tests of code that calls Talon.One: effects and states to give to it, without a client.

The fixtures with a client and a sandbox are those of ``aiotalonone.pytest_plugin``, which pytest finds by itself.
"""

from aiotalonone.testing.effects import (
    accept_coupon,
    accept_referral,
    add_free_item,
    add_loyalty_points,
    award_giveaway,
    coupon_created,
    custom_effect,
    deduct_loyalty_points,
    make_effect,
    make_state,
    referral_created,
    reject_coupon,
    reject_referral,
    rollback_added_loyalty_points,
    rollback_coupon,
    rollback_deducted_loyalty_points,
    rollback_discount,
    set_discount,
    set_discount_per_additional_cost,
    set_discount_per_item,
    show_notification,
    update_attribute,
)

__all__ = [
    "accept_coupon",
    "accept_referral",
    "add_free_item",
    "add_loyalty_points",
    "award_giveaway",
    "coupon_created",
    "custom_effect",
    "deduct_loyalty_points",
    "make_effect",
    "make_state",
    "referral_created",
    "reject_coupon",
    "reject_referral",
    "rollback_added_loyalty_points",
    "rollback_coupon",
    "rollback_deducted_loyalty_points",
    "rollback_discount",
    "set_discount",
    "set_discount_per_additional_cost",
    "set_discount_per_item",
    "show_notification",
    "update_attribute",
]
