"""The service and its two handlers."""

from typing import Any

from aiohttp import web

from aiotalonone import or_none, unstructure
from aiotalonone.aiohttp import deadline_middleware, get_client, setup

ORDER = "An order is JSON with customer, coupons and lines"


async def coupons(request: web.Request) -> web.Response:
    """Return the customer's coupons; the list is empty while Talon.One is slow or down."""
    customers = get_client(request).customers
    inventory = await or_none(customers.get_customer_inventory(request.match_info["customer"], coupons=True))
    return web.json_response([coupon.value for coupon in (inventory and inventory.coupons) or []])


async def check_out(request: web.Request) -> web.Response:
    """Close the session of an order, and return its effects; models may be mappings in the API's names.

    The order is the idempotency key: if a response is lost, the caller sends the order again and gets the same one.
    """
    order_id, order = request.match_info["order"], await read_order(request)
    once = get_client(request).with_options(idempotency_key=f"order-{order_id}")
    session = {**order, "state": "closed"}
    try:
        state = await once.sessions.update_customer_session_v2(order_id, {"customerSession": session})
    except (TypeError, ValueError):  # a member of the wrong kind is not sent
        raise web.HTTPBadRequest(text=ORDER) from None
    return web.json_response({"effects": unstructure(state.effects)})


async def read_order(request: web.Request) -> dict[str, Any]:
    """The order in the request's JSON, as members of a session."""
    try:
        order = await request.json()
        return {"profileId": order["customer"], "couponCodes": order["coupons"], "cartItems": order["lines"]}
    except (ValueError, TypeError, LookupError):
        raise web.HTTPBadRequest(text=ORDER) from None


def make_app() -> web.Application:
    """The service."""
    app = web.Application(middlewares=[deadline_middleware(5.0)])
    setup(app)
    app.router.add_get("/customers/{customer}/coupons", coupons)
    app.router.add_post("/orders/{order:[A-Za-z0-9_-]{1,64}}", check_out)
    return app
