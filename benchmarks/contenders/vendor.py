"""The vendor's SDK, as its users call it: a model for each request, and threads, since it blocks."""

from collections.abc import Iterator
from contextlib import contextmanager

from talon_one import ApiClient, Configuration, IntegrationApi
from talon_one.models import CartItem, IntegrationRequest, NewCustomerSessionV2

from benchmarks import payloads
from benchmarks.contenders import Call
from benchmarks.contenders.target import API_KEY, TIMEOUT, Target


def api(target: Target) -> IntegrationApi:
    """Return the SDK's client."""
    configuration = Configuration(
        host=target.url,
        api_key={"api_key_v1": API_KEY},
        api_key_prefix={"api_key_v1": "ApiKey-v1"},
        ssl_ca_cert=target.ca_file,
    )
    configuration.connection_pool_maxsize = target.max_connections
    return IntegrationApi(ApiClient(configuration))


def request() -> IntegrationRequest:
    """Build the update of a session, as a caller does for each call."""
    session = payloads.SESSION
    return IntegrationRequest(
        customer_session=NewCustomerSessionV2(
            profile_id=session["profileId"],
            coupon_codes=session["couponCodes"],
            state=session["state"],
            cart_items=[CartItem(**item) for item in session["cartItems"]],
            attributes=session["attributes"],
        )
    )


@contextmanager
def vendor(target: Target) -> Iterator[Call]:
    """Use the SDK."""
    opened = api(target)
    yield lambda session: opened.update_customer_session_v2(session, request(), _request_timeout=TIMEOUT)
