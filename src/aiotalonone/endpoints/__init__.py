"""The API's operations, one module per group: the facts of each as a constant, then its method."""

from functools import cache, cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

from aiotalonone.endpoints._base import EndpointGroup, JSONObject, as_client
from aiotalonone.endpoints._paging import Entries
from aiotalonone.operation import Operation

if TYPE_CHECKING:
    from aiotalonone.endpoints.coupons import Coupons
    from aiotalonone.endpoints.customers import Customers
    from aiotalonone.endpoints.events import Events
    from aiotalonone.endpoints.referrals import Referrals
    from aiotalonone.endpoints.sessions import Sessions

__all__ = ["EndpointGroup", "EndpointGroups", "Entries", "JSONObject", "all_operations", "modules"]


def modules() -> tuple[ModuleType, ...]:
    """Import and return the module of every group."""
    from aiotalonone.endpoints import coupons, customers, events, referrals, sessions

    return coupons, customers, events, referrals, sessions


@cache
def all_operations() -> tuple[Operation[Any], ...]:
    """Return every operation that has a method; this imports all groups."""
    constants = (constant for module in modules() for constant in vars(module).values())
    return tuple(constant for constant in constants if isinstance(constant, Operation))


class EndpointGroups:
    """The groups of a client, which inherits them; each is imported and made when it is first used."""

    @cached_property
    def coupons(self) -> "Coupons":
        """Reservations of coupons for customers."""
        from aiotalonone.endpoints.coupons import Coupons

        return Coupons(as_client(self))

    @cached_property
    def customers(self) -> "Customers":
        """Customer profiles, their audiences and inventories, and their erasure."""
        from aiotalonone.endpoints.customers import Customers

        return Customers(as_client(self))

    @cached_property
    def events(self) -> "Events":
        """Custom events of customers."""
        from aiotalonone.endpoints.events import Events

        return Events(as_client(self))

    @cached_property
    def referrals(self) -> "Referrals":
        """Referral codes for advocates."""
        from aiotalonone.endpoints.referrals import Referrals

        return Referrals(as_client(self))

    @cached_property
    def sessions(self) -> "Sessions":
        """Customer sessions: carts evaluated, closed and cancelled."""
        from aiotalonone.endpoints.sessions import Sessions

        return Sessions(as_client(self))
