import asyncio
import sys
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.responses import PlainTextResponse

from aiotalonone import ClientStateError, DeadlineExceededError, NotFoundError, TalonOneError, or_none
from aiotalonone.fastapi import TalonOne, get_client, handle_error, lifespan, request_deadline
from tests.support.told_api import HANG, ToldApi
from tests.support.virtual_time import in_virtual_time

router = APIRouter()


@router.get("/coupons/{customer}")
async def coupons(customer: str, client: TalonOne) -> list[str]:
    inventory = await or_none(client.customers.get_customer_inventory(customer, coupons=True))
    return [coupon.value for coupon in inventory.coupons or []] if inventory else []


@router.put("/carts/{cart}")
async def put_cart(cart: str, client: TalonOne) -> int:
    session = {"customerSession": {"state": "closed"}}
    return len((await client.sessions.update_customer_session_v2(cart, session)).effects)


@router.websocket("/live")
async def live(websocket: WebSocket, client: TalonOne) -> None:
    await websocket.accept()
    await client.sessions.update_customer_session_v2("cart-1", {"customerSession": {}})


@asynccontextmanager
async def serving(app):
    """Run an app in process, with its lifespan; return an HTTP client of it."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as http,
    ):
        yield http


@pytest.fixture
def api():
    return ToldApi()


@pytest.fixture
def app(api):
    app = FastAPI(lifespan=lifespan(api.create_client))
    app.add_exception_handler(TalonOneError, handle_error)
    app.include_router(router)
    return app


async def test_path_functions_have_the_client(app, api):
    """A parameter of the type TalonOne is the client that was opened at the start."""
    async with serving(app) as http:
        assert (await http.get("/coupons/ada")).json() == ["SUMMER"]
        assert (await http.put("/carts/1")).json() == 0
    assert len(api.clients) == 1


async def test_the_end_closes_the_client_and_a_restart_makes_another(app, api):
    """The lifespan closes the client, and each start of the app makes a client of its own."""
    for _ in range(2):
        async with serving(app) as http:
            assert (await http.get("/coupons/ada")).status_code == 200
    assert len(api.clients) == 2
    for client in api.clients:
        with pytest.raises(ClientStateError, match="closed"):
            await client.request("GET", "/")


async def test_mounted_apps_have_the_client(app, api):
    """Apps that are mounted in the app, and in one of those, have its client at each start of it."""
    admin, shop = FastAPI(), FastAPI()
    for mounted in (admin, shop):
        mounted.include_router(router)
    shop.mount("/admin", admin)
    app.mount("/shop", shop)
    for _ in range(2):
        async with serving(app) as http:
            assert (await http.get("/shop/coupons/ada")).json() == ["SUMMER"]
            assert (await http.get("/shop/admin/coupons/ada")).json() == ["SUMMER"]
    assert len(api.clients) == 2


async def test_a_mounted_app_keeps_a_client_of_its_own(app, api):
    """A mounted app that has a client by then keeps it, and the app has another."""
    other, mounted = ToldApi(), FastAPI()
    mounted.include_router(router)
    app.mount("/shop", mounted)
    async with lifespan(other.create_client)(mounted), serving(app):
        assert mounted.state.talon_one is other.clients[0]
        assert app.state.talon_one is api.clients[0]
    assert mounted.state.talon_one is other.clients[0]


async def test_it_fits_into_a_lifespan_of_ones_own(api):
    """A lifespan of one's own takes it as a context."""

    @asynccontextmanager
    async def own(app):
        async with lifespan(api.create_client)(app):
            yield

    app = FastAPI(lifespan=own)
    app.include_router(router)
    async with serving(app) as http:
        assert (await http.get("/coupons/ada")).json() == ["SUMMER"]


async def test_an_error_is_a_problem(app, api):
    """An error of a call becomes problem details with its outcome, and with Retry-After if it is known."""
    api.result = 429
    async with serving(app) as http:
        response = await http.put("/carts/1")
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert response.headers["retry-after"] == "30"
    assert response.json() == {
        "title": "Service Unavailable",
        "status": 503,
        "detail": "The promotion service is not available now.",
        "outcome": "rejected",
    }


async def test_a_call_may_be_dispensable(app, api):
    """A page that reads for its customer does without what a busy API cannot tell."""
    api.result = 429
    async with serving(app) as http:
        response = await http.get("/coupons/ada")
    assert (response.status_code, response.json()) == (200, [])


async def test_a_handler_of_ones_own_takes_precedence(app, api):
    """A handler for one class of errors is asked before the one for all."""
    app.add_exception_handler(NotFoundError, lambda *_: PlainTextResponse("gone", 410))
    api.result = 404
    async with serving(app) as http:
        assert (await http.put("/carts/1")).status_code == 410
        api.result = 409
        assert (await http.put("/carts/1")).status_code == 409


async def test_other_errors_are_not_handled():
    """An error that is not of a call is raised, and so is one in a WebSocket, which has no response."""
    with pytest.raises(LookupError):
        await handle_error(None, LookupError())
    with pytest.raises(TalonOneError):
        await handle_error(WebSocket({"type": "websocket"}, None, None), TalonOneError("it failed", "op"))


async def test_websockets_have_the_client(app, api):
    """A WebSocket's function has the client as well."""
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message["type"])

    scope = {"type": "websocket", "path": "/live", "headers": [], "query_string": b"", "subprotocols": []}
    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
        assert sent == ["websocket.accept"]
        api.result = 400
        with pytest.raises(TalonOneError):
            await app(scope, receive, send)


async def test_tests_put_their_own_client_in_place(app, api):
    """``dependency_overrides`` replaces the client, without the lifespan."""
    async with api.create_client() as client:
        app.dependency_overrides[get_client] = lambda: client
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as http:
            assert (await http.get("/coupons/ada")).json() == ["SUMMER"]


async def test_without_the_lifespan_there_is_a_clear_error():
    """An app without the lifespan says what it lacks."""
    app = FastAPI()
    app.include_router(router)
    async with serving(app) as http:
        with pytest.raises(RuntimeError, match="give FastAPI lifespan"):
            await http.get("/coupons/ada")


@in_virtual_time
async def test_the_calls_of_a_request_share_a_deadline():
    """All calls of one request have one deadline, which a header of the caller's can shorten."""
    api, elapsed = ToldApi(HANG), []

    async def note(_request, error):
        elapsed.append(round(error.elapsed, 3))
        return await handle_error(_request, error)

    app = FastAPI(
        lifespan=lifespan(api.create_client),
        dependencies=[Depends(request_deadline(2.0, header="X-Envoy-Expected-Rq-Timeout-Ms"))],
    )
    app.add_exception_handler(DeadlineExceededError, note)
    app.include_router(router)
    async with serving(app) as http:
        for headers in {}, {"x-envoy-expected-rq-timeout-ms": "300"}:
            assert (await http.put("/carts/1", headers=headers)).status_code == 504
    assert elapsed == [2.0, 0.3]


@in_virtual_time
async def test_a_websocket_outlives_the_deadline_of_requests():
    """A WebSocket's calls have the client's own deadline, however long the WebSocket has lasted."""
    api, results = ToldApi(), []
    app = FastAPI(lifespan=lifespan(api.create_client), dependencies=[Depends(request_deadline(2.0))])

    @app.websocket("/live")
    async def live(websocket: WebSocket, client: TalonOne) -> None:
        await websocket.accept()
        await asyncio.sleep(3)
        results.append(await client.sessions.update_customer_session_v2("cart-1", {"customerSession": {}}))

    async def receive():
        return {"type": "websocket.connect"}

    async def send(_message):
        pass

    scope = {"type": "websocket", "path": "/live", "headers": [], "query_string": b"", "subprotocols": []}
    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
    assert [state.effects for state in results] == [[]]


@pytest.mark.parametrize(("seconds", "kind"), [(0, ValueError), ("2", TypeError)])
def test_an_invalid_deadline_is_an_error_at_once(seconds, kind):
    """A deadline that cannot be used is an error where it is written, not in the first request."""
    with pytest.raises(kind, match="seconds"):
        request_deadline(seconds)


def test_without_fastapi_there_is_a_clear_error(monkeypatch):
    """Without FastAPI the import says what to install."""
    monkeypatch.setitem(sys.modules, "fastapi", None)
    monkeypatch.delitem(sys.modules, "aiotalonone.fastapi")
    with pytest.raises(ImportError, match=r'pip install "aiotalonone\[fastapi\]"'):
        import aiotalonone.fastapi  # noqa: F401, PLC0415 - it is what the test is about
