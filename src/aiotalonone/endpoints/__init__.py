"""The API's operations, one module per group: the facts of each as a constant, then its method."""

from typing import Any, Final

from aiotalonone.endpoints import coupons, customers, events, referrals, sessions
from aiotalonone.endpoints._base import EndpointGroup, JSONObject
from aiotalonone.endpoints.coupons import Coupons
from aiotalonone.endpoints.customers import Customers
from aiotalonone.endpoints.events import Events
from aiotalonone.endpoints.referrals import Referrals
from aiotalonone.endpoints.sessions import Sessions
from aiotalonone.operation import Operation

__all__ = ["OPERATIONS", "Coupons", "Customers", "EndpointGroup", "Events", "JSONObject", "Referrals", "Sessions"]

OPERATIONS: Final[tuple[Operation[Any], ...]] = tuple(
    constant
    for module in (coupons, customers, events, referrals, sessions)
    for constant in vars(module).values()
    if isinstance(constant, Operation)
)
"""Every operation that has a method."""
