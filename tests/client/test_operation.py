"""Operations as data, and the path values that address them."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotalonone.endpoints import coupons
from aiotalonone.operation import RetrySafety, encode_segment, fill_path
from tests.contract.calls import EACH_OPERATION, OPERATIONS
from tests.contract.specs import OPERATION_IDS


def test_the_fourteen_operations_are_there():
    """The manual's fourteen operations are declared once each."""
    assert sorted(operation.operation_id for operation in OPERATIONS) == sorted(OPERATION_IDS)


REPEAT = {
    RetrySafety.SAFE: {"getReservedCustomers", "getCustomerInventory"},
    RetrySafety.IDEMPOTENCY_KEY: {"updateCustomerSessionV2", "updateCustomerProfileV2", "updateCustomerProfilesV2"},
    RetrySafety.IDEMPOTENT: {
        "createCouponReservation",
        "deleteCouponReservation",
        "deleteCustomerData",
        "updateCustomerProfile",
        "updateCustomerProfileAudiences",
    },
    RetrySafety.UNSAFE: {
        "createReferral",
        "createReferralsForMultipleAdvocates",
        "trackEvent",
        "updateCustomerSession",
    },
}


@EACH_OPERATION
def test_an_operation_says_what_a_repetition_does(operation):
    """Whether a request may be sent twice is a property of its operation; a mistake here burns a coupon twice."""
    assert operation.operation_id in REPEAT[operation.retry_safety]


@EACH_OPERATION
def test_a_method_with_a_body_says_which_model_it_sends(operation):
    """Writes send a model, reads send nothing; erasing a customer needs no more than the ID."""
    sends_nothing = operation.method == "GET" or operation.operation_id == "deleteCustomerData"
    assert (operation.body is None) is sends_nothing


COUPON = coupons.GET_RESERVED_CUSTOMERS


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
    """Whatever a code or ID contains, it stays one segment of the path."""
    assert fill_path(COUPON, (value,)) == f"/v1/coupon_reservations/customerprofiles/{segment}"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text not in {".", ".."}))
def test_every_text_survives_the_path(value):
    """Decoding the segment gives the value back, and nothing in it can end the segment."""
    segment = encode_segment("couponValue", value)
    assert unquote(segment, errors="strict") == value
    assert not set(segment) & set("/?#\\ ;")


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_addresses_another_resource_is_refused(value):
    """``DELETE /v1/customer_data/..`` would be another call."""
    with pytest.raises(ValueError, match="couponValue must not be empty"):
        fill_path(COUPON, (value,))


def test_a_value_that_is_no_utf8_is_refused_without_being_shown():
    """A lone surrogate cannot travel; the error does not repeat the ID around it."""
    with pytest.raises(ValueError, match="lone surrogate") as caught:
        fill_path(COUPON, ("secret-\ud800",))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", [7, None, b"code"])
def test_a_value_that_is_no_text_is_refused(value):
    """An ID of another type is a mistake of the caller, not something to be spelled for them."""
    with pytest.raises(TypeError, match=f"must be a str, not {type(value).__name__}"):
        fill_path(COUPON, (value,))
