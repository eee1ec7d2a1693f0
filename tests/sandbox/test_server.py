import asyncio

import pytest

from aiotalonone.sandbox import Sandbox
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
