import asyncio

import pytest

from aiotalonone.sandbox import Sandbox
from tests.support.sandbox_server import GuestServer, until


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
