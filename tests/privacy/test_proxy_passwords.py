"""User and password of a proxy are in no error, however the proxy rejects them."""

from base64 import b64encode

import pytest

from aiotalonone import TransportError
from tests.support.clients import api_client
from tests.support.leak_surfaces import surfaces_of
from tests.support.raw_server import response, serving
from tests.support.scripted_api import create_referral

USER, PASSWORD = "anna-of-accounts", "hush-hush"
MARKED = (USER, PASSWORD, b64encode(f"{USER}:{PASSWORD}".encode()).decode())


async def warm_up(client):
    """Connect before the first call."""
    await client.warm_up()


@pytest.mark.parametrize("use", [warm_up, create_referral])
@pytest.mark.parametrize(
    ("scheme", "replies"),
    [
        ("http", [response(f"who is {USER}?".encode(), 407)]),
        ("http", [b"SSH-2.0"]),
        ("socks5", [b"\x05\x02", b"\x01\x01"]),
        ("socks5", [b"\x05\x02", b"\x01\x00", b"\x05\x05\x00\x01" + bytes(6)]),
        ("socks5", [b"\x05\x02"]),
    ],
)
async def test_no_error_shows_user_or_password(scheme, replies, use):
    """What a call or ``warm_up`` fails with holds neither, nor do its causes and the variables of their tracebacks."""

    async def reject(reader, writer):
        for reply in replies:
            await reader.read(1024)
            writer.write(reply)

    async with (
        serving(reject) as port,
        api_client(443, tls=True, proxy=f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:{port}") as client,
    ):
        with pytest.raises(TransportError, match="proxy") as caught:
            await use(client)
    for name, surface in surfaces_of(caught.value).items():
        assert [word for word in MARKED if word in surface] == [], name
