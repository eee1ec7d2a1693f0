"""What an answer means for the call: its result, or the error that it is."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from aiotalonone.call import Call
from aiotalonone.errors import ResponseDecodeError
from aiotalonone.problem import private_values, request_id, status_error
from aiotalonone.settings import Credentials

T = TypeVar("T")


class Answer(Protocol):
    """The parts of an HTTP response that matter here."""

    @property
    def status_code(self) -> int:
        """Its status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, looked up in any case."""
        ...

    @property
    def content(self) -> bytes:
        """Its body, whole and decoded."""
        ...


def require_success(call: Call[Any], answer: Answer, credentials: Credentials) -> None:
    """Raise the error of an answer that is no success.

    Args:
        call: What was called; the error's one line repeats nothing of it.
        answer: What came.
        credentials: What that line must not repeat either.

    Raises:
        APIStatusError: The status is not 2xx.
    """
    if not 200 <= answer.status_code < 300:  # noqa: PLR2004 - plain numbers: this is asked of every answer
        raise status_error(
            call.operation.operation_id,
            answer.status_code,
            answer.headers,
            answer.content,
            private=(*credentials.secrets, *call.private, *private_values(call.content or b"")),
        )


def read(call: Call[T], answer: Answer, decode: Callable[[str, bytes], Any]) -> Any:
    """The call's result, ``None`` where it has none or was asked for silence.

    Raises:
        ResponseDecodeError: The body is beyond reading.
    """
    operation = call.operation
    silent = call.query.get("silent")
    if operation.result is None or silent == "yes":
        if answer.headers.get("content-type", "").startswith("text/html"):  # of a host that is not the API
            raise _unreadable(call, answer, "a web page")
        return None
    if not answer.content and silent != "no" and HTTPStatus.NO_CONTENT in operation.success:
        return None
    try:
        return decode(operation.result, answer.content)
    except ValueError as failure:
        raise _unreadable(call, answer, str(failure)) from None


def _unreadable(call: Call[Any], answer: Answer, reason: str) -> ResponseDecodeError:
    return ResponseDecodeError(
        reason,
        operation_id=call.operation.operation_id,
        status=answer.status_code,
        request_id=request_id(answer.headers),
        content=answer.content,
    )
