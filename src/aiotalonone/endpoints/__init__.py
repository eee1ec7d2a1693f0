"""The API's operations, one module per group: the facts of each as a constant, then its method."""

from functools import cache, cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

from aiotalonone.endpoints._base import EndpointGroup, JSONObject, as_client
from aiotalonone.operation import Operation

if TYPE_CHECKING:
    from aiotalonone.endpoints._paging import Entries
    from aiotalonone.endpoints.audiences import Audiences
    from aiotalonone.endpoints.campaigns import Campaigns
    from aiotalonone.endpoints.catalogs import Catalogs
    from aiotalonone.endpoints.coupons import Coupons
    from aiotalonone.endpoints.customers import Customers
    from aiotalonone.endpoints.events import Events
    from aiotalonone.endpoints.loyalty import Loyalty
    from aiotalonone.endpoints.loyalty_cards import LoyaltyCards
    from aiotalonone.endpoints.referrals import Referrals
    from aiotalonone.endpoints.sessions import Sessions
else:

    def __getattr__(name: str) -> Any:
        if name != "Entries":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from aiotalonone.endpoints._paging import Entries

        return Entries


__all__ = ["EndpointGroup", "EndpointGroups", "Entries", "JSONObject", "all_operations", "modules"]


def modules() -> tuple[ModuleType, ...]:
    """Import and return the module of every group."""
    from aiotalonone.endpoints import (
        audiences,
        campaigns,
        catalogs,
        coupons,
        customers,
        events,
        loyalty,
        loyalty_cards,
        referrals,
        sessions,
    )

    return audiences, campaigns, catalogs, coupons, customers, events, loyalty, loyalty_cards, referrals, sessions


@cache
def all_operations() -> tuple[Operation[Any], ...]:
    """Return every operation that has a method; this imports all groups."""
    constants = (constant for module in modules() for constant in vars(module).values())
    return tuple(constant for constant in constants if isinstance(constant, Operation))


class EndpointGroups:
    """The groups of a client, which inherits them; each is imported and made when it is first used."""

    @cached_property
    def audiences(self) -> "Audiences":
        """Audiences, and attributes of their customers."""
        from aiotalonone.endpoints.audiences import Audiences

        return Audiences(as_client(self))

    @cached_property
    def campaigns(self) -> "Campaigns":
        """The campaigns that are running."""
        from aiotalonone.endpoints.campaigns import Campaigns

        return Campaigns(as_client(self))

    @cached_property
    def catalogs(self) -> "Catalogs":
        """Catalogs of cart items, and the prices that these had."""
        from aiotalonone.endpoints.catalogs import Catalogs

        return Catalogs(as_client(self))

    @cached_property
    def coupons(self) -> "Coupons":
        """Reservations of coupons for customers."""
        from aiotalonone.endpoints.coupons import Coupons

        return Coupons(as_client(self))

    @cached_property
    def customers(self) -> "Customers":
        """Customer profiles, their audiences, inventories and achievements, and their erasure."""
        from aiotalonone.endpoints.customers import Customers

        return Customers(as_client(self))

    @cached_property
    def events(self) -> "Events":
        """Custom events of customers."""
        from aiotalonone.endpoints.events import Events

        return Events(as_client(self))

    @cached_property
    def loyalty(self) -> "Loyalty":
        """Customers in loyalty programs: balances, transactions, points and joining."""
        from aiotalonone.endpoints.loyalty import Loyalty

        return Loyalty(as_client(self))

    @cached_property
    def loyalty_cards(self) -> "LoyaltyCards":
        """Loyalty cards: made and linked, their balances, transactions and points."""
        from aiotalonone.endpoints.loyalty_cards import LoyaltyCards

        return LoyaltyCards(as_client(self))

    @cached_property
    def referrals(self) -> "Referrals":
        """Referral codes for advocates."""
        from aiotalonone.endpoints.referrals import Referrals

        return Referrals(as_client(self))

    @cached_property
    def sessions(self) -> "Sessions":
        """Customer sessions: carts evaluated, closed, cancelled, returned and reopened."""
        from aiotalonone.endpoints.sessions import Sessions

        return Sessions(as_client(self))
