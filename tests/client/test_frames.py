"""How far it is from a public method to httpx: what a reader of a traceback, or of the code, walks through."""

import sys
from pathlib import Path

import httpx
import pytest

import aiotalonone
from aiotalonone import AsyncIntegrationClient

PACKAGE = str(Path(aiotalonone.__file__).parent)
MAX_FRAMES = 5

CALLS = {
    "a session": lambda client: client.sessions.update_customer_session_v2("s-1", {"customerSession": {}}),
    "a read": lambda client: client.customers.get_customer_inventory("c-1"),
    "a deletion": lambda client: client.coupons.delete_coupon_reservation("SUMMER", {"integrationIDs": ["c-1"]}),
    "an operation without a method": lambda client: client.request("GET", "/v1/anything"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_public_method_is_at_most_five_frames_from_httpx(call, monkeypatch):
    """Between the caller and ``httpx.AsyncClient.send`` there are at most five frames of the package."""
    found = []

    async def send(self, request, **options):
        del self, options
        frame = sys._getframe()
        while frame := frame.f_back:
            if frame.f_code.co_filename.startswith(PACKAGE):
                found.append(frame.f_code.co_qualname)
        return httpx.Response(200, json={}, request=request)

    monkeypatch.setattr(httpx.AsyncClient, "send", send)
    async with AsyncIntegrationClient("https://acme.europe-west1.talon.one", api_key="key") as client:
        await call(client)
    assert len(found) <= MAX_FRAMES, found
    assert found[0] == "HttpSender.send"
