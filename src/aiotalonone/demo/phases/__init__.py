"""The phases of the replay: which operation is called when, with what, and what its answer tells.

Audiences come before the sessions whose promotions look at them. What takes something away, released coupons and the
erasure of a household, comes last.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiotalonone.demo.phases.carts import carts_are_filled, carts_are_paid
from aiotalonone.demo.phases.coupons import (
    coupons_are_reserved,
    holders_are_listed,
    idle_coupons_are_released,
    nobody_remembers_it,
    stray_coupons_are_tracked,
)
from aiotalonone.demo.phases.households import (
    households_become_profiles,
    households_join_audiences,
    inventories_are_read,
    one_household_is_forgotten,
    redeemers_are_counted,
)
from aiotalonone.demo.phases.referrals import advocates_recommend, everyone_may_recommend, friends_come_by_v1
from aiotalonone.demo.replay import Replay

PHASES: Final[tuple[Callable[[Replay], Awaitable[None]], ...]] = (
    households_become_profiles,
    households_join_audiences,
    redeemers_are_counted,
    coupons_are_reserved,
    carts_are_filled,
    carts_are_paid,
    holders_are_listed,
    stray_coupons_are_tracked,
    advocates_recommend,
    everyone_may_recommend,
    friends_come_by_v1,
    inventories_are_read,
    idle_coupons_are_released,
    one_household_is_forgotten,
    nobody_remembers_it,
)
