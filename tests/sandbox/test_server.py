import asyncio
from urllib.parse import urlsplit

import pytest

from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox import server as server_module
from tests.support.event_loops import FACTORIES
from tests.support.sandbox_server import GuestServer, request, serving, until


async def test_a_cancelled_server_keeps_no_socket_open():
    """A server whose task is cancelled closes its listening socket and its connections."""
    server = GuestServer(Sandbox().app)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    [listener] = server.servers
    host, port = listener.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(host, port)
    await until(lambda: server.server_state.connections)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not listener.is_serving()
    async with asyncio.timeout(5):
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, port)


@pytest.mark.parametrize("loop_factory", FACTORIES.values(), ids=FACTORIES)
def test_a_caller_that_left_is_no_error_of_the_server(loop_factory, capsys):
    """A response whose caller has left is dropped, and the server logs no error."""

    async def leave_early():
        sandbox, gone = Sandbox(), asyncio.Event()
        sandbox.before_commit(lambda _: gone.wait())
        async with serving(sandbox.app) as server:
            async with request(server.url, "PUT", "/v2/customer_profiles/ada", {}) as connection:
                await until(lambda: server.server_state.tasks)
                await connection.leave()
                await until(lambda: not server.server_state.connections)
            gone.set()
            await until(lambda: not server.server_state.tasks)
        assert sandbox.applied("updateCustomerProfileV2") == 1

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(leave_early())
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "started", [b"", b"GET /healthz HTTP/1.1\r\nHost: ", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT"], ids=len
)
@pytest.mark.parametrize("loop_factory", FACTORIES.values(), ids=FACTORIES)
def test_a_head_must_arrive_in_time(loop_factory, monkeypatch, started):
    """A connection whose next request does not arrive in time is closed, whatever it has sent of it."""
    monkeypatch.setattr(server_module, "MAX_HEAD_SECONDS", 0.05)

    async def start_alone():
        async with serving(Sandbox().app) as server, asyncio.timeout(3):
            address = urlsplit(server.url)
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(started)
            await reader.read()
            writer.close()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(start_alone())


async def test_a_request_may_take_longer_than_its_head():
    """A request that has arrived is served for as long as it takes, and its connection waits for nothing more."""
    sandbox, going_on = Sandbox(), asyncio.Event()
    sandbox.before_commit(lambda _: going_on.wait())
    async with serving(sandbox.app) as server, request(server.url, "PUT", "/v2/customer_profiles/ada", {}) as caller:
        await until(lambda: server.server_state.tasks)
        [connection] = server.server_state.connections
        assert connection._head_timer is None
        going_on.set()
        assert (await caller.head())[0] == 200
