import socket
from types import SimpleNamespace

import pytest

from aiotalonone.sandbox.server import Server
from aiotalonone.sandbox.serving.service import listen


def test_connections_send_at_once():
    """A connection sends without waiting for earlier bytes to be confirmed, which would take 40 ms a response."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="there is no IPv6")
def test_all_addresses_are_those_of_both_families():
    """The address ``::`` is reached by IPv4 as well, as people expect of all addresses."""
    with listen("::", 0) as listening:
        port = listening.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port)).close()


async def test_server_on_all_addresses_names_one():
    """The URL of a server on all addresses is one that a client can use."""
    for host, name in (("0.0.0.0", "127.0.0.1"), ("::", "[::1]")):  # noqa: S104 - this is the fact
        with listen(host, 0) as listening:
            server = Server(None, host)
            server.servers = [SimpleNamespace(sockets=[listening])]
            assert server.url == f"http://{name}:{listening.getsockname()[1]}"
