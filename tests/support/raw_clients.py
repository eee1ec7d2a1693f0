"""Clients of raw servers: an httpx client on a pool of its own, and the whole client."""

from contextlib import asynccontextmanager

import httpx

from aiotalonone import AsyncIntegrationClient, RetryPolicy, Timeouts
from aiotalonone.transport.pool import ConnectionPool
from tests.support.raw_server import PATIENCE, client_context

PATIENT = Timeouts(connect=PATIENCE, pool=PATIENCE, write=PATIENCE, read=PATIENCE)
AT_ONCE = RetryPolicy(initial_backoff=0)
MEBIBYTE = 1024 * 1024


def url_of(port, *, tls=False, host="127.0.0.1"):
    """Return the URL of a server."""
    return f"{'https' if tls else 'http'}://{host}:{port}"


def pool_client(port, *, tls=False, host="127.0.0.1", max_connections=1, timeout=PATIENCE, **options):
    """Return an httpx client on a pool of its own."""
    pool = ConnectionPool(client_context(), max_connections=max_connections, **options)
    return httpx.AsyncClient(
        transport=pool, base_url=url_of(port, tls=tls, host=host), timeout=timeout, trust_env=False
    )


@asynccontextmanager
async def api_client(port, *, tls=False, host="127.0.0.1", **options):
    """Open a client of an API that a raw server plays; its retries do not pause."""
    options = {"timeouts": PATIENT, "retry": AT_ONCE, "ssl_context": client_context(), **options}
    async with AsyncIntegrationClient(url_of(port, tls=tls, host=host), api_key="k", **options) as client:
        yield client
