"""The connection pool against a server on loopback that responds when it is told to."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count

import httpx
import pytest

from aiotalonone.transport import connection
from aiotalonone.transport.pool import ConnectionPool
from aiotalonone.transport.progress import PROGRESS, RequestProgress
from tests.support.await_points import cancel_at_await, interrupt_at_await
from tests.support.raw_server import PATIENCE, closed_port, until

OK = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b"


class Peer(asyncio.Protocol):
    """The server's end of one connection: responds with its own number, unless the path says otherwise."""

    def __init__(self, server: "Server") -> None:
        self.server = server
        self.number = str(len(server.peers)).encode()
        self.lost = asyncio.Event()
        self.unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it, in the order of acceptance."""
        self.transport = transport
        self.server.peers.append(self)

    def connection_lost(self, _: Exception | None) -> None:
        """Note the end, by either side."""
        self.lost.set()

    def data_received(self, data: bytes) -> None:
        """Take requests; they have no bodies here."""
        *requests, self.unread = (self.unread + data).split(b"\r\n\r\n")
        for request in requests:
            self.server.arrived.put_nowait((self, request.split()[1].decode()))
            self.react(request.split()[1])

    def react(self, path: bytes) -> None:
        """Do what the path names."""
        match path:
            case b"/hold":
                pass
            case b"/half":
                self.transport.write(OK % (10, b"half"))
            case b"/drop":
                self.transport.close()
            case b"/leave":
                self.respond()
                self.transport.close()
            case b"/long":
                self.transport.write(OK % (1_000_000, b"x" * 1_000_000))
            case _:
                self.respond(path)

    def respond(self, path: bytes = b"") -> None:
        """Send a whole response, with the number of the connection."""
        body = self.number + path
        self.transport.write(OK % (len(body), body))


class Server:
    """Its connections in the order in which they were made, and its requests as they arrive."""

    url: str

    def __init__(self) -> None:
        self.peers: list[Peer] = []
        self.arrived: asyncio.Queue[tuple[Peer, str]] = asyncio.Queue()

    async def next_requests(self, number: int) -> list[tuple[Peer, str]]:
        """Wait for so many more; return which connection each came on, and its path."""
        async with asyncio.timeout(PATIENCE):
            return [await self.arrived.get() for _ in range(number)]

    @property
    def connected(self) -> int:
        """How many connections stand."""
        return sum(not peer.lost.is_set() for peer in self.peers)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.get_running_loop().create_server(lambda: Peer(server), "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield server
        for peer in server.peers:
            peer.transport.abort()


def client_on_pool(server: Server, max_connections: int) -> httpx.AsyncClient:
    """Return an httpx client on a pool of its own; nothing is encrypted, so the context needs no certificates."""
    pool = ConnectionPool(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), max_connections=max_connections)
    return httpx.AsyncClient(transport=pool, base_url=server.url, timeout=PATIENCE, trust_env=False)


@pytest.fixture
async def one(server) -> AsyncIterator[httpx.AsyncClient]:
    """Make a client with one slot."""
    async with client_on_pool(server, 1) as client:
        yield client


@pytest.fixture
async def three(server) -> AsyncIterator[httpx.AsyncClient]:
    """Make a client with three slots."""
    async with client_on_pool(server, 3) as client:
        yield client


async def requests_on_hold(server: Server, client: httpx.AsyncClient, number: int):
    """Send requests that the server has and does not respond to; return them, and its ends of their connections."""
    tasks, peers = [], []
    for _ in range(number):
        tasks.append(asyncio.create_task(client.get("/hold")))
        [(peer, _)] = await server.next_requests(1)
        peers.append(peer)
    return tasks, peers


async def assert_all_usable(server: Server, client: httpx.AsyncClient, slots: int) -> None:
    """Check that every slot serves a request at the same time as all others."""
    server.arrived = asyncio.Queue()
    tasks, peers = await requests_on_hold(server, client, slots)
    assert len(set(peers)) == slots
    for peer in peers:
        peer.respond()
    assert [response.status_code for response in await asyncio.gather(*tasks)] == [200] * slots


async def assert_all_lost(server: Server) -> None:
    """Check that the server sees every connection end."""
    async with asyncio.timeout(PATIENCE):
        for peer in server.peers:
            await peer.lost.wait()


async def get(client: httpx.AsyncClient, path: str) -> str:
    """Return the body of a response."""
    return (await client.get(path)).text


async def test_requests_in_turn_share_one_connection(server, three):
    """An idle connection is used again before another one is made."""
    assert [await get(three, "/a"), await get(three, "/b")] == ["0/a", "0/b"]
    assert len(server.peers) == 1


async def test_connection_used_last_is_taken_first(server, three):
    """Connections are taken last in, first out, so that the others may expire."""
    tasks, peers = await requests_on_hold(server, three, 3)
    for place in (2, 0, 1):
        peers[place].respond()
        await tasks[place]
    first, second, third = (await requests_on_hold(server, three, 3))[1]
    assert [first, second, third] == [peers[1], peers[0], peers[2]]
    for peer in peers:
        peer.respond()


async def test_waiting_requests_are_served_in_their_order(server, one):
    """The limit of connections holds, and the first request to wait is the first to be sent."""
    [held], [peer] = await requests_on_hold(server, one, 1)
    waiting = [asyncio.create_task(get(one, f"/{number}")) for number in range(5)]
    await asyncio.sleep(0)
    assert server.arrived.empty()
    peer.respond()
    await held
    late = asyncio.create_task(get(one, "/late"))
    await asyncio.gather(*waiting, late)
    assert [path for _, path in await server.next_requests(6)] == ["/0", "/1", "/2", "/3", "/4", "/late"]
    assert len(server.peers) == 1


async def test_pool_timeout(server, one):
    """A request that no connection becomes free for in time is not written."""
    [held], [peer] = await requests_on_hold(server, one, 1)
    progress = RequestProgress()
    with pytest.raises(httpx.PoolTimeout):
        await one.get("/late", timeout=httpx.Timeout(PATIENCE, pool=0.01), extensions={PROGRESS: progress})
    assert (progress.observed, progress.written) == (True, False)
    assert server.arrived.empty()
    peer.respond()
    await held


async def test_deadline_passes_while_a_request_waits(server, one):
    """A request that is handed a connection after its deadline is not written, and the next one is."""
    [held], [peer] = await requests_on_hold(server, one, 1)
    progress = RequestProgress(asyncio.get_running_loop().time())
    late = asyncio.create_task(one.get("/late", extensions={PROGRESS: progress}))
    following = asyncio.create_task(get(one, "/following"))
    await asyncio.sleep(0)
    peer.respond()
    await held
    with pytest.raises(httpx.TimeoutException, match="no time left"):
        await late
    assert await following == "0/following"
    assert not progress.written
    assert [path for _, path in await server.next_requests(1)] == ["/following"]


async def test_no_connection_is_made_after_the_deadline(server, one):
    """A request whose deadline is over does not connect."""
    progress = RequestProgress(asyncio.get_running_loop().time())
    with pytest.raises(httpx.TimeoutException, match="no time left"):
        await one.get("/late", extensions={PROGRESS: progress})
    assert not server.peers
    await assert_all_usable(server, one, 1)


@pytest.mark.parametrize("path", ["/path", "/long", "/leave"])
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
async def test_cancelled_at_every_await(server, path, warm):
    """A request may be cancelled at every await: its slot is free at once, its connection closed, no task is left."""
    for suspension in count():
        async with client_on_pool(server, 1) as client:
            if warm:
                await client.get("/warm")
            cancelled = await cancel_at_await(suspension, client.get(path))
            await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
            assert (await get(client, "/next")).endswith("/next")
        await assert_all_lost(server)
        if not cancelled:
            break
    assert suspension > (0 if warm else 2)


async def test_waiting_request_cancelled_at_every_await(server, one):
    """A request that waits for a connection may be cancelled at every await, before and after the hand-over."""
    for suspension in count():
        [held], [peer] = await requests_on_hold(server, one, 1)
        asyncio.get_running_loop().call_soon(peer.respond)
        cancelled = await cancel_at_await(suspension, one.get("/waiting"))
        await held
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert (await one.get("/next")).status_code == 200
        while not server.arrived.empty():
            server.arrived.get_nowait()
        if not cancelled:
            break
    assert suspension > 1


@pytest.mark.parametrize("path", ["/hold", "/half"])
async def test_cancelled_request_takes_its_connection_with_it(server, one, path):
    """Bytes of a response that is not waited for any more never meet another request."""
    task = asyncio.create_task(one.get(path))
    [(peer, _)] = await server.next_requests(1)
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    peer.respond()
    assert await get(one, "/next") == "1/next"
    await asyncio.wait_for(peer.lost.wait(), PATIENCE)


async def test_failed_request_is_not_sent_again(server, one):
    """The pool repeats nothing: a request that fails fails, and the next one has a new connection."""
    with pytest.raises(httpx.ReadError, match="connection closed"):
        await one.get("/drop")
    assert await get(one, "/next") == "1/next"
    assert [path for _, path in await server.next_requests(2)] == ["/drop", "/next"]


async def test_response_that_does_not_end(one):
    """A body that stops is a read timeout of the response that has started."""
    response = await one.get("/half", timeout=httpx.Timeout(PATIENCE, read=0.01))
    assert isinstance(response.failure, httpx.ReadTimeout)
    assert await get(one, "/next") == "1/next"


async def test_request_that_cannot_connect_leaves_its_slot(server, one):
    """A request that finds no server leaves its slot to the next one."""
    one.base_url = f"http://127.0.0.1:{await closed_port()}"
    with pytest.raises(httpx.ConnectError):
        await one.get("/")
    one.base_url = server.url
    assert await get(one, "/next") == "0/next"


async def test_connection_serves_its_own_origin(server, one):
    """A request for another origin, such as a middleware may make of it, never goes out on this one's connection."""
    assert await get(one, "/first") == "0/first"
    with pytest.raises(httpx.ConnectError):
        await one.get(f"http://127.0.0.1:{await closed_port()}/other")
    assert await get(one, "/next") == "1/next"
    assert [path for _, path in await server.next_requests(2)] == ["/first", "/next"]


async def test_connection_that_the_server_closed(server, one):
    """An idle connection that the server closed is given up at once, and not used by the next request."""
    assert await get(one, "/leave") == "0"
    await asyncio.wait_for(server.peers[0].lost.wait(), PATIENCE)
    assert await get(one, "/next") == "1/next"


async def test_stray_bytes_on_an_idle_connection(server, one):
    """An idle connection on which anything arrives is closed; the next request has another one."""
    for number in range(3):
        assert await get(one, "/path") == f"{number}/path"
        server.peers[number].respond(b"/stranger")
        if number:
            await asyncio.wait_for(server.peers[number].lost.wait(), PATIENCE)


async def test_idle_connections_expire(server, three, monkeypatch):
    """Connections that are idle for too long are closed without any further request."""
    monkeypatch.setattr(connection, "KEEP_ALIVE_SECONDS", 0.02)
    tasks, peers = await requests_on_hold(server, three, 3)
    for task, peer in zip(tasks, peers, strict=True):
        peer.respond()
        await task
    await assert_all_lost(server)
    await assert_all_usable(server, three, 3)


@pytest.mark.parametrize("path", ["/drop", "/half"])
async def test_failure_on_a_reused_connection_closes_the_idle_ones(server, three, path):
    """If a connection turns out to be dead, even within a response, those that were idle with it are not trusted."""
    tasks, peers = await requests_on_hold(server, three, 3)
    for task, peer in zip(tasks, peers, strict=True):
        peer.respond()
        await task
    with suppress(httpx.ReadError):
        assert (await three.get(path, timeout=httpx.Timeout(PATIENCE, read=0.05))).failure
    await assert_all_lost(server)
    assert await get(three, "/next") == "3/next"


@pytest.mark.parametrize("needs_fresh", [False, True])
async def test_fresh_connection(server, three, needs_fresh):
    """A request that asks for a fresh connection has one, and idle ones are closed."""
    await get(three, "/first")
    progress = RequestProgress(needs_fresh_connection=needs_fresh)
    response = await three.get("/second", extensions={PROGRESS: progress})
    assert (response.text, progress.reused_connection) == (("1/second", False) if needs_fresh else ("0/second", True))
    await until(lambda: server.connected == 1)


async def test_500_random_cancellations_lose_no_slot(server):
    """Twenty callers on ten slots, each cancelled anywhere: every response is the one that was asked for."""
    seeded = random.Random(20)

    async def caller(number: int) -> None:
        cancelled = 0
        while cancelled < 25:
            cancelled += await cancel_at_await(seeded.randrange(4), client.get("/given-up"))
            path = f"/{number}-{cancelled}"
            assert (await get(client, path)).endswith(path)

    async with client_on_pool(server, 10) as client:
        before = asyncio.all_tasks()
        await asyncio.gather(*map(caller, range(20)))
        assert asyncio.all_tasks() == before
        await until(lambda: server.connected <= 10)
        await assert_all_usable(server, client, 10)


async def test_closing_ends_running_and_waiting_requests(server):
    """Every connection is closed with the pool, and each request that waits for one is told."""
    client = client_on_pool(server, 2)
    running, _ = await requests_on_hold(server, client, 2)
    waiting = asyncio.create_task(client.get("/waiting"))
    await asyncio.sleep(0)
    await client.aclose()
    with pytest.raises(RuntimeError, match="pool is closed"):
        await waiting
    for task in running:
        with pytest.raises(httpx.ReadError, match="pool was closed"):
            await task
    await asyncio.gather(*(peer.lost.wait() for peer in server.peers))
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def closed_at(suspension: int, client: httpx.AsyncClient) -> bool:
    """Send a request and let another task close the client as it suspends; return whether it came to that."""
    closing: list[asyncio.Task[None]] = []

    def close() -> None:
        closing.append(asyncio.create_task(client.aclose()))

    with suppress(httpx.ReadError, RuntimeError):
        await interrupt_at_await(suspension, client.get("/path"), close)
    await asyncio.gather(*closing)
    return bool(closing)


async def test_closing_at_every_await_of_a_request(server):
    """A pool that is closed at any await of a request leaves no connection, not even one that was being made."""
    for suspension in count():
        client = client_on_pool(server, 1)
        closed = await closed_at(suspension, client)
        if not closed:
            break
        await assert_all_lost(server)
    assert suspension > 2
    await client.aclose()


async def test_closed_pool_takes_no_request(server):
    """A pool that is closed says so, and opens nothing."""
    pool = ConnectionPool(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    await pool.aclose()
    with pytest.raises(RuntimeError, match="pool is closed"):
        await pool.handle_async_request(httpx.Request("GET", server.url))
    assert server.peers == []
