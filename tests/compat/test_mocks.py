"""The standard library's mocks, and httpx's own."""

from unittest.mock import AsyncMock, patch

import httpx
import pytest

from aiotalonone import Outcome, TransportError
from tests.support.clients import make_client
from tests.support.keep_alive_server import STATE
from tests.support.scripted_api import close_session, create_referral, scripted_client

both_clients = pytest.mark.parametrize("transport", ["own", "external"])


def mocked(**options):
    """Replace the method that sends a request in httpx's own transport."""
    return patch.object(httpx.AsyncHTTPTransport, "handle_async_request", **options)


@both_clients
@pytest.mark.parametrize("options", [{}, {"autospec": True}, {"new_callable": AsyncMock}])
async def test_a_patched_transport_responds(transport, server, options):
    """A patch of httpx's transport responds while it holds, whatever kind of mock it is, and never afterwards."""
    async with make_client(transport, server.url) as client:
        await close_session(client)
        with mocked(**options) as method:
            method.return_value = httpx.Response(200, json={"effects": [], "mocked": True})
            assert (await close_session(client)).extra == {"mocked": True}
        method.assert_awaited_once()
        assert (await close_session(client)).extra == {}
    assert len(server.requests) == 2
    assert server.connections == 1


@both_clients
async def test_a_patch_may_raise(transport):
    """An exception of a patched transport becomes an error of ours."""
    with mocked(side_effect=httpx.ReadError("gone")) as method:
        async with make_client(transport, "https://shop.talon.one") as client:
            with pytest.raises(TransportError, match="read error") as caught:
                await create_referral(client)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert method.await_count == 1


@pytest.mark.parametrize("transport", ["external", "external_httpx2"])
async def test_a_mock_transport_of_either_library_responds(transport):
    """An httpx client on a ``MockTransport`` is called as if it were the network."""
    async with scripted_client(transport, 503, httpx.Response(200, json=STATE)) as (client, script):
        assert (await close_session(client)).effects == []
    assert len(set(script.keys)) == 1
