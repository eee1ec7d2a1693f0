"""The vendor's SDK as a client of the sandbox: each operation succeeds, and the SDK reads its response."""

import asyncio
import warnings
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import field, frozen
from pydantic import ValidationError

from aiotalonone.operation import PathValue
from aiotalonone.sandbox import Sandbox
from tests.support.all_operations import SHOP
from tests.support.sandbox_server import serving
from tests.vendor import sdk

EVENTS_ARE_ARRAYS = "the SDK wants objects as effects of an event, which are arrays"
CONTENT = ["customerSession", "customerProfile", "coupons", "triggeredCampaigns", "referral", "loyalty"]


@frozen
class Call:
    """A call of the SDK, and what it returns."""

    operation_id: str
    path: tuple[PathValue, ...] = ()
    body: Any = None
    query: Mapping[str, Any] = field(factory=dict)
    returns: str | None = None
    """Name of the SDK's class; it has names of its own for responses that the specification does not name."""
    defect: str = ""
    """Why the SDK cannot read the response."""


TEA = {"sku": "tea", "quantity": 2, "price": 4}
SESSION = {"profileId": "ada", "couponCodes": ["WELCOME", "NO"], "cartItems": [TEA]}
CALLS = [
    Call(
        "updateCustomerSessionV2",
        ("s-1",),
        {"customerSession": SESSION | {"state": "closed"}, "responseContent": CONTENT},
        returns="IntegrationStateV2",
    ),
    Call(
        "updateCustomerProfileV2",
        ("ada",),
        {"attributes": {"Name": "Ada"}, "responseContent": ["customerProfile", "loyalty"]},
        {"run_rule_engine": True},
        returns="CustomerProfileIntegrationResponseV2",
    ),
    Call(
        "updateCustomerProfilesV2",
        body={"customerProfiles": [{"integrationId": "ada"}]},
        query={"silent": False},
        returns="MultipleCustomerProfileIntegrationResponseV2",
    ),
    Call(
        "updateCustomerProfileAudiences",
        body={"data": [{"action": "add", "profileIntegrationId": "ada", "audienceId": 1}]},
    ),
    Call("createCouponReservation", ("WELCOME",), {"integrationIDs": ["ada"]}, returns="Coupon"),
    Call("getReservedCustomers", ("WELCOME",), returns="GetReservedCustomers200Response"),
    Call("deleteCouponReservation", ("WELCOME",), {"integrationIDs": ["ada"]}),
    Call("createReferral", body={"campaignId": 2, "advocateProfileIntegrationId": "ada"}, returns="Referral"),
    Call(
        "createReferralsForMultipleAdvocates",
        body={"campaignId": 2, "advocateProfileIntegrationIds": ["ada"], "usageLimit": 1},
        query={"silent": False},
        returns="CreateReferralsForMultipleAdvocates201Response",
    ),
    Call(
        "getCustomerInventory",
        ("ada",),
        query=dict.fromkeys(("profile", "referrals", "coupons", "loyalty", "giveaways", "achievements"), True),
        returns="CustomerInventory",
    ),
    Call("getCustomerSession", ("s-1",), returns="IntegrationCustomerSessionResponse"),
    Call("reopenCustomerSession", ("s-1",), returns="ReopenSessionResponse"),
    Call("updateCustomerSessionV2", ("s-1",), {"customerSession": {"state": "closed"}}, returns="IntegrationStateV2"),
    Call(
        "returnCartItems",
        ("s-1",),
        {"return": {"returnedCartItems": [{"position": 0, "quantity": 1}]}, "responseContent": ["customerSession"]},
        returns="IntegrationStateV2",
    ),
    Call(
        "trackEventV2",
        body={"profileId": "ada", "type": "visit", "responseContent": ["customerProfile"]},
        query={"silent": False},
        returns="TrackEventV2Response",
    ),
    Call("deleteCustomerData", ("ada",)),
    Call(
        "updateCustomerSessionV2",
        ("s-2",),
        {"customerSession": SESSION, "responseContent": ["event"]},
        defect=EVENTS_ARE_ARRAYS,
    ),
]
"""In this order, since later calls find what earlier ones have made."""

OPERATIONS = {operation.operation_id: operation for operation in sdk.KNOWN}


async def _results() -> list[Any]:
    async with serving(Sandbox(SHOP).app) as server:
        vendor = sdk.api(server.url, "sandbox-key")
        return [await _result(vendor, call) for call in CALLS]


async def _result(vendor: Any, call: Call) -> Any:
    try:
        return await sdk.call(vendor, OPERATIONS[call.operation_id], path=call.path, body=call.body, query=call.query)
    except ValidationError as error:
        return error


@pytest.fixture(scope="module")
def results() -> list[Any]:
    """Return what the calls came to: a result, an error of the API, or one of the SDK's own reading."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK's models are pydantic's to judge
        return asyncio.run(_results())


@pytest.mark.parametrize("index", range(len(CALLS)), ids=[call.operation_id for call in CALLS])
def test_the_sdk_reads_what_the_sandbox_sends(results: list[Any], index: int) -> None:
    """A valid call succeeds, and its response becomes the SDK's class, unless the SDK has the defect that is named."""
    call, result = CALLS[index], results[index]
    if call.defect:
        assert isinstance(result, ValidationError), "the SDK has lost its defect"
    else:
        assert type(result).__name__ == (call.returns or "NoneType"), result


def test_every_operation_of_the_sdk_is_called() -> None:
    """Each operation that the SDK and the client know is called without a defect."""
    assert {call.operation_id for call in CALLS if not call.defect} == set(OPERATIONS)
