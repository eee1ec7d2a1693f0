"""The way of a request to connections of our own: through ``httpx.AsyncClient.send`` only if that does something."""

import logging
import sys

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, TransportError
from aiotalonone.transport.messages import WholeResponse


@pytest.fixture
def requests(monkeypatch):
    """Return the requests that came to the pool, each with whether it came through httpx's client."""
    requests = []

    async def respond(_pool, request):
        requests.append((request, came_through_httpx()))
        return WholeResponse(200, [], b"{}", request=request)

    monkeypatch.setattr("aiotalonone.transport.pool.ConnectionPool.send", respond)
    return requests


def came_through_httpx():
    frame = sys._getframe()
    while frame := frame.f_back:
        if frame.f_code.co_filename == httpx.AsyncClient.request.__code__.co_filename:
            return True
    return False


@pytest.fixture
async def client():
    """Open a client on connections of its own."""
    async with AsyncIntegrationClient("https://shop.talon.one", api_key="k") as client:
        yield client


def replace_method(name, monkeypatch):
    original = getattr(httpx.AsyncClient, name)

    def wrapper(*arguments, **options):
        return original(*arguments, **options)

    monkeypatch.setattr(httpx.AsyncClient, name, wrapper)


async def test_nothing_observes_a_request(client, requests):
    """A request that nothing observes goes straight to the pool, and its response has it."""
    raw = await client.with_raw_response(client.request("GET", "/v1/anything"))
    [(request, through_httpx)] = requests
    assert (request.url.raw_path, through_httpx, raw.status) == (b"/v1/anything", False, 200)


@pytest.mark.parametrize("name", ["send", "_transport_for_url"])
async def test_a_method_of_httpx_is_replaced(name, client, requests, monkeypatch):
    """From the request on that finds a method of httpx's client replaced, requests pass it, until it is put back."""
    await client.request("GET", "/v1/anything")
    with monkeypatch.context() as replaced:
        replace_method(name, replaced)
        await client.request("GET", "/v1/anything")
    await client.request("GET", "/v1/anything")
    assert [through_httpx for _, through_httpx in requests] == [False, True, False]


async def test_httpx_logs_requests(client, requests, caplog):
    """If httpx logs requests, there is a line for each."""
    with caplog.at_level(logging.INFO, logger="httpx"):
        await client.request("GET", "/v1/anything")
    assert requests[0][1]
    assert [record.name for record in caplog.records].count("httpx") == 1


async def send_another(exchange, call_next, **options):
    exchange.request = httpx.Request("POST", "https://shop.talon.one/v1/another", **options)
    return await call_next(exchange)


async def test_a_request_without_timeouts_gets_those_of_httpx(requests):
    """A middleware's request that has no timeouts gets those of httpx's client."""
    async with AsyncIntegrationClient("https://shop.talon.one", api_key="k", middleware=[send_another]) as client:
        await client.request("GET", "/v1/anything")
    [(request, _)] = requests
    assert request.extensions["timeout"] == httpx.Timeout(5.0).as_dict()


async def test_a_request_with_a_blocking_body_is_an_error_of_ours(requests):
    """A middleware's request whose body cannot be awaited is a TransportError, and is not sent."""

    async def send_blocking(exchange, call_next):
        timeout = {"timeout": httpx.Timeout(5.0).as_dict()}
        return await send_another(exchange, call_next, content=iter([b"{}"]), extensions=timeout)

    async with AsyncIntegrationClient("https://shop.talon.one", api_key="k", middleware=[send_blocking]) as client:
        with pytest.raises(TransportError, match="RuntimeError"):
            await client.request("GET", "/v1/anything")
    assert requests == []


async def test_a_failure_is_retried(client, monkeypatch):
    """A failure of the pool is that of the call's own request: it is retried."""
    failures = []

    async def fail(_pool, request):
        failures.append(request)
        raise httpx.ReadTimeout("no response")

    monkeypatch.setattr("aiotalonone.transport.pool.ConnectionPool.send", fail)
    monkeypatch.setattr("aiotalonone.pipeline.retry.uniform", lambda _low, _high: 0.0)
    with pytest.raises(TransportError, match="read timeout"):
        await client.request("GET", "/v1/anything")
    assert len(failures) == 3
