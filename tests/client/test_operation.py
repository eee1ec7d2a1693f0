"""Operations as data, and the path values that address them."""

import pkgutil
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotalonone import endpoints
from aiotalonone.call import encode_segment, fill_path
from aiotalonone.endpoints import all_operations, coupons
from aiotalonone.operation import Operation, RetrySafety, snake_case
from tests.contract.calls import EACH_OPERATION, GROUP_OF

TYPED = Path(__file__).parents[1] / "typing" / "api.py"

REVIEWED = {
    RetrySafety.SAFE: {
        "bestPriorPrice",
        "getCustomerAchievementHistory",
        "getCustomerAchievements",
        "getCustomerInventory",
        "getCustomerSession",
        "getEventV3",
        "getLoyaltyBalances",
        "getLoyaltyCardBalances",
        "getLoyaltyCardPoints",
        "getLoyaltyCardTransactions",
        "getLoyaltyProgramProfilePoints",
        "getLoyaltyProgramProfileTransactions",
        "getReservedCustomers",
        "integrationGetAllCampaigns",
    },
    RetrySafety.IDEMPOTENCY_KEY: {
        "reopenCustomerSession",
        "returnCartItems",
        "trackEventV2",
        "updateCustomerProfileV2",
        "updateCustomerProfilesV2",
        "updateCustomerSessionV2",
    },
    RetrySafety.IDEMPOTENT: {
        "createCouponReservation",
        "deleteAudienceMembershipsV2",
        "deleteAudienceV2",
        "deleteCouponReservation",
        "deleteCustomerData",
        "linkLoyaltyCardToProfile",
        "trackEventV3",
        "unlinkLoyaltyCardFromProfile",
        "syncCatalog",
        "updateAudienceCustomersAttributes",
        "updateAudienceV2",
        "updateCustomerProfile",
        "updateCustomerProfileAudiences",
    },
    RetrySafety.UNSAFE: {
        "activateLoyaltyPoints",
        "createAudienceV2",
        "createReferral",
        "createReferralsForMultipleAdvocates",
        "deleteLoyaltyTransactionsFromLedgers",
        "generateLoyaltyCard",
        "joinLoyaltyProgram",
        "trackEvent",
        "updateCustomerSession",
    },
}
"""The review of what a second request of each operation does: written by hand, apart from the constants."""


SAID_BY_THE_PATH = {
    *("deleteAudienceMembershipsV2", "deleteAudienceV2", "deleteCustomerData", "joinLoyaltyProgram"),
    "reopenCustomerSession",
}
"""Writes without a body."""


def test_every_module_of_endpoints_is_among_the_operations():
    """A module of endpoints that ``modules`` leaves out would not be held to anything."""
    modules = {module.name for module in pkgutil.iter_modules(endpoints.__path__) if not module.name.startswith("_")}
    assert {GROUP_OF[operation] for operation in all_operations()} == modules


@EACH_OPERATION
def test_the_retry_safety_of_an_operation_is_the_reviewed_one(operation):
    """The retry safety of every operation is what the review by hand says."""
    assert operation.operation_id in REVIEWED[operation.retry_safety], "review it, and add it to REVIEWED"


def test_the_review_names_every_operation_once():
    """The review names every operation exactly once, and no other."""
    reviewed = [operation_id for ids in REVIEWED.values() for operation_id in ids]
    assert sorted(reviewed) == sorted(operation.operation_id for operation in all_operations())


@EACH_OPERATION
def test_a_method_with_a_body_says_which_model_it_sends(operation):
    """Every write has a body model but those that the path says whole, and no read has one."""
    assert (operation.body is None) is (operation.method == "GET" or operation.operation_id in SAID_BY_THE_PATH)


@EACH_OPERATION
def test_type_checkers_see_the_result_of_every_operation(operation):
    """The file that mypy and pyright check calls the method of each operation."""
    method = snake_case(operation.operation_id)
    assert re.search(rf"\.{method}\b", TYPED.read_text(encoding="utf-8"))


COUPON = coupons.GET_RESERVED_CUSTOMERS
CARD = Operation(
    operation_id="getCard",
    request="GET /v1/programs/{loyaltyProgramId}/cards/{loyaltyCardId}/points",
    success=(200,),
    retry_safety=RetrySafety.SAFE,
)


@pytest.mark.parametrize(
    ("name", "keyword"),
    [
        ("dry", "dry"),
        ("runRuleEngine", "run_rule_engine"),
        ("customerSessionIDs", "customer_session_ids"),
        ("transactionUUIDs", "transaction_uuids"),
        ("updateCustomerProfilesV2", "update_customer_profiles_v2"),
        ("IntegrationEventV3Request", "integration_event_v3_request"),
    ],
)
def test_a_python_name_is_the_api_name_in_snake_case(name, keyword):
    """Several capitals in a row are one word, and a digit belongs to the letter before it."""
    assert snake_case(name) == keyword


def test_a_path_may_have_several_values():
    """Each value is put at its own name, an integer as its digits, and text that looks like a name stays as it is."""
    assert fill_path(CARD, (7, "a/{loyaltyCardId}")) == "/v1/programs/7/cards/a%2F%7BloyaltyCardId%7D/points"


@pytest.mark.parametrize("values", [(), (7,), (7, "a", "b")])
def test_a_path_needs_a_value_for_each_name(values):
    """A value too few or too many raises TypeError that names the operation and the number."""
    with pytest.raises(TypeError, match=f"the path of getCard has 2 values, not {len(values)}"):
        fill_path(CARD, values)


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("SUMMER", "SUMMER"),
        ("10$OFF/NOW", "10%24OFF%2FNOW"),
        ("a b?c#d", "a%20b%3Fc%23d"),
        ("50%", "50%25"),
        ("%2F", "%252F"),
        ("é☃", "%C3%A9%E2%98%83"),
        ("...", "..."),
        ("a;b=c,d@e:f+g&h", "a%3Bb%3Dc%2Cd%40e%3Af%2Bg%26h"),
        ("\x00\n", "%00%0A"),
        ("{couponValue}", "%7BcouponValue%7D"),
    ],
)
def test_a_path_value_is_one_encoded_segment(value, segment):
    """A code or ID of any characters becomes one segment of the path."""
    assert fill_path(COUPON, (value,)) == f"/v1/coupon_reservations/customerprofiles/{segment}"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text not in {".", ".."}))
def test_every_text_survives_the_path(value):
    """Decoding the segment gives the text back, and nothing in the text ends the segment."""
    segment = encode_segment("couponValue", value)
    assert unquote(segment, errors="strict") == value
    assert not set(segment) & set("/?#\\ ;")


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_addresses_another_resource_is_rejected(value):
    """A path value that is empty or dots raises ValueError, since it would address another resource."""
    with pytest.raises(ValueError, match="couponValue must not be empty"):
        fill_path(COUPON, (value,))


def test_a_value_that_is_not_utf8_is_rejected_without_being_shown():
    """A lone surrogate in a path value raises ValueError, whose text does not show the value."""
    with pytest.raises(ValueError, match="lone surrogate") as caught:
        fill_path(COUPON, ("secret-\ud800",))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", [True, 7.0, None, b"code", int])
def test_a_value_that_is_neither_text_nor_integer_is_rejected(value):
    """A path value that is neither text nor an integer raises TypeError."""
    with pytest.raises(TypeError, match=f"must be a str or an int, not {type(value).__name__}"):
        fill_path(COUPON, (value,))
