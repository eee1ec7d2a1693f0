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
            answer = await self.http_client.send(exchange.request, auth=None, follow_redirects=False, stream=True)
            return await _whole(answer)
        except httpx.HTTPStatusError as failure:  # from a caller's hook: the status speaks for itself
            return _judged_by_hook(failure.response)
        except AssertionError:  # of a test, in its stand-in for the network
            raise
        except httpx.HTTPError as failure:
            raise _transport_error(exchange, failure) from _without_request(failure)
        except Exception as failure:  # what a caller's own transport or hook may raise
            raise _transport_error(exchange, failure) from failure


async def _whole(answer: httpx.Response) -> httpx.Response:
    """The answer with its body; where that is not what its encoding says, the status alone."""
    try:
        await answer.aread()
    except httpx.DecodingError:
        return httpx.Response(answer.status_code)
    finally:
        await answer.aclose()
    return answer


def _judged_by_hook(response: httpx.Response) -> httpx.Response:
    """The answer that a hook raised for; one that the hook did not read was closed, and has lost its body."""
    return response if response.is_stream_consumed else httpx.Response(response.status_code)


def _transport_error(exchange: Exchange, failure: Exception) -> TransportError:
    in_time = not isinstance(failure, (httpx.TimeoutException, TimeoutError))
    kind = TransportError if in_time else TransportTimeoutError
    outcome = Outcome.NOT_SENT if isinstance(failure, _NEVER_SENT) else Outcome.UNKNOWN
    return kind(_in_words(failure), operation_id=exchange.operation.operation_id, outcome=outcome)


def _in_words(failure: Exception) -> str:
    """``ReadTimeout`` as ``read timeout``: httpx's own texts may name the URL."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(failure).__name__).lower()


def _without_request(failure: httpx.HTTPError) -> httpx.HTTPError:
    """The failure as a cause: its request carries the API key and the body, which no traceback tool should find."""
    failure.request = None  # type: ignore[assignment]  # httpx has no other way to take it off
    return failure
