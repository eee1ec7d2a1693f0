"""The API's operations, one module per group: the facts of each as a constant, then its method."""

from functools import cached_property
from typing import Any, Final

from aiotalonone.endpoints import coupons, customers, events, referrals, sessions
from aiotalonone.endpoints._base import EndpointGroup, JSONObject, as_client
from aiotalonone.endpoints.coupons import Coupons
from aiotalonone.endpoints.customers import Customers
from aiotalonone.endpoints.events import Events
from aiotalonone.endpoints.referrals import Referrals
from aiotalonone.endpoints.sessions import Sessions
from aiotalonone.operation import Operation

__all__ = [
    "OPERATIONS",
    "Coupons",
    "Customers",
    "EndpointGroup",
    "EndpointGroups",
    "Events",
    "JSONObject",
    "Referrals",
    "Sessions",
]

OPERATIONS: Final[tuple[Operation[Any], ...]] = tuple(
    constant
    for module in (coupons, customers, events, referrals, sessions)
    for constant in vars(module).values()
    if isinstance(constant, Operation)
)
"""Every operation that has a method."""


class EndpointGroups:
    """The groups of a client, which inherits them; each is made when it is first used."""

    @cached_property
    def coupons(self) -> Coupons:
        """Reservations of coupons for customers."""
        return Coupons(as_client(self))

    @cached_property
    def customers(self) -> Customers:
        """Customer profiles, their audiences and inventories, and their erasure."""
        return Customers(as_client(self))

    @cached_property
    def events(self) -> Events:
        """Custom events of customers."""
        return Events(as_client(self))

    @cached_property
    def referrals(self) -> Referrals:
        """Referral codes for advocates."""
        return Referrals(as_client(self))

    @cached_property
    def sessions(self) -> Sessions:
        """Customer sessions: carts evaluated, closed and cancelled."""
        return Sessions(as_client(self))
