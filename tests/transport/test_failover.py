"""Connections that died unnoticed: a call loses one attempt to them, whatever their number."""

import asyncio

import pytest

from aiotalonone import Outcome, RetryPolicy, Timeouts, TransportError
from tests.support.clients import api_client
from tests.support.raw_server import read_request, reset, response, server_context, serving, until
from tests.support.scripted_api import close_session

CONNECTIONS = 100


class Failover:
    """A server whose connections from before a moment are dead: they reset, say nothing, or were closed."""

    def __init__(self, death):
        self.death = death
        self.is_over = False
        self.everyone = asyncio.Barrier(CONNECTIONS)
        self.connections = 0
        self.met_dead = 0
        self.ended = asyncio.Event()

    async def __call__(self, reader, writer):
        """Serve a connection."""
        self.connections += 1
        is_old = not self.is_over
        await read_request(reader)
        if is_old:
            await self.everyone.wait()
        while True:
            writer.write(response(b'{"effects": []}'))
            if is_old and self.death == "closed":
                await self.ended.wait()
                return
            await read_request(reader)
            if is_old and self.is_over:
                self.met_dead += 1
                if self.death == "reset":
                    reset(writer)
                await asyncio.Event().wait()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize(("death", "lost"), [("reset", 1), ("silent", 1), ("closed", 0)])
async def test_failover(death, lost, tls):
    """After a failover with 100 idle connections, one attempt fails at most, and all calls succeed."""
    server = Failover(death)
    async with (
        serving(server, server_context() if tls else None, backlog=200) as port,
        api_client(port, tls=tls, timeouts=Timeouts(connect=5, pool=5, read=5), deadline=None) as client,
    ):
        await asyncio.gather(*(close_session(client, f"cart-{number}") for number in range(CONNECTIONS)))
        assert server.connections == CONNECTIONS
        server.is_over = True
        server.ended.set()
        hasty = client.with_options(timeouts=Timeouts(connect=5, read=0.05))
        await close_session(hasty)
        for number in range(20):
            await close_session(client, f"cart-{number}")
    assert server.met_dead == lost
    assert server.connections == CONNECTIONS + 1


async def test_failover_at_once():
    """Calls that meet dead connections at the same time lose one attempt each, and none meets a second one."""
    server = Failover("reset")
    async with serving(server, backlog=200) as port, api_client(port, deadline=None) as client:
        await asyncio.gather(*(close_session(client, f"cart-{number}") for number in range(CONNECTIONS)))
        server.is_over = True
        await asyncio.gather(*(close_session(client, f"cart-{number}") for number in range(CONNECTIONS // 2)))
        assert server.met_dead == CONNECTIONS // 2
        for number in range(20):
            await close_session(client, f"cart-{number}")
    assert server.met_dead == CONNECTIONS // 2


async def test_failure_of_a_fresh_connection_keeps_idle_ones():
    """A request that fails on a fresh connection costs that connection, and none that has become idle meanwhile."""
    connections, may_respond, may_reset = [], asyncio.Event(), asyncio.Event()

    async def handle(reader, writer):
        connections.append(writer)
        while True:
            head, _ = await read_request(reader)
            if b"poison" in head:
                await may_reset.wait()
                reset(writer)
                return
            await may_respond.wait()
            writer.write(response(b'{"effects": []}'))

    async with (
        serving(handle) as port,
        api_client(port, max_connections=2, retry=RetryPolicy(attempts=1)) as client,
    ):
        held = asyncio.create_task(close_session(client, "held"))
        await until(lambda: len(connections) == 1)
        poisoned = asyncio.create_task(close_session(client, "poison"))
        await until(lambda: len(connections) == 2)
        may_respond.set()
        await held
        may_reset.set()
        with pytest.raises(TransportError) as caught:
            await poisoned
        assert caught.value.outcome is Outcome.UNKNOWN
        await close_session(client)
    assert len(connections) == 2
