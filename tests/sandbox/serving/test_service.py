import socket

from aiotalonone.sandbox.serving.service import listen


def test_connections_send_at_once():
    """A connection sends without waiting for earlier bytes to be confirmed, which would take 40 ms a response."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
