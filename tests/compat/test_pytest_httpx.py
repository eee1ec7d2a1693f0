"""pytest-httpx stands in for the network of both kinds of clients."""

import httpx
import pytest

from aiotalonone import Outcome, TransportTimeoutError
from tests.support.clients import API_KEY, make_client
from tests.support.keep_alive_server import STATE
from tests.support.scripted_api import close_session, create_referral

SHOP = "https://shop.talon.one"
CART_URL = f"{SHOP}/v2/customer_sessions/cart-1"
both_clients = pytest.mark.parametrize("transport", ["own", "external"])


@both_clients
async def test_a_response_is_given_and_the_request_kept(transport, httpx_mock):
    """A response for a URL is given, and the request can be looked at: method, headers and body."""
    httpx_mock.add_response(
        method="PUT", url=CART_URL, json=STATE, match_json={"customerSession": {"profileId": "c-1"}}
    )
    async with make_client(transport, SHOP) as client:
        assert (await close_session(client)).effects == []
    request = httpx_mock.get_request()
    assert request.headers["authorization"] == f"ApiKey-v1 {API_KEY}"
    assert request.headers["content-type"] == "application/json"


@both_clients
@pytest.mark.httpx_mock(should_mock=lambda request: "cart-1" in request.url.path)
async def test_a_mock_started_after_the_client_responds(transport, server, request):
    """A mock that starts after the first call responds, and a request that it leaves alone reaches the server."""
    async with make_client(transport, server.url) as client:
        await close_session(client)
        httpx_mock = request.getfixturevalue("httpx_mock")
        httpx_mock.add_response(json={"effects": [], "mocked": True})
        assert (await close_session(client)).extra == {"mocked": True}
        assert (await close_session(client, "cart-2")).extra == {}
    assert [target.rpartition("/")[2] for target, _, _ in server.requests] == ["cart-1", "cart-2"]


@both_clients
async def test_an_exception_is_an_error_of_ours(transport, httpx_mock):
    """An exception of httpx becomes ours, and an unsafe call is not sent again."""
    httpx_mock.add_exception(httpx.ReadTimeout("too late"))
    async with make_client(transport, SHOP) as client:
        with pytest.raises(TransportTimeoutError, match="read timeout") as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert len(httpx_mock.get_requests()) == 1


@both_clients
async def test_responses_are_given_attempt_by_attempt(transport, httpx_mock):
    """A failure and a success are met by one call."""
    httpx_mock.add_response(status_code=503)
    httpx_mock.add_response(json=STATE)
    async with make_client(transport, SHOP) as client:
        await close_session(client)
    assert len({request.headers["idempotency-key"] for request in httpx_mock.get_requests()}) == 1


@both_clients
@pytest.mark.httpx_mock(assert_all_requests_were_expected=False)
async def test_a_request_that_is_not_expected_fails(transport, httpx_mock):
    """A request without a response ends as a timeout, as pytest-httpx has it; the fixture then fails the test."""
    async with make_client(transport, SHOP) as client:
        with pytest.raises(TransportTimeoutError):
            await create_referral(client)
    assert len(httpx_mock.get_requests()) == 1
