"""One attempt through an httpx client that the caller owns: why it failed, in words."""

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, Outcome, TransportError
from tests.support.clients import AT_ONCE, url_of
from tests.support.raw_server import client_context, closed_port
from tests.support.scripted_api import create_referral


async def test_connection_rejected():
    """The error of a call says connection refused, not the name of the library's error."""
    url = url_of(await closed_port())
    async with (
        httpx.AsyncClient(trust_env=False, verify=client_context()) as http_client,
        AsyncIntegrationClient(url, api_key="k", http_client=http_client, retry=AT_ONCE) as client,
    ):
        with pytest.raises(TransportError, match="cannot connect: connection refused") as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)
