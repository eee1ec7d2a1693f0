"""The vendor's SDK as a client of the sandbox: each operation succeeds, and the SDK reads its response."""

import asyncio
import warnings
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import field, frozen
from pydantic import ValidationError
from talon_one.exceptions import ApiException

from aiotalonone.call import PathValue
from aiotalonone.sandbox import Sandbox
from tests.support.all_operations import SHOP
from tests.support.sandbox_server import serving
from tests.vendor import sdk

OLDER_REQUEST = "the SDK drops timeframeEndDateType, which the API requires"
EVENTS_ARE_ARRAYS = "the SDK wants objects as effects of an event, which are arrays"
CONTENT = ["customerSession", "customerProfile", "coupons", "triggeredCampaigns", "referral", "loyalty"]


@frozen
class Call:
    """A call of the SDK, and what it returns."""

    operation_id: str
    path: tuple[PathValue, ...] = ()
    body: Any = None
    """A JSON value, or what makes one of the earlier results by their operations."""
    query: Mapping[str, Any] = field(factory=dict)
    returns: str | None = None
    """Name of the SDK's class; it has names of its own for responses that the specification does not name."""
    defect: str = ""
    """Why the SDK cannot make the request, or read the response."""


PROGRAM_OF_ADA = (5, "ada")
OF_LOYALTY_PROFILES = {
    "getLoyaltyBalances": "LoyaltyBalancesWithTiers",
    "getLoyaltyProgramProfilePoints": "GetLoyaltyProgramProfilePoints200Response",
    "getLoyaltyProgramProfileTransactions": "GetLoyaltyProgramProfileTransactions200Response",
}
CARD = (6, "CARD-0001")
OF_LOYALTY_CARDS = {
    "getLoyaltyCardBalances": "LoyaltyCardBalances",
    "getLoyaltyCardPoints": "GetLoyaltyCardPoints200Response",
    "getLoyaltyCardTransactions": "GetLoyaltyCardTransactions200Response",
}
ADDED = {"type": "ADD", "payload": {"sku": "black", "price": 5}}
PRIOR_PRICE = {
    "skus": ["black"],
    "timeframeEndDate": "2040-01-01T00:00:00Z",
    "timeframe": "30",
    "timeframeEndDateType": "strict",
    "strictEndDate": True,
}


def _waiting_points(results: dict[str, Any]) -> dict[str, Any]:
    """Return the body that activates the points which wait for it."""
    transactions = results["getLoyaltyProgramProfileTransactions"].data
    waiting = [one.transaction_uuid for one in transactions if one.start_date == "on_action"]
    return {"transactionUUIDs": waiting}


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
    *(Call(name, PROGRAM_OF_ADA, returns=kind) for name, kind in OF_LOYALTY_PROFILES.items()),
    Call("activateLoyaltyPoints", (5,), _waiting_points, returns="ActivateLoyaltyPointsResponse"),
    Call("deleteLoyaltyTransactionsFromLedgers", PROGRAM_OF_ADA, {"scope": "AllSubledgers"}),
    Call("generateLoyaltyCard", (6,), {"cardIdentifier": CARD[1]}, returns="LoyaltyCard"),
    Call("linkLoyaltyCardToProfile", CARD, {"integrationId": "ada"}, returns="LoyaltyCard"),
    *(Call(name, CARD, returns=kind) for name, kind in OF_LOYALTY_CARDS.items()),
    Call("unlinkLoyaltyCardFromProfile", CARD, {"integrationId": "ada"}, returns="LoyaltyCard"),
    Call("createAudienceV2", body={"name": "Drinkers"}, returns="Audience"),
    Call("updateAudienceV2", (2,), {"name": "Tea drinkers"}, returns="Audience"),
    Call("updateAudienceCustomersAttributes", (2,), {"Drink": "tea"}),
    Call("deleteAudienceMembershipsV2", (2,)),
    Call("deleteAudienceV2", (2,)),
    Call("getCustomerAchievements", ("ada",), returns="GetCustomerAchievements200Response"),
    Call("getCustomerAchievementHistory", ("ada", 8), returns="GetCustomerAchievementHistory200Response"),
    Call("syncCatalog", (7,), {"actions": [ADDED]}, returns="Catalog"),
    Call("bestPriorPrice", body=PRIOR_PRICE, defect=OLDER_REQUEST),
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
        found: dict[str, Any] = {}
        results = []
        for call in CALLS:
            found[call.operation_id] = await _result(vendor, call, found)
            results.append(found[call.operation_id])
        return results


async def _result(vendor: Any, call: Call, found: dict[str, Any]) -> Any:
    body = call.body(found) if callable(call.body) else call.body
    try:
        return await sdk.call(vendor, OPERATIONS[call.operation_id], path=call.path, body=body, query=call.query)
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
        assert isinstance(result, (ValidationError, ApiException)), "the SDK has lost its defect"
    else:
        assert type(result).__name__ == (call.returns or "NoneType"), result


def test_every_operation_of_the_sdk_is_called() -> None:
    """Each operation that the SDK and the client know is called, one of them in spite of its defect alone."""
    assert {call.operation_id for call in CALLS} == set(OPERATIONS)
    assert set(OPERATIONS) - {call.operation_id for call in CALLS if not call.defect} == {"bestPriorPrice"}
