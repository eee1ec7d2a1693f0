import asyncio
import socket

import httpx
import pytest
import uvicorn

from aiotalonone import (
    BadRequestError,
    ClientStateError,
    ConflictError,
    Outcome,
    RateLimitError,
    ServerError,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
)
from examples import fastapi_service

INVALID = "updateCustomerSessionV2 failed: 400 The submitted data was invalid"
CART = {
    "customer_id": "grace",
    "coupons": ["SUMMER", "WINTER"],
    "lines": [{"sku": "beans-1kg", "quantity": 2, "price": "18.90"}],
}


@pytest.fixture
async def shop():
    """Run the service on a real server, whose shutdown ends its lifespan."""
    server = uvicorn.Server(uvicorn.Config(fastapi_service.app, lifespan="on", ws="none", log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        try:
            async with httpx.AsyncClient(base_url="http://127.0.0.1:{1}".format(*listener.getsockname())) as http:
                yield http
        finally:
            server.should_exit = True
            await serving


async def test_a_cart_is_priced(shop):
    """A cart is ten percent cheaper to the cent, and the response says what became of each code."""
    answer = await shop.put("/carts/fastapi-1", json=CART)
    assert answer.status_code == 200
    assert answer.json() == {
        "total": "37.80",
        "discount": "3.78",
        "accepted": ["SUMMER"],
        "rejected": {"WINTER": "CouponNotFound"},
    }


async def test_what_talon_one_rejects_is_unprocessable(shop, talon_one):
    """A change of a closed cart is 422, with a line that does not name the cart."""
    await shop.put("/carts/fastapi-2", json=CART)
    await talon_one.sessions.update_customer_session_v2("fastapi-2", {"customerSession": {"state": "closed"}})
    answer = await shop.put("/carts/fastapi-2", json={**CART, "coupons": []})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(INVALID)


@pytest.mark.parametrize("change", [{"coupons": ["x" * 101]}, {"lines": [{"sku": "s", "quantity": 0, "price": 1}]}])
async def test_a_cart_beyond_the_limits_never_leaves_the_service(shop, change):
    """A cart beyond the API's limits is rejected by the service itself."""
    assert (await shop.put("/carts/fastapi-3", json=CART | change)).status_code == 422


async def test_shutdown_closes_the_client():
    """The lifespan closes the client when the service stops."""
    app = fastapi_service.app
    async with app.router.lifespan_context(app):
        client = app.state.talon_one
        await client.request("GET", "/sandbox/state")
    with pytest.raises(ClientStateError, match="closed"):
        await client.request("GET", "/sandbox/state")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (BadRequestError, 422),
        (ConflictError, 503),
        (RateLimitError, 503),
        (TransportTimeoutError, 504),
        (TransportError, 502),
        (ServerError, 502),
    ],
)
def test_each_error_has_its_status(kind: type[TalonOneError], status):
    """Rejections, too many requests and failures of Talon.One have statuses of their own."""
    if issubclass(kind, TransportError):
        error: TalonOneError = kind("read timeout", operation_id="op", outcome=Outcome.UNKNOWN)
    else:
        error = kind("no", operation_id="op", status=400)
    assert fastapi_service.status_of(error) == status
