"""Talon.One in a FastAPI service; needs the ``fastapi`` extra.

    app = FastAPI(lifespan=lifespan(), dependencies=[Depends(request_deadline(2.0))])
    app.add_exception_handler(TalonOneError, handle_error)

    @app.get("/customers/{customer_id}/coupons")
    async def coupons(customer_id: str, talon_one: TalonOne) -> list[str]: ...

What it does with errors is the work of ``aiotalonone.web``.
"""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

try:
    from fastapi import Depends, FastAPI, Request
    from fastapi.requests import HTTPConnection
    from fastapi.responses import JSONResponse
    from fastapi.routing import Mount
except ModuleNotFoundError as _missing:
    if (_missing.name or "").partition(".")[0] != "fastapi":
        raise
    raise ImportError(
        'aiotalonone.fastapi needs fastapi: pip install "aiotalonone[fastapi]"', name=_missing.name
    ) from None

from aiotalonone import web
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import TalonOneError
from aiotalonone.settings import validate_seconds

__all__ = ["TalonOne", "get_client", "handle_error", "lifespan", "request_deadline"]


def lifespan(
    create_client: Callable[[], AsyncIntegrationClient] = AsyncIntegrationClient.from_env, *, grace: float = 5.0
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return a lifespan that opens and warms up a client at the start, and closes it at the end.

    Within a lifespan of your own: ``async with lifespan()(app):``. FastAPI apps that are mounted in the app have the
    client as well, unless they have one of their own by then.

    Args:
        create_client: Makes the client; it is called once for each start.
        grace: Seconds that calls in flight may take at the end, 0 or more.
    """

    @asynccontextmanager
    async def with_client(app: FastAPI) -> AsyncGenerator[None]:
        async with web.open_client(create_client, grace=grace) as client:
            mounted = [one for one in _mounted_in(app) if not hasattr(one.state, "talon_one")]
            for one in (app, *mounted):
                one.state.talon_one = client
            try:
                yield
            finally:
                for one in mounted:
                    del one.state.talon_one

    return with_client


def _mounted_in(app: FastAPI) -> Iterator[FastAPI]:
    """Yield the apps below an app: a request to one of them knows no other app, and no lifespan of it runs."""
    for route in app.routes:
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            yield route.app
            yield from _mounted_in(route.app)


async def get_client(connection: HTTPConnection) -> AsyncIntegrationClient:
    """Return the client of the service that a request or WebSocket has come to.

    Tests put theirs in place with ``app.dependency_overrides[get_client]``.

    Raises:
        RuntimeError: The service was started without ``lifespan``.
    """
    client = getattr(connection.app.state, "talon_one", None)
    if not isinstance(client, AsyncIntegrationClient):
        raise RuntimeError("the app has no client: give FastAPI lifespan=aiotalonone.fastapi.lifespan()")  # noqa: TRY004 - not a caller's value
    return client


TalonOne = Annotated[AsyncIntegrationClient, Depends(get_client)]
"""The service's client, as the type of a path function's parameter."""


def request_deadline(seconds: float, *, header: str | None = None) -> Callable[[HTTPConnection], AsyncGenerator[None]]:
    """Return a dependency that gives all calls of one request one deadline, in place of the client's own.

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

    async def with_deadline(connection: HTTPConnection) -> AsyncGenerator[None]:
        if connection.scope["type"] == "websocket":
            yield
            return
        with web.request_deadline(connection.headers, seconds, header=header):
            yield

    return with_deadline


async def handle_error(request: Request, error: Exception) -> JSONResponse:
    """Return the response that an error means, without personal data: an exception handler for ``TalonOneError``.

    A handler for a class derived from it takes precedence. What is met in a WebSocket is raised again.
    """
    if not isinstance(error, TalonOneError) or request.scope["type"] != "http":
        raise error
    response = web.error_response(error)
    return JSONResponse(response.body, response.status, response.headers, response.media_type)
