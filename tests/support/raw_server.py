"""Servers on loopback that send what a test wants, byte by byte, and the certificates that they show."""

import asyncio
import json
import ssl
import struct
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET

import trustme
from attrs import frozen

PATIENCE = 5.0
"""Seconds that a test waits, at most, for something that must happen."""
OK = b"HTTP/1.1 200 OK\r\n"
_GONE = (ConnectionError, EOFError, ssl.SSLError, asyncio.CancelledError)  # EOFError: IncompleteReadError, too


def response(body=b"{}", status=200, *headers):
    """Return a whole response with a length."""
    lines = [b"HTTP/1.1 %d x" % status, b"content-length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", body])


def chunked(*parts):
    """Return a whole response in chunks."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return OK + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


@asynccontextmanager
async def serving(handle, ssl_context=None, host="127.0.0.1", **options):
    """Serve each connection with ``handle(reader, writer)``, which ends when the peer leaves; yield the port."""
    tasks, writers = set(), set()

    async def serve(reader, writer):
        tasks.add(asyncio.current_task())
        writers.add(writer)
        with suppress(*_GONE):
            await handle(reader, writer)
        writer.close()
        tasks.discard(asyncio.current_task())
        writers.discard(writer)

    server = await asyncio.start_server(serve, host, 0, ssl=ssl_context, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def read_request(reader):
    """Return head and body of one request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    return head, await reader.readexactly(length)


@frozen
class ReceivedRequest:
    """A request as it was received."""

    head: bytes
    body: bytes

    @property
    def target(self):
        """Path and query, percent-encoded."""
        return self.head.split(b" ", 2)[1].decode()

    def header(self, name):
        """Return the value of a header, empty if the request has none of that name."""
        for line in self.head.decode().split("\r\n")[1:]:
            if line.lower().startswith(f"{name}:"):
                return line.partition(":")[2].strip()
        return ""


@asynccontextmanager
async def raw_server(respond):
    """Serve one request a connection with ``respond(request, writer)``; yield the URL."""

    async def serve(reader, writer):
        await respond(ReceivedRequest(*await read_request(reader)), writer)
        await writer.drain()

    async with serving(serve) as port:
        yield f"http://127.0.0.1:{port}"


def http_response(status, body=b"", *headers, length=None):
    """Return a response; a body that is not bytes is sent as JSON, and ``length`` is claimed instead of its own."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(content) if length is None else length}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + content


def responding(*parts, pause=None):
    """Return a handler that meets every request with the same bytes, one part after the other."""

    async def handle(reader, writer):
        while True:
            await read_request(reader)
            for part in parts:
                writer.write(part)
                if pause is not None:
                    await asyncio.sleep(pause)
            await writer.drain()

    return handle


async def silent(reader, writer):
    """Read everything, and say nothing."""
    while await reader.read(65536):
        pass
    writer.close()


async def deaf(_reader, writer):
    """Read nothing."""
    writer.transport.pause_reading()
    await asyncio.Event().wait()


async def relay(reader, writer, host, port):
    """Pass on what comes between a peer and a server, in both directions, until both have ended."""
    server_reader, server_writer = await asyncio.open_connection(host, port)
    try:
        await asyncio.gather(_pass_on(reader, server_writer), _pass_on(server_reader, writer))
    finally:
        server_writer.close()


def tunnelling(heads):
    """Return a proxy that opens every tunnel, and notes what it was asked for."""

    async def handle(reader, writer):
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        host, _, port = heads[-1].split()[1].decode().rpartition(":")
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await relay(reader, writer, host.strip("[]"), int(port))

    return handle


async def _pass_on(reader, writer):
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def reset(writer):
    """End a connection with RST."""
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def closed_port():
    """Return a port where no server listens."""
    async with serving(silent) as port:
        return port


async def until(condition):
    """Let the loop turn until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - there is no event for what the kernel does
            await asyncio.sleep(0.001)


def descriptors():
    """Return how many descriptors this process has open, on Linux."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@cache
def authority():
    """Return the authority that the tests trust."""
    return trustme.CA()


@cache
def server_context(name="127.0.0.1", not_after=None, issuer=authority):
    """Return the context of a server that shows a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer().issue_cert(name, not_after=not_after).configure_cert(context)
    return context


@cache
def client_context():
    """Return the context of a client that trusts the tests' authority."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


class TlsRecords:
    """The server's end of TLS by hand: several records in one segment, or an end without close_notify."""

    def __init__(self, reader, writer, context=None):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (context or server_context()).wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.reader, self.writer = reader, writer

    async def _until(self, action):
        while True:
            try:
                return action()
            except ssl.SSLWantReadError:
                self.flush()
                received = await self.reader.read(65536)
                if not received:
                    raise ConnectionError from None
                self.incoming.write(received)

    def flush(self):
        """Send what is there."""
        self.writer.write(self.outgoing.read())

    async def shake_hands(self, words=None, *, say_goodbye=False):
        """Respond to the client's handshake; the last bytes of it may come with others in one segment."""
        await self._until(self.tls.do_handshake)
        if words:
            self.tls.write(words)
        if say_goodbye:
            self.say_goodbye()
        self.flush()

    async def read_request(self):
        """Return head and body of one request."""
        request = b""
        while b"\r\n\r\n" not in request:
            request += await self._until(lambda: self.tls.read(65536))
        head, _, body = request.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        while len(body) < length:
            body += await self._until(lambda: self.tls.read(65536))
        return head, body

    def write(self, *parts):
        """Send each part as records of its own, all in one segment."""
        for part in parts:
            self.tls.write(part)
        self.flush()

    def say_goodbye(self):
        """Send a close_notify."""
        with suppress(ssl.SSLError):
            self.tls.unwrap()
        self.flush()
