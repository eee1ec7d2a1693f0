"""One way to make a client: on its own connections, or on an httpx client of either library."""

from contextlib import asynccontextmanager
from importlib import import_module

import httpx

from aiotalonone import AsyncIntegrationClient, RetryPolicy, Timeouts
from aiotalonone.transport.pool import ConnectionPool
from tests.support.raw_server import PATIENCE, client_context

BASE_URL = "https://shop.talon.one"
API_KEY = "sandbox-key"
"""What a sandbox takes; other servers of the tests take any."""
TRANSPORTS = ("own", "external", "external_httpx2")
PATIENT = Timeouts(connect=PATIENCE, pool=PATIENCE, write=PATIENCE, read=PATIENCE)
AT_ONCE = RetryPolicy(initial_backoff=0)
MEBIBYTE = 1024 * 1024


def library_of(transport):
    """Return the library of an external client: httpx or httpx2."""
    return import_module("httpx2" if transport == "external_httpx2" else "httpx")


@asynccontextmanager
async def make_client(
    transport, url, *, max_connections=None, proxy=None, ssl_context=None, http_options=None, **options
):
    """Open a client on one of ``TRANSPORTS``; ``http_options`` are those of an external client alone."""
    options = {"api_key": API_KEY, "retry": AT_ONCE, **options}
    if transport == "own":
        if max_connections is not None:
            options["max_connections"] = max_connections
        async with AsyncIntegrationClient(url, proxy=proxy, ssl_context=ssl_context, **options) as client:
            yield client
        return
    library = library_of(transport)
    http_options = {"proxy": proxy, "verify": ssl_context or True, "trust_env": False, **(http_options or {})}
    if max_connections is not None:
        http_options["limits"] = library.Limits(max_connections=max_connections)
    async with (
        library.AsyncClient(**http_options) as http_client,
        AsyncIntegrationClient(url, http_client=http_client, **options) as client,
    ):
        yield client


def url_of(port, *, tls=False, host="127.0.0.1"):
    """Return the URL of a server."""
    return f"{'https' if tls else 'http'}://{host}:{port}"


def api_client(port, *, tls=False, host="127.0.0.1", **options):
    """Open a client on its own connections that trusts the tests' authority and waits longer than usual."""
    options = {"timeouts": PATIENT, "ssl_context": client_context(), **options}
    return make_client("own", url_of(port, tls=tls, host=host), **options)


def pool_client(port, *, tls=False, host="127.0.0.1", max_connections=1, timeout=PATIENCE, **options):
    """Return an httpx client on a pool of its own."""
    pool = ConnectionPool(client_context(), max_connections=max_connections, **options)
    return httpx.AsyncClient(
        transport=pool, base_url=url_of(port, tls=tls, host=host), timeout=timeout, trust_env=False
    )
