"""What a service needs on any web framework: a client as long as it runs, errors as responses, a deadline per request.

``aiotalonone.fastapi`` and ``aiotalonone.aiohttp`` give it to their frameworks.
"""

import logging
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from http import HTTPStatus
from math import ceil
from typing import Any, Final

from attrs import frozen

from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    CircuitOpenError,
    ClientStateError,
    ConflictError,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RateLimitError,
    RedirectError,
    ResponseDecodeError,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
)
from aiotalonone.pipeline.deadline import deadline
from aiotalonone.settings import validate_grace

__all__ = ["ErrorResponse", "error_response", "open_client", "request_deadline"]

PROBLEM_JSON: Final = "application/problem+json"
"""The media type of an error's body, from RFC 9457."""
_STATUSES: Final[Mapping[type, HTTPStatus]] = {
    TalonOneError: HTTPStatus.INTERNAL_SERVER_ERROR,  # such as an error of a middleware's own
    ClientStateError: HTTPStatus.SERVICE_UNAVAILABLE,
    CircuitOpenError: HTTPStatus.SERVICE_UNAVAILABLE,
    TransportError: HTTPStatus.BAD_GATEWAY,
    TransportTimeoutError: HTTPStatus.GATEWAY_TIMEOUT,
    ResponseDecodeError: HTTPStatus.BAD_GATEWAY,
    APIStatusError: HTTPStatus.BAD_GATEWAY,
    RedirectError: HTTPStatus.INTERNAL_SERVER_ERROR,
    BadRequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
    AuthenticationError: HTTPStatus.INTERNAL_SERVER_ERROR,
    PermissionDeniedError: HTTPStatus.INTERNAL_SERVER_ERROR,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    RateLimitError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What an error of a class, or of one derived from it, means to a caller of the service."""
_SLOW_OR_BUSY: Final[Mapping[int, HTTPStatus]] = {
    408: HTTPStatus.GATEWAY_TIMEOUT,
    499: HTTPStatus.GATEWAY_TIMEOUT,
    503: HTTPStatus.SERVICE_UNAVAILABLE,
    504: HTTPStatus.GATEWAY_TIMEOUT,
}
"""What statuses of the API and its gateways mean that tell more than their class."""
_MAX_RETRY_AFTER: Final = 3600
_MILLISECONDS: Final = re.compile(r"[0-9]{1,9}")
_DETAILS: Final = {
    HTTPStatus.NOT_FOUND: "What the request names is not known to the promotion service.",
    HTTPStatus.CONFLICT: "The promotion service has another update of the same thing, or the thing exists already.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The promotion service rejected the request.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The promotion service cannot be used.",
    HTTPStatus.BAD_GATEWAY: "The promotion service failed.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The promotion service is not available now.",
    HTTPStatus.GATEWAY_TIMEOUT: "The promotion service did not respond in time.",
}

_logger: Final = logging.getLogger("aiotalonone")


@asynccontextmanager
async def open_client(
    create_client: Callable[[], AsyncIntegrationClient] = AsyncIntegrationClient.from_env, *, grace: float = 5.0
) -> AsyncGenerator[AsyncIntegrationClient]:
    """Open a client, warm it up, and close it at the end, when calls in flight may finish.

    A service that starts while the API cannot be reached starts all the same, and logs a line at WARNING.

    Args:
        create_client: Makes the client; it is called once for each start.
        grace: Seconds that calls in flight may take at the end, 0 or more.

    Raises:
        TypeError: ``grace`` is not a number.
        ValueError: ``grace`` is negative, or a setting of the client cannot be used.
    """
    validate_grace("grace", grace)
    client = await create_client().open()
    try:
        await _warm_up(client)
        yield client
    finally:
        await client.aclose(grace=grace)


async def _warm_up(client: AsyncIntegrationClient) -> None:
    try:
        await client.warm_up()
    except TransportError as error:
        _logger.warning("%s; calls are tried all the same", error)


def request_deadline(
    headers: Mapping[str, str], seconds: float, *, header: str | None = None
) -> AbstractContextManager[None]:
    """Give all calls that are made for one request one deadline, in place of the client's own.

    Args:
        headers: Those of the request, found in any case of letters.
        seconds: How long the calls may take together.
        header: Name of a header with the milliseconds that the caller still waits, such as Envoy's
            ``X-Envoy-Expected-Rq-Timeout-Ms``. They only ever shorten the time; 0, or anything but digits, is passed
            over.

    Raises:
        TypeError: ``seconds`` is not a number.
        ValueError: It is not above 0.
    """
    text = "" if header is None else headers.get(header, "")
    milliseconds = int(text) if _MILLISECONDS.fullmatch(text) else 0
    return deadline(min(seconds, milliseconds / 1000) if milliseconds else seconds)


@frozen
class ErrorResponse:
    """What an error means to a caller of this service: an HTTP response without personal data."""

    status: HTTPStatus
    """Status of the response."""
    headers: Mapping[str, str]
    """``Retry-After`` in seconds, 1 to 3600, if it is known; otherwise empty."""
    body: Mapping[str, Any]
    """Problem details as in RFC 9457 (``title``, ``status``, ``detail``), and the error's ``outcome``."""
    media_type: str = PROBLEM_JSON
    """Media type of the body."""


def error_response(error: TalonOneError) -> ErrorResponse:
    """Return what an error means to a caller, and log it unless the caller can mend it.

    404, 409 and 422 are for what the API rejected. 500 stands for what this service must mend, such as its key or a
    middleware; 502 for an API that failed, 503 for one that is not available now, 504 for one that is slow. A line of
    the log is at ERROR for 500, with the traceback, and at WARNING for 502 to 504.

    Args:
        error: What a call failed with.
    """
    status = _status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        is_ours = status is HTTPStatus.INTERNAL_SERVER_ERROR
        _logger.log(logging.ERROR if is_ours else logging.WARNING, "%s", error, exc_info=error if is_ours else None)
    body = {"title": status.phrase, "status": status.value, "detail": _DETAILS[status], "outcome": error.outcome.value}
    return ErrorResponse(status, _retry_after(error) if status is HTTPStatus.SERVICE_UNAVAILABLE else {}, body)


def _status_of(error: TalonOneError) -> HTTPStatus:
    if isinstance(error, APIStatusError) and error.status in _SLOW_OR_BUSY:
        return _SLOW_OR_BUSY[error.status]
    status = next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)
    is_rejection = status < HTTPStatus.INTERNAL_SERVER_ERROR
    return HTTPStatus.BAD_GATEWAY if is_rejection and error.outcome is not Outcome.REJECTED else status


def _retry_after(error: TalonOneError) -> Mapping[str, str]:
    seconds = getattr(error, "retry_after", None)
    return {} if seconds is None else {"Retry-After": str(ceil(min(max(seconds, 1), _MAX_RETRY_AFTER)))}
