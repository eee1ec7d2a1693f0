"""A checkout on aiohttp: an order closes its session and returns the points that it earned."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from aiotalonone import AsyncIntegrationClient, BadRequestError, TalonOneError, unstructure

TALON_ONE = web.AppKey("TALON_ONE", AsyncIntegrationClient)


async def talon_one(app: web.Application) -> AsyncIterator[None]:
    """One client, open as long as the service runs."""
    async with AsyncIntegrationClient.from_env() as client:
        app[TALON_ONE] = client
        yield


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn failures of Talon.One into HTTP's words; the error's one line names no customer and no key."""
    try:
        return await handler(request)
    except BadRequestError as error:
        raise web.HTTPUnprocessableEntity(text=str(error)) from error
    except TalonOneError as error:
        raise web.HTTPBadGateway(text=str(error)) from error


async def check_out(request: web.Request) -> web.Response:
    """Close the session of an order; models may be mappings in the API's names."""
    order = await read_order(request)
    state = await request.app[TALON_ONE].sessions.update_customer_session_v2(
        request.match_info["order_id"], {"customerSession": {**order, "state": "closed"}}
    )
    return web.json_response({"effects": unstructure(state.effects)})


async def read_order(request: web.Request) -> dict[str, Any]:
    """The order in the request's JSON, as members of a session."""
    try:
        order = await request.json()
        return {"profileId": order["customer"], "couponCodes": order["coupons"], "cartItems": order["lines"]}
    except (ValueError, TypeError, LookupError):
        raise web.HTTPBadRequest(text="An order is JSON with customer, coupons and lines") from None


def make_app() -> web.Application:
    """The service."""
    app = web.Application(middlewares=[explain])
    app.cleanup_ctx.append(talon_one)
    app.router.add_post(r"/orders/{order_id:[\w-]+}", check_out)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=8000)
