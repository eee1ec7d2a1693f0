import asyncio
import sys
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from aiotalonone import ClientStateError, or_none
from aiotalonone.aiohttp import TALON_ONE, deadline_middleware, get_client, setup
from tests.support.raw_server import PATIENCE
from tests.support.told_api import HANG, ToldApi
from tests.support.virtual_time import in_virtual_time


async def coupons(request):
    found = await or_none(get_client(request).customers.get_customer_inventory("ada", coupons=True))
    return web.json_response([coupon.value for coupon in found.coupons] if found else [])


async def check_out(request):
    session = {"customerSession": {"state": "closed"}}
    await get_client(request).sessions.update_customer_session_v2("cart-1", session)
    return web.Response(text="bought")


async def break_down(_request):
    raise LookupError


async def stream(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"first")
    await get_client(request).customers.get_customer_inventory("ada")
    return response


async def talk(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    found = await get_client(request).customers.get_customer_inventory("ada")
    await socket.send_str(f"{len(found.coupons)} coupon")
    return socket


ROUTES = [
    web.get("/coupons", coupons),
    web.post("/orders", check_out),
    web.get("/broken", break_down),
    web.get("/stream", stream),
    web.get("/socket", talk),
]


@pytest.fixture
def api():
    return ToldApi()


@asynccontextmanager
async def serving(api, *middlewares, is_set_up=True):
    """Run an application on loopback; return an HTTP client of it."""
    app = web.Application(middlewares=middlewares)
    app.add_routes(ROUTES)
    if is_set_up:
        setup(app, api.create_client)
    async with TestClient(TestServer(app)) as http:
        yield http


async def test_handlers_have_the_client(api):
    """A handler has the client that was opened at the start, and the end closes it."""
    async with serving(api) as http:
        assert await (await http.get("/coupons")).json() == ["SUMMER"]
        assert (await http.post("/orders")).status == 200
        assert [http.app[TALON_ONE]] == api.clients
    with pytest.raises(ClientStateError, match="closed"):
        await api.clients[0].request("GET", "/")


async def test_nested_applications_have_the_client(api):
    """A nested application has the client of the one around it."""
    app, nested = web.Application(), web.Application()
    nested.add_routes(ROUTES)
    app.add_subapp("/shop", nested)
    setup(app, api.create_client)
    async with TestClient(TestServer(app)) as http:
        assert await (await http.get("/shop/coupons")).json() == ["SUMMER"]
        api.result = 404
        assert (await http.post("/shop/orders")).status == 404


async def test_an_error_is_a_problem(api):
    """An error of a call becomes problem details with its outcome, and with Retry-After if it is known."""
    api.result = 429
    async with serving(api) as http:
        response = await http.post("/orders")
        problem = await response.json(content_type="application/problem+json")
    assert (response.status, response.headers["Retry-After"]) == (503, "30")
    assert problem == {
        "title": "Service Unavailable",
        "status": 503,
        "detail": "The promotion service is not available now.",
        "outcome": "rejected",
    }


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/stream", ["Connection: close"]),
        (
            "/socket",
            [
                "Connection: upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                f"Sec-WebSocket-Key: {'A' * 22}==",
            ],
        ),
    ],
)
async def test_no_response_follows_one_that_has_started(api, path, headers):
    """An error within a stream or a WebSocket ends the connection, and no second response is written into it."""
    api.result = 429
    async with serving(api) as http, asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection(http.host, http.port)
        writer.write("\r\n".join([f"GET {path} HTTP/1.1", "Host: shop", *headers, "", ""]).encode())
        try:
            assert (await reader.read()).count(b"HTTP/1.1") == 1
        finally:
            writer.close()


async def test_a_call_may_be_dispensable(api):
    """A page that reads for its customer does without what a busy API cannot tell."""
    api.result = 429
    async with serving(api) as http:
        response = await http.get("/coupons")
        assert (response.status, await response.json()) == (200, [])


async def test_other_errors_are_left_to_aiohttp(api):
    """An error that is not of a call is aiohttp's to handle."""
    async with serving(api) as http:
        response = await http.get("/broken")
    assert (response.status, response.content_type) == (500, "text/plain")


async def test_without_setup_there_is_a_clear_error(api, caplog):
    """An application that was not set up says what it lacks."""
    async with serving(api, is_set_up=False) as http:
        assert (await http.get("/coupons")).status == 500
    assert "call aiotalonone.aiohttp.setup(app)" in caplog.text


@in_virtual_time
async def test_the_calls_of_a_request_share_a_deadline(api):
    """The deadline of the middleware holds for the calls of a handler, and a header of the caller's can shorten it."""
    api.result, time = HANG, asyncio.get_running_loop().time
    async with serving(api, deadline_middleware(60, header="X-Wait")) as http:
        for headers, seconds in (({}, 60), ({"x-wait": "2000"}, 2)):
            start = time()
            response = await http.post("/orders", headers=headers)
            problem = await response.json(content_type="application/problem+json")
            assert (response.status, problem["outcome"]) == (504, "unknown")
            assert time() - start == pytest.approx(seconds)


async def test_a_websocket_outlives_the_deadline_of_requests(api):
    """A WebSocket's calls have the client's own deadline, however short that of requests is."""
    async with serving(api, deadline_middleware(1e-9)) as http:
        socket = await http.ws_connect("/socket")
        assert await socket.receive_str() == "1 coupon"
        assert (await http.post("/orders")).status == 504


@pytest.mark.parametrize(("seconds", "kind"), [(0, ValueError), ("2", TypeError)])
def test_an_invalid_deadline_is_an_error_at_once(seconds, kind):
    """A deadline that cannot be used is an error where it is written, not in the first request."""
    with pytest.raises(kind, match="seconds"):
        deadline_middleware(seconds)


def test_without_aiohttp_there_is_a_clear_error(monkeypatch):
    """Without aiohttp the import says what to install."""
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "aiotalonone.aiohttp")
    with pytest.raises(ImportError, match=r'pip install "aiotalonone\[aiohttp\]"'):
        import aiotalonone.aiohttp  # noqa: F401, PLC0415 - it is what the test is about
