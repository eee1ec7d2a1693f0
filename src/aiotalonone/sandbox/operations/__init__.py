"""The operations: each is a function, declared with its address in the module of its subject."""

from aiotalonone.sandbox.operations import (
    achievements,
    audiences,
    campaigns,
    catalogs,
    coupons,
    customers,
    events,
    loyalty,
    loyalty_cards,
    prices,
    referrals,
    returns,
    sessions,
)
from aiotalonone.sandbox.operations._base import Context, Operation

__all__ = ["OPERATIONS", "OPERATION_IDS", "Context", "Operation"]

OPERATIONS = tuple(
    declared
    for module in (
        sessions,
        returns,
        customers,
        events,
        referrals,
        coupons,
        achievements,
        audiences,
        campaigns,
        catalogs,
        prices,
        loyalty,
        loyalty_cards,
    )
    for declared in vars(module).values()
    if isinstance(declared, Operation)
)

OPERATION_IDS = frozenset(operation.operation_id for operation in OPERATIONS)
