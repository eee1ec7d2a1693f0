"""Requests, and their URL: made without parsing it, and yet what httpx makes of it."""

import copy
import pickle
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotalonone import AsyncIntegrationClient, Timeouts
from aiotalonone.pipeline.request import _PreparedURL
from tests.contract.bodies import FULL
from tests.contract.calls import EACH_OPERATION, call, query_values
from tests.support.scripted_api import close_session, scripted_client

BASES = [
    "https://acme.europe-west1.talon.one",
    "http://127.0.0.1:8080",
    "http://[::1]:8080",
    "https://müller.talon.one",
]
PARTS = ("scheme", "raw_scheme", "userinfo", "username", "password", "host", "raw_host", "port", "netloc", "path")
MORE_PARTS = ("query", "params", "raw_path", "fragment", "is_absolute_url", "is_relative_url")

segments = st.text(min_size=1).filter(lambda text: text not in {".", ".."} and text.isprintable())
targets = st.builds(
    lambda path, query: f"/v2/customer_sessions/{quote(path, safe='')}" + (f"?now={quote(query)}" if query else ""),
    segments,
    st.text().filter(str.isprintable),
)


@given(st.sampled_from(BASES), targets)
def test_a_prepared_url_is_the_parsed_one(base, target):
    """Every part of a prepared URL is that of the URL which httpx parses, whichever is asked for first."""
    parsed = httpx.URL(base + target)
    for part in (*PARTS, *MORE_PARTS):
        assert getattr(_PreparedURL(httpx.URL(base), target), part) == getattr(parsed, part)
    prepared = _PreparedURL(httpx.URL(base), target)
    assert (str(prepared), prepared, hash(prepared)) == (str(parsed), parsed, hash(parsed))
    assert prepared.copy_with(path="/other") == parsed.copy_with(path="/other")
    assert httpx.URL(prepared) == parsed


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda url: pickle.loads(pickle.dumps(url))])  # noqa: S301 - our own
def test_a_prepared_url_can_be_copied(duplicate):
    """A copy of a prepared URL, also one that went through pickle, is the same URL."""
    url = _PreparedURL(httpx.URL(BASES[0]), "/v1/coupon_reservations/10%24OFF%2FNOW")
    assert duplicate(url) == url
    with pytest.raises(AttributeError, match="parsed"):
        _ = url.parsed


@EACH_OPERATION
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_no_operation_parses_its_url(operation, monkeypatch):
    """Sending a request on a connection of our own never lets httpx parse its URL."""
    sent = []

    async def exchange(_pool, request):
        sent.append((request.url.raw_scheme, request.url.raw_host, request.url.port, request.url.raw_path))
        raise httpx.ConnectError("no server", request=request)

    def fail(_url, name):
        pytest.fail(f"{name} was parsed")

    monkeypatch.setattr("aiotalonone.transport.pool.ConnectionPool.send", exchange)
    monkeypatch.setattr(_PreparedURL, "__getattr__", fail)
    async with AsyncIntegrationClient("https://shop.talon.one", api_key="k") as client:
        body = FULL[operation.body] if operation.body else None
        with pytest.raises(Exception, match=operation.operation_id):
            await call(client, operation, body=body, query=query_values(operation))
    assert sent
    assert all(part[:3] == (b"https", b"shop.talon.one", None) for part in sent)


async def test_requests_have_their_own_timeouts():
    """A middleware may change the timeouts of one request: those of the next are the client's."""
    seen = []

    async def hurry(exchange, call_next):
        timeout = exchange.request.extensions["timeout"]
        seen.append(timeout["read"])
        timeout["read"] = 60.0
        return await call_next(exchange)

    async with scripted_client("own", 200, timeouts=Timeouts(read=7), middleware=[hurry]) as (client, _):
        for _ in range(2):
            await close_session(client)
    assert seen == [7, 7]
