"""What an answer means for the call: its result, or the error that it is."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from aiotalonone.errors import ResponseDecodeError
from aiotalonone.operation import Operation
from aiotalonone.problem import request_id, status_error

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


def require_success(operation: Operation[Any], answer: Answer, private: Callable[[], Iterable[str]]) -> None:
    """Raise the error of an answer that is no success.

    Args:
        operation: What was called.
        answer: What came.
        private: Lists what the error's one line must not repeat; asked for a failure only.

    Raises:
        APIStatusError: The status is not 2xx.
    """
    if not HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
        raise status_error(
            operation.operation_id,
            answer.status_code,
            answer.headers,
            answer.content,
            private=private(),
        )


def read(operation: Operation[Any], answer: Answer, decode: Callable[[str, bytes], Any], *, silent: str | None) -> Any:
    """The operation's result, ``None`` where it has none or was asked for silence.

    Raises:
        ResponseDecodeError: The body is beyond reading.
    """
    if operation.result is None or silent == "yes":
        return None
    if not answer.content and silent != "no" and HTTPStatus.NO_CONTENT in operation.success:
        return None
    return decoded(operation, answer, partial(decode, operation.result))


def decoded(operation: Operation[Any], answer: Answer, decode: Callable[[bytes], T]) -> T:
    """The body's value.

    Raises:
        ResponseDecodeError: It is beyond reading.
    """
    try:
        return decode(answer.content)
    except ValueError as failure:
        raise ResponseDecodeError(
            str(failure),
            operation_id=operation.operation_id,
            status=answer.status_code,
            request_id=request_id(answer.headers),
            content=answer.content,
        ) from None
