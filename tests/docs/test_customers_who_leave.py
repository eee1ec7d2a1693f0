"""The page on deployment says what each framework does with a handler whose customer leaves."""

import asyncio
import re
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.support.sandbox_server import request, serving, until

PAGE = (Path(__file__).parents[2] / "docs" / "deployment.md").read_text(encoding="utf-8")


class Handler:
    """What a handler does: it waits, and knows how it ended."""

    def __init__(self):
        self.started = asyncio.Event()
        self.may_finish = asyncio.Event()
        self.end = None

    async def run(self):
        """Wait until the test lets it finish."""
        self.started.set()
        try:
            await self.may_finish.wait()
        except asyncio.CancelledError:
            self.end = "cancelled"
            raise
        self.end = "finishes"


@asynccontextmanager
async def uvicorn(app):
    """Serve an ASGI application, and know how many customers are there."""
    async with serving(app) as server:
        yield server.url, lambda: len(server.server_state.connections)


def starlette(run):
    async def handle(_):
        await run()
        return PlainTextResponse()

    return uvicorn(Starlette(routes=[Route("/", handle)]))


def fastapi(run):
    app = FastAPI()
    app.get("/")(run)
    return uvicorn(app)


def litestar(run):
    framework = pytest.importorskip("litestar")

    async def handle() -> None:
        await run()

    return uvicorn(framework.Litestar([framework.get("/")(handle)]))


def django(run):
    settings = pytest.importorskip("django.conf").settings
    asgi, http, urls = (pytest.importorskip(f"django.{name}") for name in ("core.handlers.asgi", "http", "urls"))

    async def handle(_):
        await run()
        return http.HttpResponse()

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=(urls.path("", handle),))
    return uvicorn(asgi.ASGIHandler())


@asynccontextmanager
async def serving_aiohttp(run, **options):
    async def handle(_):
        await run()
        return web.Response()

    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app, **options)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield (
            "http://{}:{}".format(*runner.addresses[0]),
            lambda: sum(one.transport is not None for one in runner.server.connections),
        )
    finally:
        await runner.cleanup()


def aiohttp(run):
    return serving_aiohttp(run)


def aiohttp_that_cancels(run):
    return serving_aiohttp(run, handler_cancellation=True)


SERVERS = {
    "FastAPI, Starlette": (fastapi, starlette),
    "Litestar": (litestar,),
    "aiohttp": (aiohttp,),
    "aiohttp, with `handler_cancellation=True`": (aiohttp_that_cancels,),
    "Django": (django,),
}
ENDS = re.findall(r"^\| ([^|]*) \| (finishes|cancelled)", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("server", "end"), [(server, end) for name, end in ENDS for server in SERVERS[name]], ids=str)
async def test_the_handler_ends_as_the_page_says(server, end):
    """A handler whose customer closes the connection finishes, or is cancelled, as its row says."""
    handler = Handler()
    async with server(handler.run) as (url, customers):
        async with request(url, "GET", "/"):
            await handler.started.wait()
        await until(lambda: not customers() or handler.end)
        if end == "finishes":
            handler.may_finish.set()
        await until(lambda: handler.end)
    assert handler.end == end


def test_each_framework_has_a_row():
    """The table has all frameworks that were tried."""
    assert [name for name, _ in ENDS] == list(SERVERS)
