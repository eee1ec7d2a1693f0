"""The connection pool against a server on loopback that answers when it is told to."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count

import httpx
import pytest

from aiotalonone.transport import LifoPool, slots
from tests.stepping import cancelled_at, interrupted_at

OK = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b"
PATIENCE = 5.0
"""What a test waits, at most, for something that must happen."""


class Peer(asyncio.Protocol):
    """The server's end of one connection: answers with its own number, unless the path says otherwise."""

    def __init__(self, server: "Server") -> None:
        self.server = server
        self.number = str(len(server.peers)).encode()
        self.lost = asyncio.Event()
        self.unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counted in the order of acceptance."""
        self.transport = transport
        self.server.peers.append(self)

    def connection_lost(self, _: Exception | None) -> None:
        """By either end."""
        self.lost.set()

    def data_received(self, data: bytes) -> None:
        """Requests have no bodies here."""
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
                self.answer()
                self.transport.close()
            case b"/long":
                self.transport.write(OK % (1_000_000, b"x" * 1_000_000))
            case _:
                self.answer(path)

    def answer(self, path: bytes = b"") -> None:
        """A whole answer, with the number of the connection."""
        body = self.number + path
        self.transport.write(OK % (len(body), body))


class Server:
    """Its connections in the order in which they were made, and its requests as they arrive."""

    url: str

    def __init__(self) -> None:
        self.peers: list[Peer] = []
        self.arrived: asyncio.Queue[tuple[Peer, str]] = asyncio.Queue()

    async def next_requests(self, number: int) -> list[tuple[Peer, str]]:
        """Wait for so many more; which connection each came on, and its path."""
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


def client_of(server: Server, max_connections: int) -> httpx.AsyncClient:
    """An httpx client on a pool of its own; nothing is encrypted, so the context needs no certificates."""
    pool = LifoPool(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), max_connections=max_connections)
    return httpx.AsyncClient(transport=pool, base_url=server.url, timeout=PATIENCE, trust_env=False)


@pytest.fixture
async def one(server) -> AsyncIterator[httpx.AsyncClient]:
    """A client with one slot."""
    async with client_of(server, 1) as client:
        yield client


@pytest.fixture
async def three(server) -> AsyncIterator[httpx.AsyncClient]:
    """A client with three slots."""
    async with client_of(server, 3) as client:
        yield client


async def requests_on_hold(server: Server, client: httpx.AsyncClient, number: int):
    """So many requests that the server has and does not answer, and its ends of their connections in that order."""
    tasks, peers = [], []
    for _ in range(number):
        tasks.append(asyncio.create_task(client.get("/hold")))
        [(peer, _)] = await server.next_requests(1)
        peers.append(peer)
    return tasks, peers


async def assert_all_usable(server: Server, client: httpx.AsyncClient, slots: int) -> None:
    """Every slot serves a request at the same time as all others."""
    server.arrived = asyncio.Queue()
    tasks, peers = await requests_on_hold(server, client, slots)
    assert len(set(peers)) == slots
    for peer in peers:
        peer.answer()
    assert [answer.status_code for answer in await asyncio.gather(*tasks)] == [200] * slots


async def assert_all_lost(server: Server) -> None:
    """The server sees every connection end."""
    async with asyncio.timeout(PATIENCE):
        for peer in server.peers:
            await peer.lost.wait()


async def get(client: httpx.AsyncClient, path: str) -> str:
    return (await client.get(path)).text


async def test_requests_in_turn_share_one_connection(server, three):
    """A free slot is used again before another is made."""
    assert [await get(three, "/a"), await get(three, "/b")] == ["0/a", "0/b"]
    assert len(server.peers) == 1


async def test_the_slot_that_became_free_last_is_taken_first(server, three):
    """Last in, first out: the others may expire."""
    tasks, peers = await requests_on_hold(server, three, 3)
    for place in (2, 0, 1):
        peers[place].answer()
        await tasks[place]
    first, second, third = (await requests_on_hold(server, three, 3))[1]
    assert [first, second, third] == [peers[1], peers[0], peers[2]]
    for peer in peers:
        peer.answer()


async def test_those_who_wait_are_served_in_the_order_in_which_they_came(server, one):
    """The limit holds, and the first to wait is the first to be served."""
    [held], [peer] = await requests_on_hold(server, one, 1)
    waiting = [asyncio.create_task(get(one, f"/{number}")) for number in range(5)]
    await asyncio.sleep(0)
    assert server.arrived.empty()
    peer.answer()
    await held
    late = asyncio.create_task(get(one, "/late"))
    await asyncio.gather(*waiting, late)
    assert [path for _, path in await server.next_requests(6)] == ["/0", "/1", "/2", "/3", "/4", "/late"]
    assert len(server.peers) == 1


async def test_waiting_for_a_slot_ends_with_the_pool_timeout(server, one):
    """The request that waited was not sent, and leaves no trace in the queue."""
    [held], [peer] = await requests_on_hold(server, one, 1)
    with pytest.raises(httpx.PoolTimeout, match=r"within 0\.01 s") as caught:
        await one.get("/late", timeout=httpx.Timeout(PATIENCE, pool=0.01))
    assert caught.value.request.url.path == "/late"
    assert not one._transport._slots._waiting
    peer.answer()
    await held
    assert server.arrived.empty()
    await assert_all_usable(server, one, 1)


async def test_a_waiter_cancelled_before_its_turn_is_passed_over(server, one):
    """The slot goes to the next in the queue."""
    [held], [peer] = await requests_on_hold(server, one, 1)
    first, second = asyncio.create_task(get(one, "/first")), asyncio.create_task(get(one, "/second"))
    await asyncio.sleep(0)
    first.cancel()
    peer.answer()
    await held
    assert await second == "0/second"
    assert first.cancelled()
    assert [path for _, path in await server.next_requests(1)] == ["/second"]


@pytest.mark.parametrize("others", [0, 1])
async def test_a_waiter_cancelled_as_it_is_handed_a_slot_passes_it_on(server, one, others):
    """Between the hand-over and the waiter's next step the slot is in nobody's use, but not lost."""

    async def hand_over_and_cancel() -> None:
        await get(one, "/hold")
        assert turn.done()
        first.cancel()

    held = asyncio.create_task(hand_over_and_cancel())
    [(peer, _)] = await server.next_requests(1)
    first = asyncio.create_task(get(one, "/first"))
    waiting = [asyncio.create_task(get(one, "/other")) for _ in range(others)]
    await asyncio.sleep(0)
    turn = one._transport._slots._waiting[0]
    peer.answer()
    await held
    assert await asyncio.gather(*waiting) == ["0/other"] * others
    assert [path for _, path in await server.next_requests(others)] == ["/other"] * others
    await assert_all_usable(server, one, 1)
    assert first.cancelled()


async def test_a_waiter_cancelled_just_before_a_hand_over_is_not_handed_the_slot(one):
    """It has not left the queue yet; the next in it is served."""
    slots = one._transport._slots
    slot = await slots.take(None)
    first, second = asyncio.create_task(slots.take(None)), asyncio.create_task(slots.take(None))
    await asyncio.sleep(0)
    first.cancel()
    slots.give_back(slot)
    assert await asyncio.wait_for(second, PATIENCE) is slot
    assert first.cancelled()


async def test_a_waiter_handed_a_slot_just_before_the_pool_closes_does_not_use_it(one):
    """It would open a connection that nobody closes."""
    slots = one._transport._slots
    slot = await slots.take(None)
    waiter = asyncio.create_task(slots.take(None))
    await asyncio.sleep(0)
    slots.give_back(slot)
    assert slots.close() == [slot]
    with pytest.raises(RuntimeError, match="pool is closed"):
        await waiter


@pytest.mark.parametrize("path", ["/answer", "/long", "/leave"])
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
async def test_a_request_may_be_cancelled_at_every_await(server, path, warm):
    """Its slot is usable at once, its connection is closed, and no task is left."""
    for suspension in count():
        async with client_of(server, 1) as client:
            if warm:
                await client.get("/warm")
            cancelled = await cancelled_at(suspension, client.get(path))
            assert asyncio.all_tasks() == {asyncio.current_task()}
            assert await get(client, "/next") == f"{len(server.peers) - 1}/next"
        await assert_all_lost(server)
        if not cancelled:
            break
    assert suspension > 3


async def test_a_waiting_request_may_be_cancelled_at_every_await(server, one):
    """Whether it waits, is handed the slot, or has it."""
    for suspension in count():
        [held], [peer] = await requests_on_hold(server, one, 1)
        asyncio.get_running_loop().call_soon(peer.answer)
        cancelled = await cancelled_at(suspension, one.get("/waiting"))
        await held
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert (await one.get("/next")).status_code == 200
        while not server.arrived.empty():
            server.arrived.get_nowait()
        if not cancelled:
            break
    assert suspension > 3


async def test_a_response_closed_unread_takes_its_connection_with_it(server, one):
    """Bytes of an old answer never meet a new request."""
    async with one.stream("GET", "/half"):
        pass
    assert await get(one, "/next") == "1/next"
    assert server.peers[0].lost.is_set()


async def test_after_an_unread_response_a_warm_connection_is_taken(server, three):
    """The slot that lost its connection does not come before those that have one."""
    tasks, peers = await requests_on_hold(server, three, 2)
    for peer in peers:
        peer.answer()
    await asyncio.gather(*tasks)
    async with three.stream("GET", "/half"):
        pass
    await three.get("/next")
    assert len(server.peers) == 2


async def test_a_response_closed_between_its_parts_takes_its_connection_with_it(one):
    """Read in part is not read."""
    async with one.stream("GET", "/long") as response:
        await anext(response.aiter_bytes())
    assert await get(one, "/next") == "1/next"


async def test_a_failed_request_is_not_tried_again(server, one):
    """It fails as it would without a pool, and the next one has a new connection."""
    with pytest.raises(httpx.RemoteProtocolError):
        await one.get("/drop")
    assert await get(one, "/next") == "1/next"
    assert [path for _, path in await server.next_requests(2)] == ["/drop", "/next"]


async def test_an_answer_that_does_not_end_costs_its_connection_only(one):
    """The read timeout, in the middle of a body."""
    with pytest.raises(httpx.ReadTimeout):
        await one.get("/half", timeout=httpx.Timeout(PATIENCE, read=0.01))
    assert await get(one, "/next") == "1/next"


async def test_a_request_that_cannot_connect_leaves_its_slot(one):
    """Failures before the first byte are failures like others."""
    with pytest.raises(httpx.ConnectError):
        await one.get("http://127.0.0.1:1/")
    assert await get(one, "/next") == "0/next"


async def test_a_connection_that_the_server_closed_is_noticed_before_it_is_used(server, one):
    """An idle connection may be closed by its other end at any time."""
    assert await get(one, "/leave") == "0"
    await asyncio.wait_for(server.peers[0].lost.wait(), PATIENCE)
    assert await get(one, "/next") == "1/next"


async def test_connections_idle_for_too_long_are_closed(server, three, monkeypatch):
    """One with each request, the one that was idle longest first."""
    tasks, peers = await requests_on_hold(server, three, 3)
    for task, peer in zip(tasks, peers, strict=True):
        peer.answer()
        await task
    monkeypatch.setattr(slots, "KEEP_ALIVE_SECONDS", -1.0)  # all of them, then
    for still_connected in (2, 1):
        await three.get("/next")
        assert server.connected == still_connected
    await assert_all_usable(server, three, 3)


async def test_500_random_cancellations_lose_no_slot(server):
    """Twenty callers on ten slots, each cancelled anywhere, every answer the one that was asked for."""
    seeded = random.Random(20)  # noqa: S311

    async def caller(number: int) -> None:
        cancelled = 0
        while cancelled < 25:
            cancelled += await cancelled_at(seeded.randrange(8), client.get("/given-up"))
            path = f"/{number}-{cancelled}"
            assert (await get(client, path)).endswith(path)

    async with client_of(server, 10) as client:
        before = asyncio.all_tasks()
        await asyncio.gather(*map(caller, range(20)))
        assert asyncio.all_tasks() == before
        assert server.connected <= 10
        await assert_all_usable(server, client, 10)


async def test_closing_ends_running_and_waiting_requests(server):
    """Every connection is closed, and whoever waits for one is told."""
    client = client_of(server, 2)
    running, _ = await requests_on_hold(server, client, 2)
    waiting = asyncio.create_task(client.get("/waiting"))
    await asyncio.sleep(0)
    await client.aclose()
    with pytest.raises(RuntimeError, match="pool is closed"):
        await waiting
    for task in running:
        with pytest.raises(httpx.ReadError):
            await task
    await asyncio.gather(*(peer.lost.wait() for peer in server.peers))
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def closed_at(suspension: int, client: httpx.AsyncClient) -> bool:
    """Send a request and let another task close the client as it suspends for the nth time; whether it came to that."""
    closing: list[asyncio.Task[None]] = []

    def close() -> None:
        closing.append(asyncio.create_task(client.aclose()))

    with suppress(httpx.ReadError, RuntimeError):
        await interrupted_at(suspension, client.get("/answer"), close)
    await asyncio.gather(*closing)
    return bool(closing)


async def test_closing_at_every_await_of_a_request_leaves_no_connection(server):
    """Not even one that was still being made."""
    for suspension in count():
        client = client_of(server, 1)
        closed = await closed_at(suspension, client)
        if not closed:
            break
        await assert_all_lost(server)
    assert suspension > 3
    await client.aclose()


async def test_a_closed_pool_takes_no_request(server):
    """It says so, and opens nothing."""
    pool = LifoPool(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    await pool.aclose()
    with pytest.raises(RuntimeError, match="pool is closed"):
        await pool.handle_async_request(httpx.Request("GET", server.url))
    assert server.peers == []


async def test_a_close_that_is_cancelled_closes_everything_first(server):
    """At each of its awaits; whoever cancelled it learns of that afterwards."""
    for suspension in count():
        client = client_of(server, 2)
        await assert_all_usable(server, client, 2)
        cancelled = await cancelled_at(suspension, client.aclose())
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await assert_all_lost(server)
        if not cancelled:
            break
    assert suspension > 0


async def test_an_answer_that_comes_already_read_frees_its_slot(server, one, monkeypatch):
    """Whoever replaces the transport's method may answer without a stream."""

    async def answer(_transport: httpx.AsyncHTTPTransport, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={})

    with monkeypatch.context() as patched:
        patched.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
        assert (await one.get("/first")).json() == (await one.get("/second")).json() == {}
    await assert_all_usable(server, one, 1)
