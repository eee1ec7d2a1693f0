"""The last step: one attempt through httpx, whose failures become ours."""

import re
from io import BytesIO

import httpcore
import httpx
from attrs import define

from aiotalonone import wire_logs
from aiotalonone.errors import ResponseDecodeError, TalonOneError, TransportError, TransportTimeoutError
from aiotalonone.pipeline.contract import Exchange
from aiotalonone.pipeline.decision import Phase, outcome_of
from aiotalonone.problem import request_id
from aiotalonone.transport import NOTHING_WRITTEN


@define
class Wire:
    """Sends exchanges through an ``httpx.AsyncClient``, one attempt each."""

    http_client: httpx.AsyncClient
    max_response_bytes: int

    async def send(self, exchange: Exchange) -> httpx.Response:
        """Send the request and read the whole answer, of whatever status.

        Raises:
            TransportError: No whole answer came.
            ResponseDecodeError: The answer is of success, and larger than what is read.
        """
        exchange.attempts += 1
        discretion = wire_logs.hide_ours()
        try:
            return await self._whole(exchange, await self._head(exchange))
        finally:
            wire_logs.show_again(discretion)

    async def _head(self, exchange: Exchange) -> httpx.Response:
        try:
            # The credential belongs to the request: a shared client's own auth must not replace it.
            return await self.http_client.send(exchange.request, auth=None, follow_redirects=False, stream=True)
        except httpx.HTTPStatusError as failure:  # from a caller's hook: the status speaks for itself
            return _judged_by_hook(failure.response)
        except AssertionError:  # of a test, in its stand-in for the network
            raise
        except Exception as failure:  # what a caller's own transport or hook may raise as well
            raise _transport_error(exchange, failure, _phase(exchange, failure)) from failure
        except BaseException as cancellation:
            exchange.came_to(outcome_of(_phase(exchange, cancellation), None))
            _make_discreet(cancellation)
            raise

    async def _whole(self, exchange: Exchange, answer: httpx.Response) -> httpx.Response:
        """The answer with its body; where that is lost or absurd, a failure's status still speaks for itself."""
        try:
            await self._read(answer)
        except AssertionError:
            raise
        except Exception as failure:
            if answer.is_success and not isinstance(failure, httpx.DecodingError):
                raise _unread(exchange, answer, failure) from failure
            return _without_body(answer)
        except BaseException as cancellation:
            exchange.came_to(outcome_of(Phase.ANSWERED, answer.status_code))
            _make_discreet(cancellation)
            raise
        finally:
            if not answer.is_closed:
                await answer.aclose()
        return answer

    async def _read(self, answer: httpx.Response) -> None:
        body = BytesIO()
        async for part in answer.aiter_bytes():
            body.write(part)
            del part  # what is left in a frame is shown by tools that report tracebacks with their variables
            if body.tell() > self.max_response_bytes:
                raise _TooLargeError(f"larger than {self.max_response_bytes} bytes")
        # Where aread() would put it, which stops at no size.
        answer._content = body.getvalue()  # noqa: SLF001


class _TooLargeError(Exception):
    """More bytes than are read."""


def _phase(exchange: Exchange, failure: BaseException) -> Phase:
    """How far an attempt came, as its transport observed; what nobody observed counts as written."""
    nothing_written = exchange.request.extensions.pop(NOTHING_WRITTEN, False)
    # httpcore has no event for it: the request never had a connection.
    waited_in_vain = isinstance(failure.__cause__, httpcore.PoolTimeout)
    return Phase.NOTHING_WRITTEN if nothing_written or waited_in_vain else Phase.WRITTEN


def _judged_by_hook(response: httpx.Response) -> httpx.Response:
    """The answer that a hook raised for; one that the hook did not read was closed, and has lost its body."""
    return response if response.is_stream_consumed else _without_body(response)


def _without_body(answer: httpx.Response) -> httpx.Response:
    of_the_body = {"content-encoding", "content-length", "content-type", "transfer-encoding"}
    headers = [(name, value) for name, value in answer.headers.multi_items() if name not in of_the_body]
    return httpx.Response(answer.status_code, headers=headers)


def _unread(exchange: Exchange, answer: httpx.Response, failure: Exception) -> TalonOneError:
    """What an answer of success comes to whose body was not read to its end."""
    if not isinstance(failure, _TooLargeError):
        return _transport_error(exchange, failure, Phase.ANSWERED)
    return ResponseDecodeError(
        str(failure),
        operation_id=exchange.operation.operation_id,
        status=answer.status_code,
        request_id=request_id(answer.headers),
        content=b"",
    )


def _transport_error(exchange: Exchange, failure: Exception, phase: Phase) -> TransportError:
    if isinstance(failure, httpx.HTTPError):
        _make_discreet(failure)
    in_time = not isinstance(failure, (httpx.TimeoutException, TimeoutError))
    kind = TransportError if in_time else TransportTimeoutError
    return kind(_in_words(failure), operation_id=exchange.operation.operation_id, outcome=outcome_of(phase, None))


def _make_discreet(failure: BaseException) -> None:
    """Take off what tools that report errors would find: key, body and path.

    They are in the request, and in the variables of httpx's and httpcore's frames. A parser's words quote what it read.
    """
    if isinstance(failure, httpx.HTTPError):
        failure.request = None  # type: ignore[assignment]  # httpx has no other way to take it off
    link: BaseException | None = failure
    while link is not None and link.__traceback__ is not None:
        link.__traceback__ = None
        if isinstance(failure, httpx.ProtocolError):
            link.args = ()
        link = link.__cause__ or link.__context__


def _in_words(failure: Exception) -> str:
    """``ReadTimeout`` as ``read timeout``: httpx's own texts may name the URL."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(failure).__name__).lower()
