import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest
from attrs import define

from aiotalonone.sandbox import Sandbox
from tests.support.sandbox_server import serving, until
from tests.support.virtual_time import in_virtual_time

MIB = 2**20
ENDLESS_SECONDS = 3600


@define
class Upload:
    """A body of equal chunks, which counts those that were read."""

    chunk: bytes
    chunks: int
    pause: float = 0
    sent: int = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.chunks):
            await asyncio.sleep(self.pause)
            self.sent += 1
            yield self.chunk


async def test_body_that_announces_too_much_is_not_read(shop):
    """A body whose announced length exceeds 16 MiB is a 413, and none of it is read."""
    upload = Upload(b"x" * MIB, 17)
    headers = {"Content-Length": str(17 * MIB)}
    response = await shop.http.put("/v2/customer_sessions/s", content=upload, headers=headers)
    assert (response.status_code, response.headers["connection"], upload.sent) == (413, "close", 0)
    assert response.json()["message"] == "The request body must have at most 16777216 bytes"


@pytest.mark.parametrize("length", ["9" * 30, "0" * 5000 + "9" * 9, "9" * 5000])
async def test_absurd_length_is_too_large(shop, length):
    """An announced length that is not a sensible number is a 413 rather than a failure."""
    response = await shop.http.put("/v2/customer_sessions/s", content=b"{}", headers={"Content-Length": length})
    assert response.status_code == 413


async def test_endless_body_is_read_up_to_the_limit(shop):
    """A chunked body is a 413 as soon as more than 16 MiB of it have come, however much is to follow."""
    upload = Upload(b"x" * MIB, 1000)
    response = await shop.http.put("/v2/customer_sessions/s", content=upload)
    assert (response.status_code, upload.sent) == (413, 17)
    assert shop.sandbox.state.sessions == {}


async def test_body_at_the_limit_is_read(shop):
    """A body of exactly 16 MiB is accepted, chunked or not."""
    start, end = b'{"attributes": {"long": "', b'"}}'
    body = start + b"x" * (16 * MIB - len(start) - len(end)) + end
    for content in body, Upload(body, 1):
        assert (await shop.http.put("/v2/customer_profiles/a", content=content)).status_code == 200


@in_virtual_time
async def test_slow_body_is_given_up():
    """A body that trickles is a 408 after 30 seconds, however many bytes it still sends."""
    upload = Upload(b" ", ENDLESS_SECONDS, pause=1)
    transport = httpx.ASGITransport(Sandbox().app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox", headers={"Authorization": "ApiKey-v1 sandbox-key"}
    ) as http:
        response = await http.put("/v2/customer_sessions/s", content=upload)
    assert (response.status_code, response.headers["connection"]) == (408, "close")
    assert 29 <= upload.sent <= 30


async def test_server_ends_an_endless_body():
    """On a socket the 413 comes although the client has not ended its body, and the connection closes."""
    head = b"PUT /v2/customer_sessions/s HTTP/1.1\r\nHost: x\r\nAuthorization: ApiKey-v1 sandbox-key\r\n"
    async with serving(Sandbox().app) as server, asyncio.timeout(20):
        address = urlsplit(server.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        status = asyncio.create_task(reader.readline())
        writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(ConnectionError):  # the connection may close within the last chunk
            for _ in range(17):
                writer.write(b"100000\r\n" + b"x" * MIB + b"\r\n")
                await writer.drain()
        assert (await status).startswith(b"HTTP/1.1 413 ")
        await until(lambda: not server.server_state.connections)
        writer.close()
