"""Talon.One in an aiohttp service; needs the ``aiohttp`` extra.

    app = web.Application(middlewares=[deadline_middleware(2.0)])
    setup(app)

    async def coupons(request: web.Request) -> web.Response:
        client = get_client(request)

What it does with errors is the work of ``aiotalonone.web``.
"""

from collections.abc import AsyncGenerator, Callable
from typing import Final

try:
    from aiohttp import web
    from aiohttp.typedefs import Handler, Middleware
except ModuleNotFoundError as _missing:
    if (_missing.name or "").partition(".")[0] != "aiohttp":
        raise
    raise ImportError(
        'aiotalonone.aiohttp needs aiohttp: pip install "aiotalonone[aiohttp]"', name=_missing.name
    ) from None

from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import TalonOneError
from aiotalonone.settings import validate_seconds
from aiotalonone.web import error_response, open_client, request_deadline

__all__ = ["TALON_ONE", "deadline_middleware", "error_middleware", "get_client", "setup"]

TALON_ONE: Final = web.AppKey("TALON_ONE", AsyncIntegrationClient)
"""Where an application has its client."""


def setup(
    app: web.Application,
    create_client: Callable[[], AsyncIntegrationClient] = AsyncIntegrationClient.from_env,
    *,
    grace: float = 5.0,
) -> None:
    """Give an application a client as long as it runs, and turn its errors into responses.

    The client is opened and warmed up at the start, and closed at the end. ``error_middleware`` becomes the innermost
    of the middlewares so far.

    Args:
        app: The application; those that are nested in it have the client, too.
        create_client: Makes the client; it is called once for each start.
        grace: Seconds that calls in flight may take at the end, 0 or more.
    """

    async def with_client(app: web.Application) -> AsyncGenerator[None]:
        async with open_client(create_client, grace=grace) as client:
            app[TALON_ONE] = client
            yield

    app.cleanup_ctx.append(with_client)
    app.middlewares.append(error_middleware)


def get_client(request: web.Request) -> AsyncIntegrationClient:
    """Return the client of the application that a request has come to, or of the one around it.

    Raises:
        RuntimeError: The application was started without ``setup``.
    """
    try:
        return request.config_dict[TALON_ONE]
    except KeyError:
        raise RuntimeError("the application has no client: call aiotalonone.aiohttp.setup(app)") from None


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Return the response that an error of a call means, without personal data.

    Once a response has started, such as a stream or a WebSocket, the error is raised again, and aiohttp ends the
    connection.
    """
    try:
        return await handler(request)
    except TalonOneError as error:
        if request.writer.output_size:
            raise
        response = error_response(error)
        return web.json_response(
            response.body, status=response.status, headers=response.headers, content_type=response.media_type
        )


def deadline_middleware(seconds: float, *, header: str | None = None) -> Middleware:
    """Return a middleware that gives all calls of one request one deadline, in place of the client's own.

    A WebSocket may last longer than a request: its calls keep the client's own deadline.

    Args:
        seconds: How long the calls may take together.
        header: Name of a header with the milliseconds that the caller still waits, which only shorten the time; see
            ``aiotalonone.web.request_deadline``.

    Raises:
        TypeError: ``seconds`` is not a number.
        ValueError: It is not above 0.
    """
    validate_seconds("seconds", seconds)

    @web.middleware
    async def with_deadline(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await handler(request)
        with request_deadline(request.headers, seconds, header=header):
            return await handler(request)

    return with_deadline
