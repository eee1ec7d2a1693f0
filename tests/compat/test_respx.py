"""respx stands in for the network, in both of its modes, whenever it is started."""

import httpx
import pytest
import respx
from respx.models import AllMockedAssertionError

from aiotalonone import Outcome, TransportError, TransportTimeoutError
from tests.support.clients import API_KEY, make_client
from tests.support.keep_alive_server import STATE
from tests.support.scripted_api import close_session, create_referral

SHOP = "https://shop.talon.one"
CART_PATH = "/v2/customer_sessions/cart-1"
INVENTORY = "/v1/customer_profiles/c-1/inventory"
BODY = b'{"customerSession":{"profileId":"c-1"}}'
both_modes = pytest.mark.parametrize("using", ["httpx", "httpcore"])
both_clients = pytest.mark.parametrize("transport", ["own", "external"])


@both_modes
@both_clients
async def test_a_router_started_before_the_client_responds(using, transport):
    """A router that runs when the client is opened responds, and has seen headers and body."""
    with respx.mock(base_url=SHOP, using=using) as router:
        route = router.put(CART_PATH).respond(json=STATE)
        async with make_client(transport, SHOP) as client:
            assert (await close_session(client)).effects == []
    request = route.calls.last.request
    assert request.headers["authorization"] == f"ApiKey-v1 {API_KEY}"
    assert request.content == BODY


@both_modes
@both_clients
async def test_a_router_started_after_the_client_responds(using, transport, server):
    """A router that starts after the client's first call responds until it stops; then the server does again."""
    async with make_client(transport, server.url) as client:
        await close_session(client)
        with respx.mock(base_url=server.url, using=using) as router:
            route = router.put(CART_PATH).respond(json={"effects": [], "mocked": True})
            assert (await close_session(client)).extra == {"mocked": True}
            assert route.call_count == 1
        assert (await close_session(client)).extra == {}
    assert len(server.requests) == 2


@both_modes
@both_clients
async def test_a_request_may_pass_through(using, transport, server):
    """A route that passes requests through lets them reach the server."""
    with respx.mock(using=using) as router:
        passed = router.route(host="127.0.0.1").pass_through()
        async with make_client(transport, server.url) as client:
            for _ in range(2):
                assert (await close_session(client)).effects == []
    assert passed.called
    assert [(target, body) for target, _, body in server.requests] == [(CART_PATH, BODY)] * 2


@both_modes
@both_clients
@pytest.mark.parametrize(
    ("failure", "kind"), [(httpx.ConnectError, TransportError), (httpx.ReadTimeout, TransportTimeoutError)]
)
async def test_a_side_effect_of_httpx_is_an_error_of_ours(using, transport, failure, kind):
    """An exception of httpx that a route raises becomes ours, and nothing is claimed of what was sent."""
    with respx.mock(base_url=SHOP, using=using) as router:
        route = router.post("/v1/referrals").mock(side_effect=failure)
        async with make_client(transport, SHOP) as client:
            with pytest.raises(kind) as caught:
                await create_referral(client)
    assert (type(caught.value), caught.value.outcome) == (kind, Outcome.UNKNOWN)
    assert route.call_count == 1


@both_modes
@both_clients
async def test_an_attempt_that_fails_is_followed_by_another(using, transport):
    """A list of side effects is met attempt by attempt, with the same idempotency key."""
    with respx.mock(base_url=SHOP, using=using) as router:
        route = router.put(CART_PATH).mock(
            side_effect=[httpx.ReadError, httpx.Response(503), httpx.Response(200, json=STATE)]
        )
        async with make_client(transport, SHOP) as client:
            await close_session(client)
    assert len({call.request.headers["idempotency-key"] for call in route.calls}) == 1
    assert route.call_count == 3


@both_modes
@both_clients
async def test_a_request_without_a_route_fails_the_test(using, transport):
    """The assertion of respx reaches the test as it is, and no retry hides it."""
    with respx.mock(using=using, assert_all_called=False):
        async with make_client(transport, SHOP) as client:
            with pytest.raises(AllMockedAssertionError):
                await close_session(client)


@both_modes
async def test_a_route_that_is_not_called_fails_the_test(using):
    """``assert_all_called`` works with the client as with any other."""
    router = respx.mock(base_url=SHOP, using=using)
    router.start()
    router.get(INVENTORY).respond(json={})
    router.put(CART_PATH).respond(json=STATE)
    async with make_client("own", SHOP) as client:
        await close_session(client)
    with pytest.raises(AssertionError, match="were not called"):
        router.stop()
