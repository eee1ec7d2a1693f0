"""Bytes that came after a response: httpcore would take them for the start of the next one on the same connection."""

from typing import Any, Final

import httpcore
import httpx

_INSIDE: Final = ("_connection", "_stream", "_httpcore_stream")
"""Where connections and bodies of httpx and httpcore hold what they wrap."""
_BELOW: Final = ("_network_stream", "_stream", "transport_stream")
"""Where connections and streams of httpcore and anyio hold the stream below."""


def holds_surplus(wrapper: Any) -> bool:
    """Return whether the connection under a transport, or under a response's body, has bytes left over in any layer."""
    part = wrapper
    while part is not None:
        if (parser := getattr(part, "_h11_state", None)) is not None:
            return bool(parser.trailing_data[0]) or _has_unread_bytes(part)
        part = _first(part, _INSIDE)
    return False


def _has_unread_bytes(connection: Any) -> bool:
    """Return whether anyio's TLS layer or its socket has received bytes that the parser has not been given."""
    stream = _first(connection, _BELOW)
    while stream is not None:
        incoming, plaintext = getattr(stream, "_read_bio", None), getattr(stream, "_ssl_object", None)
        if (incoming is not None and incoming.pending) or (plaintext is not None and plaintext.pending()):
            return True
        protocol = getattr(stream, "_protocol", None)
        if protocol is not None and getattr(protocol, "read_queue", None):
            return True
        stream = _first(stream, _BELOW)
    return False


def _first(part: Any, names: tuple[str, ...]) -> Any:
    return next((inner for name in names if (inner := getattr(part, name, None)) is not None), None)


async def drop_connection_with_surplus(answer: httpx.Response) -> None:
    """Close the connection of a response that has been read, where more came than the response."""
    connection = answer.extensions.get("network_stream")
    if isinstance(connection, httpcore.AsyncNetworkStream) and holds_surplus(answer.stream):
        await connection.aclose()
