"""Bodies of requests, read within their limits."""

import asyncio
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope

from aiotalonone.sandbox.http.problems import ApiProblem

MAX_BODY_BYTES = 16 * 2**20
MAX_BODY_SECONDS = 30.0
MAX_LENGTH_DIGITS = 20
CLOSE = {"Connection": "close"}
"""Headers of a response that leaves a part of the request unread."""


async def read_body(request: HttpRequest, *, max_bytes: int, max_seconds: float) -> bytes:
    """Return the body of a request, which is read no further than its limits.

    Raises:
        ApiProblem: 413, it is too large; 408, it has not arrived in time. The connection closes.
    """
    too_large = ApiProblem(413, f"The request body must have at most {max_bytes} bytes", headers=CLOSE)
    announced = request.headers.get("content-length", "").lstrip("0")
    if len(announced) > MAX_LENGTH_DIGITS or (announced.isdecimal() and int(announced) > max_bytes):
        raise too_large
    content = bytearray()
    try:
        async with asyncio.timeout(max_seconds):
            async for chunk in request.stream():
                content += chunk
                if len(content) > max_bytes:
                    raise too_large
    except TimeoutError:
        raise ApiProblem(408, f"The request body must arrive within {max_seconds:g} seconds", headers=CLOSE) from None
    return bytes(content)


async def read_unheeded(scope: Scope, receive: Receive) -> None:
    """Read a body that nothing is done with, so that it is recorded."""
    with suppress(ApiProblem, ClientDisconnect):
        await read_body(HttpRequest(scope, receive), max_bytes=MAX_BODY_BYTES, max_seconds=MAX_BODY_SECONDS)
