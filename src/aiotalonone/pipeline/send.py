"""The last step of the pipeline: one attempt through an httpx client, whose failures become ours."""

import re
from contextlib import aclosing
from io import BytesIO
from typing import Any, Final

import httpx
from attrs import define

from aiotalonone.errors import (
    DeadlineExceededError,
    ResponseDecodeError,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
)
from aiotalonone.pipeline.content import ContentTooLargeError, UndecodableContentError, decode_content
from aiotalonone.pipeline.libraries import library_classes
from aiotalonone.pipeline.middleware import Exchange
from aiotalonone.pipeline.outcome import is_success
from aiotalonone.pipeline.own_client import OwnHttpClient
from aiotalonone.pipeline.redaction import cause_chain, start_redaction, stop_redaction, strip_sensitive
from aiotalonone.pipeline.response import request_id
from aiotalonone.transport.failures import DeadlinePassed, ResponseTooLarge, TransportFailure
from aiotalonone.transport.messages import WholeResponse
from aiotalonone.transport.progress import RequestProgress
from aiotalonone.transport.tls import describe_failure

_WORD_START: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER_LOOP: Final = re.compile(r"\b(event|different) loop\b", re.IGNORECASE)
"""In what asyncio says of something that belongs to another event loop, or to one that is closed."""


@define
class HttpSender:
    """Sends exchanges through an httpx client, one attempt each."""

    http_client: Any
    """An ``AsyncClient`` of httpx or of httpx2: the two are used alike."""
    max_response_bytes: int

    async def send(self, exchange: Exchange) -> httpx.Response:
        """Send the request and return the whole response, of whatever status.

        Raises:
            TransportError: No whole response came.
            ResponseDecodeError: The response is a success, and its body too large or not decodable.
        """
        progress = exchange.start_attempt()
        http_client = self.http_client
        is_direct = isinstance(http_client, OwnHttpClient) and http_client.can_skip_send(exchange.request)
        redaction = None if is_direct else start_redaction()  # our own connections log nothing
        try:
            if is_direct:
                response = await http_client.pool.send(exchange.request)
            else:
                # The credential belongs to the request: a brought client's own auth must not replace it.
                response = await http_client.send(exchange.request, auth=None, follow_redirects=False, stream=True)
            if not isinstance(response, WholeResponse):
                response = await self._receive(progress, response)
        except AssertionError:  # of a test, in its stand-in for the network
            raise
        except Exception as failure:  # what a brought client's transport or hook may raise as well
            if (judged := _response_of_hook(exchange, failure)) is None:
                _note_pool_timeout(exchange, progress, failure)
                is_foreign = not is_direct and _is_of_another_request(exchange, failure)
                raise transport_error(exchange, failure, is_foreign=is_foreign) from failure
            response = await self._receive(progress, judged)
        except BaseException as cancellation:
            cancellation.__traceback__ = None  # the frames below hold the request
            raise
        finally:
            if redaction is not None:
                stop_redaction(redaction)
        return self._decoded(exchange, response)

    async def _receive(self, progress: RequestProgress, response: Any) -> WholeResponse:
        """Read a response that a brought client or a test double gave, no further than allowed."""
        progress.status = response.status_code
        body = BytesIO()
        failure: Exception | None = None
        encoding = ""
        try:
            async with aclosing(response):
                if response.is_stream_consumed:  # by a hook, which had it decoded
                    body.write(response.content)
                else:
                    encoding = response.headers.get("content-encoding", "")
                    await self._read_into(body, response)
        except AssertionError:
            raise
        except Exception as error:  # noqa: BLE001 - the head has come: its status counts
            failure = error
        if failure is None and body.tell() > self.max_response_bytes:
            failure = ResponseTooLarge(f"larger than {self.max_response_bytes} bytes")
        return WholeResponse(
            response.status_code,
            response.headers.raw,
            body.getvalue(),
            content_encoding=encoding.encode("latin-1", "replace"),
            failure=failure,
        )

    async def _read_into(self, body: BytesIO, response: Any) -> None:
        async for part in response.aiter_raw():
            body.write(part)
            del part  # what is left in a frame is shown by tools that report tracebacks with their variables
            if body.tell() > self.max_response_bytes:
                return

    def _decoded(self, exchange: Exchange, response: WholeResponse) -> WholeResponse:
        """Return the response with its body decoded; without body if it is lost and the status is an error."""
        failure = response.failure
        if failure is None and response.content_encoding:
            try:
                response.body = decode_content(
                    response.body, response.content_encoding.decode("latin-1"), self.max_response_bytes
                )
            except UndecodableContentError as error:
                failure = error
        if failure is None:
            return response
        if not is_success(response.status_code):
            return _without_body(response)
        raise _body_error(exchange, response, failure) from failure


def _note_pool_timeout(exchange: Exchange, progress: RequestProgress, failure: Exception) -> None:
    """Note that a request timed out while waiting for a connection of an external client's pool: it was not written."""
    if isinstance(failure, library_classes("PoolTimeout")) and _request_of(failure) is exchange.request:
        progress.observed = True


def _response_of_hook(exchange: Exchange, failure: Exception) -> Any:
    """Return the response for which a brought client's hook raised, if it is that of our own request."""
    if not isinstance(failure, library_classes("HTTPStatusError")):
        return None
    bearer: Any = failure
    return bearer.response if _request_of(bearer.response) is exchange.request else None


def _is_of_another_request(exchange: Exchange, failure: Exception) -> bool:
    """Return whether a failure, met in a hook or a wrapper, is that of another request; a retry of ours does not help.

    An error raised below an httpx client has the request that failed as an attribute.
    """
    if isinstance(failure, library_classes("RequestError")):
        return _request_of(failure) is not exchange.request
    return isinstance(failure, (TalonOneError, *library_classes("HTTPStatusError")))


def _request_of(bearer: Any) -> Any:
    """Return the request of a library's response or error; ``None`` if it has no request."""
    try:
        return bearer.request
    except RuntimeError:
        return None


def _without_body(response: WholeResponse) -> WholeResponse:
    of_the_body = {b"content-encoding", b"content-length", b"content-type", b"transfer-encoding"}
    headers = [pair for pair in response.headers.raw if pair[0].lower() not in of_the_body]
    return WholeResponse(response.status_code, headers, b"")


def _body_error(exchange: Exchange, response: WholeResponse, failure: Exception) -> TalonOneError:
    """Return what a response of success comes to if its body is lost."""
    strip_sensitive(failure)
    if not isinstance(failure, (ResponseTooLarge, UndecodableContentError)):
        return transport_error(exchange, failure)
    return ResponseDecodeError(
        f"{response.status_code} with a body that cannot be decoded",
        exchange.operation.operation_id,
        status=response.status_code,
        reason=str(failure),
        request_id=request_id(response.headers),
        content=b"" if isinstance(failure, (ResponseTooLarge, ContentTooLargeError)) else response.body,
    )


def transport_error(exchange: Exchange, failure: Exception, *, is_foreign: bool = False) -> TransportError:
    """Return what an attempt comes to that has failed.

    Args:
        exchange: Whose attempt.
        failure: What it failed with.
        is_foreign: Whether that is the failure of another request.
    """
    strip_sensitive(failure)
    reason, permanent = _reason(failure)
    kind = TransportError
    if isinstance(failure, (TimeoutError, *library_classes("TimeoutException"))):
        kind = DeadlineExceededError if isinstance(failure, DeadlinePassed) else TransportTimeoutError
    operation_id = exchange.operation.operation_id
    return kind(reason, operation_id=operation_id, outcome=exchange.outcome, permanent=permanent or is_foreign)


def _reason(failure: Exception) -> tuple[str, bool]:
    """Return why an attempt failed, in words that contain nothing of it, and whether a retry cannot help."""
    if isinstance(failure, TransportFailure):
        return failure.reason, failure.permanent
    name = type(failure).__name__
    if type(failure) is RuntimeError and _OTHER_LOOP.search(str(failure)):
        return "the connections of the http_client belong to another event loop: make one for each loop", False
    if not isinstance(failure, library_classes("RequestError")):
        return f"a hook or the transport of the http_client raised {name}", False
    # ``ReadTimeout`` as ``read timeout``: the library's own texts may contain the URL.
    words = _WORD_START.sub(" ", name).lower()
    if isinstance(failure, library_classes("NetworkError")) and (cause := _os_error(failure)) is not None:
        reason, permanent = describe_failure(cause)
        is_connect = isinstance(failure, library_classes("ConnectError"))
        return f"{'cannot connect' if is_connect else words}: {reason}", permanent and is_connect
    return words, False


def _os_error(failure: BaseException) -> OSError | None:
    """Return the operating system's or TLS' error that a library's error stands for: the innermost of the chain."""
    return next((link for link in reversed(list(cause_chain(failure))) if isinstance(link, OSError)), None)
