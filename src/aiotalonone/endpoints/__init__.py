"""The API's operations, one module per group: the facts of each as a constant, then its method."""

from aiotalonone.endpoints._group import Call, EndpointGroup, JSONObject, Query
from aiotalonone.endpoints.coupons import Coupons
from aiotalonone.endpoints.customers import Customers
from aiotalonone.endpoints.events import Events
from aiotalonone.endpoints.referrals import Referrals
from aiotalonone.endpoints.sessions import Sessions

__all__ = [
    "Call",
    "Coupons",
    "Customers",
    "EndpointGroup",
    "Events",
    "JSONObject",
    "Query",
    "Referrals",
    "Sessions",
]
