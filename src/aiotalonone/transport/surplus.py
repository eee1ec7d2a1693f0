"""Bytes that came after an answer: httpcore would take them for the begin of the next one on the same connection."""

from typing import Any, Final

import httpcore
import httpx

_INSIDE: Final = ("_connection", "_stream", "_httpcore_stream")
"""Where connections and bodies of httpx and httpcore hold what they wrap."""


def holds_surplus(wrapper: Any) -> bool:
    """Whether the HTTP/1.1 parser under a connection, or under an answer's body, has bytes left over."""
    part = wrapper
    while part is not None:
        if (parser := getattr(part, "_h11_state", None)) is not None:
            return bool(parser.trailing_data[0])
        part = next((inner for name in _INSIDE if (inner := getattr(part, name, None)) is not None), None)
    return False


async def drop_connection_with_surplus(answer: httpx.Response) -> None:
    """Close the connection of an answer that has been read, where more came than the answer."""
    connection = answer.extensions.get("network_stream")
    if isinstance(connection, httpcore.AsyncNetworkStream) and holds_surplus(answer.stream):
        await connection.aclose()
