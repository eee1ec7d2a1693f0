"""The last step: one attempt through httpx, whose failures become ours."""

import re
from typing import Final

import httpx
from attrs import define

from aiotalonone.errors import Outcome, TransportError, TransportTimeoutError
from aiotalonone.pipeline.contract import Exchange

_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@define
class Wire:
    """Sends exchanges through an ``httpx.AsyncClient``, one attempt each."""

    http_client: httpx.AsyncClient

    async def send(self, exchange: Exchange) -> httpx.Response:
        """Send the request and read the whole answer, of whatever status.

        Raises:
            TransportError: No whole answer came.
        """
        try:
            # The credential belongs to the request: a shared client's own auth must not replace it.
            return await self.http_client.send(exchange.request, auth=None, follow_redirects=False)
        except httpx.HTTPError as failure:
            raise _transport_error(exchange, failure) from _without_request(failure)
        except (
            httpx.StreamError,
            OSError,
            RuntimeError,
        ) as failure:  # from transports that leave such errors as they are
            raise _transport_error(exchange, failure) from failure


def _transport_error(exchange: Exchange, failure: Exception) -> TransportError:
    kind = TransportTimeoutError if isinstance(failure, httpx.TimeoutException) else TransportError
    outcome = Outcome.NOT_SENT if isinstance(failure, _NEVER_SENT) else Outcome.UNKNOWN
    return kind(_in_words(failure), operation_id=exchange.operation.operation_id, outcome=outcome)


def _in_words(failure: Exception) -> str:
    """``ReadTimeout`` as ``read timeout``: httpx's own texts may name the URL."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(failure).__name__).lower()


def _without_request(failure: httpx.HTTPError) -> httpx.HTTPError:
    """The failure as a cause: its request carries the API key and the body, which no traceback tool should find."""
    failure.request = None  # type: ignore[assignment]  # httpx has no other way to take it off
    return failure
