"""Loopback networks for the command: a TLS server in front of the sandbox, and a proxy."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


async def pipe(reader, writer):
    """Pass on what is read until the end."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def relay(reader, writer, host, port, head=b""):
    """Join a connection with one to another server."""
    far_reader, far_writer = await asyncio.open_connection(host, port)
    far_writer.write(head)
    await asyncio.gather(pipe(reader, far_writer), pipe(far_reader, writer))


@asynccontextmanager
async def serve(handler, context=None) -> AsyncIterator[int]:
    """Call the handler with each connection, and give the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def tls(authority, url="http://127.0.0.1:9", name="localhost", **certificate) -> AsyncIterator[str]:
    """An https URL that leads to a server on plain http, with a certificate of the authority for the name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **certificate).configure_cert(context)
    address = urlsplit(url)

    async def forward(reader, writer):
        await relay(reader, writer, address.hostname, address.port)

    async with serve(forward, context) as port:
        yield f"https://localhost:{port}"


@asynccontextmanager
async def proxy(auth=None, *, lines=None) -> AsyncIterator[str]:
    """The URL of a proxy for tunnels; ``lines`` is given the first line of each request.

    Args:
        auth: User and password that it asks for, as ``user:password``.
        lines: A list.
    """

    async def tunnel(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        first = head.split(b"\r\n", 1)[0].decode()
        if lines is not None:
            lines.append(first)
        if auth is not None and b"Basic " + b64encode(auth.encode()) not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        method, target, _ = first.split()
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await relay(reader, writer, host, int(port))
        else:
            address = urlsplit(target)
            await relay(reader, writer, address.hostname, address.port, head)

    async with serve(tunnel) as port:
        yield f"http://127.0.0.1:{port}"
