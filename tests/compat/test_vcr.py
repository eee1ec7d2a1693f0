"""vcrpy records what a server said, and plays it again."""

import pytest
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException

from aiotalonone import TransportError
from tests.support.clients import TRANSPORTS, make_client
from tests.support.keep_alive_server import keep_alive_server
from tests.support.scripted_api import close_session

MATCH_ON = ["method", "scheme", "host", "port", "path", "query", "headers", "body"]
all_clients = pytest.mark.parametrize("transport", TRANSPORTS)


def recorder(mode="once"):
    """Return a recorder that keeps no secret; an idempotency key is another for each call."""
    return vcr.VCR(record_mode=mode, match_on=MATCH_ON, filter_headers=["authorization", "idempotency-key"])


async def recorded(transport, cassette):
    """Record a call, and return the URL of the server, which is gone."""
    async with keep_alive_server() as server, make_client(transport, server.url, api_key="secret-key") as client:
        with recorder().use_cassette(cassette):
            assert (await close_session(client)).effects == []
        assert len(server.requests) == 1
    return server.url


@all_clients
async def test_a_recorded_call_is_played_without_a_server(transport, tmp_path):
    """The call that was recorded succeeds from the cassette alone, method, URL, headers and body matched."""
    url = await recorded(transport, tmp_path / "cassette.yaml")
    async with make_client(transport, url, api_key="secret-key") as client:
        with recorder("none").use_cassette(tmp_path / "cassette.yaml") as cassette:
            assert (await close_session(client)).effects == []
    assert cassette.play_count == 1


@all_clients
async def test_filtered_secrets_are_not_recorded(transport, tmp_path):
    """With ``filter_headers`` the key is not in the cassette, and the body is."""
    await recorded(transport, tmp_path / "cassette.yaml")
    text = (tmp_path / "cassette.yaml").read_text()
    assert "secret-key" not in text
    assert "customerSession" in text


@all_clients
async def test_another_body_is_not_played(transport, tmp_path):
    """A request that was not recorded fails at once and is not sent."""
    url = await recorded(transport, tmp_path / "cassette.yaml")
    async with make_client(transport, url, api_key="secret-key") as client:
        with recorder("none").use_cassette(tmp_path / "cassette.yaml"), pytest.raises(TransportError) as caught:
            await client.sessions.update_customer_session_v2("cart-1", {"customerSession": {"profileId": "c-2"}})
    assert isinstance(caught.value.__cause__, CannotOverwriteExistingCassetteException)
