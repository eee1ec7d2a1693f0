"""Server-sent events."""

import asyncio
import json
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from attrs import define, field

from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.control import Control
from tests.support.sandbox_server import serving, until


@define
class Listener:
    """A client of the events, without a socket."""

    sandbox: Sandbox
    heartbeat_seconds: float = 3600
    sent: list[bytes] = field(factory=list)
    status: int | None = None
    _left: asyncio.Event = field(factory=asyncio.Event)

    async def listen(self, query=b"", headers=()):
        """Listen until it leaves."""
        path = "/sandbox/events"
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode()}
        scope |= {"query_string": query, "headers": list(headers)}
        await Control(self.sandbox.platform, self.heartbeat_seconds)(scope, self._receive, self._send)

    def leave(self):
        """Disconnect."""
        self._left.set()

    async def _receive(self):
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        self.status = message.get("status", self.status)
        self.sent.append(message.get("body", b""))

    @property
    def events(self):
        """The events that came, each with its fields."""
        texts = b"".join(self.sent).decode().split("\n\n")
        return [dict(line.split(": ", 1) for line in text.split("\n")) for text in texts if text]


@asynccontextmanager
async def listening(listener, query=b"", headers=()):
    """Listen during the block."""
    task = asyncio.create_task(listener.listen(query, headers))
    await until(lambda: len(listener.sent) > 1)
    yield listener
    listener.leave()
    async with asyncio.timeout(5):
        await task


async def test_what_happens_is_sent(shop):
    """Each request, and whatever is set, is sent as an event of its kind, with an ID and JSON."""
    async with listening(Listener(shop.sandbox)) as listener:
        await shop.put_session("s")
        await shop.http.put("/sandbox/clock", json={"now": None})
        await until(lambda: len(listener.events) == 3)
    start, request, clock = listener.events
    assert (listener.status, start) == (200, {"retry": "1000", "id": "0"})
    assert (request["id"], request["event"]) == ("1", "request")
    assert json.loads(request["data"]) == (await shop.http.get("/sandbox/requests")).json()["data"][0]
    assert clock == {"id": "2", "event": "clock", "data": "{}"}


async def test_an_event_is_one_line(shop):
    """Nothing that a request has can end its event, or start another one."""
    async with listening(Listener(shop.sandbox)) as listener:
        await shop.http.get("/v1/x%0A%0Aevent:%20reset\u2028", params={"a": "\n\ndata: x"})
        await until(lambda: len(listener.events) == 2)
    assert [event.get("event") for event in listener.events] == [None, "request"]


@pytest.mark.parametrize(("query", "headers"), [(b"after=1", ()), (b"after=0", [(b"last-event-id", b"1")])])
async def test_a_client_that_comes_back_misses_nothing(shop, query, headers):
    """A client that names its last event, as browsers do when they come back, gets those since then."""
    for _ in range(3):
        await shop.http.get("/v2/customer_sessions/s")
    async with listening(Listener(shop.sandbox), query, headers) as listener:
        await until(lambda: len(listener.events) == 3)
    assert [event["id"] for event in listener.events] == ["1", "2", "3"]


@pytest.mark.parametrize(("query", "headers"), [(b"after=x", ()), (b"", [(b"last-event-id", b"x")])])
async def test_an_id_that_is_none_is_a_400(shop, query, headers):
    """A last event that is not a number is a 400."""
    listener = Listener(shop.sandbox)
    await listener.listen(query, headers)
    assert listener.status == 400


async def test_silence_is_filled(shop):
    """If nothing happens for long, a comment is sent, which keeps the connection."""
    async with listening(Listener(shop.sandbox, heartbeat_seconds=0.001)) as listener:
        await until(lambda: b": still here\n\n" in listener.sent)


async def test_a_client_that_left_is_forgotten(shop):
    """The stream ends when its client leaves, and its subscription with it."""
    async with listening(Listener(shop.sandbox)):
        assert len(shop.sandbox.platform.feed._subscriptions) == 1
    await until(lambda: not shop.sandbox.platform.feed._subscriptions)


async def test_a_stream_that_is_cancelled_leaves_no_task(shop):
    """A stream whose server is cancelled leaves no task behind that waits for an event."""
    before = asyncio.all_tasks()
    listener = Listener(shop.sandbox)
    task = asyncio.create_task(listener.listen())
    await until(lambda: len(listener.sent) > 1)
    task.cancel()
    await until(task.done)
    await until(lambda: asyncio.all_tasks() == before)


async def test_the_stream_ends_with_its_server():
    """On a socket the events arrive as they happen, and a server that stops does not wait for those who listen."""
    sandbox = Sandbox()
    async with asyncio.timeout(20):
        async with serving(sandbox.app) as server:
            address = urlsplit(server.url)
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(b"GET /sandbox/events HTTP/1.1\r\nHost: x\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert b"content-type: text/event-stream; charset=utf-8" in head.lower()
            await reader.readuntil(b"id: 0\n\n")
            sandbox.set_now(None)
            await reader.readuntil(b"event: clock\n")
        assert b"event" not in await reader.read()
        writer.close()
