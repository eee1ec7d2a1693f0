"""Every way a call can fail.

    TalonOneError                    the one broad catch
    ├── ClientStateError             the client is not open, or belongs to another event loop
    ├── TransportError               no whole answer came
    │   └── TransportTimeoutError    …in time
    ├── APIStatusError               the API answered, and not with success
    │   ├── RedirectError            3xx: another host would have to be trusted
    │   ├── BadRequestError          400
    │   ├── AuthenticationError      401
    │   ├── PermissionDeniedError    403
    │   ├── NotFoundError            404
    │   ├── ConflictError            409
    │   ├── RateLimitError           429
    │   └── ServerError              5xx
    └── ResponseDecodeError          the API did what was asked; its answer is beyond reading

Misuse (a bad argument) is ValueError or TypeError, raised before anything is sent.
"""

from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any, ClassVar, Final

from attrs import frozen


class Outcome(Enum):
    """What became of the request that a failed call sent."""

    NOT_SENT = "not sent"
    """Nothing reached the API."""
    REJECTED = "rejected"
    """The API refused it and changed nothing."""
    UNKNOWN = "unknown"
    """It may have been carried out."""
    APPLIED = "applied"
    """It was carried out."""


class TalonOneError(Exception):
    """A call failed.

    Attributes:
        operation_id: The operation that was called, such as ``updateCustomerSessionV2``.
        outcome: What became of the request.
    """

    def __init__(self, summary: str, *, operation_id: str, outcome: Outcome) -> None:
        super().__init__(f"{operation_id} failed: {summary} ({outcome.value})")
        self.operation_id = operation_id
        self.outcome = outcome

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, self.__dict__)


class ClientStateError(TalonOneError, RuntimeError):
    """The client cannot call now: it is not open, was closed, or belongs to another event loop. Nothing was sent."""

    def __init__(self, reason: str, *, operation_id: str) -> None:
        super().__init__(reason, operation_id=operation_id, outcome=Outcome.NOT_SENT)


class TransportError(TalonOneError):
    """No whole answer came: the connection failed, broke or was refused."""


class TransportTimeoutError(TransportError, TimeoutError):
    """No whole answer came in time."""


@frozen
class ErrorDetail:
    """One entry of an error answer's ``errors``."""

    title: str
    details: str | None = None
    pointer: str | None = None
    """JSON pointer to the offending member of the request, such as ``/attributes/shoeSize``."""


class APIStatusError(TalonOneError):
    """The API answered with a status that is no success.

    Attributes:
        status: The HTTP status.
        message: The API's message as it came, or the status' own phrase where it sent none. May name what it is about.
        errors: The API's details, each with title, details and pointer.
        request_id: The API's name for the request, for its support; ``None`` where it gave none.
        body: The answer's JSON value, or its text where it is no JSON. May hold personal data.
    """

    default_outcome: ClassVar[Outcome] = Outcome.REJECTED

    def __init__(
        self,
        summary: str,
        *,
        operation_id: str,
        status: int,
        message: str,
        errors: tuple[ErrorDetail, ...] = (),
        request_id: str | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(f"{status} {summary}", operation_id=operation_id, outcome=self.default_outcome)
        self.status = status
        self.message = message
        self.errors = errors
        self.request_id = request_id
        self.body = body


class RedirectError(APIStatusError):
    """3xx: the answer points elsewhere. Redirects are never followed, since the key would travel with them."""


class BadRequestError(APIStatusError):
    """400: the API does not accept the request; ``errors`` points at what it minds."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing, wrong or expired."""


class PermissionDeniedError(APIStatusError):
    """403: the credential is valid and may not do this."""


class NotFoundError(APIStatusError):
    """404: what the request names does not exist."""


class ConflictError(APIStatusError):
    """409: too many updates of one session or profile at once, or the thing already exists."""


class RateLimitError(APIStatusError):
    """429: too many requests; nothing was carried out."""


class ServerError(APIStatusError):
    """5xx: the API or a gateway before it failed; whether the request was carried out is not known."""

    default_outcome = Outcome.UNKNOWN


class ResponseDecodeError(TalonOneError):
    """The API answered with success and a body beyond reading: what was asked is done, only the answer is lost.

    Attributes:
        status: The HTTP status.
        reason: Each place that could not be read, without its value.
        request_id: The API's name for the request, ``None`` where it gave none.
        content: The body as it came. May hold personal data.
    """

    def __init__(self, reason: str, *, operation_id: str, status: int, request_id: str | None, content: bytes) -> None:
        super().__init__(
            f"{status} with a body that cannot be read", operation_id=operation_id, outcome=Outcome.APPLIED
        )
        self.status = status
        self.reason = reason
        self.request_id = request_id
        self.content = content


_CLASSES: Final[Mapping[int, type[APIStatusError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}


def status_class(status: int) -> type[APIStatusError]:
    """The error class of a status that is no success."""
    if status in _CLASSES:
        return _CLASSES[status]
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return RedirectError
    return ServerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else APIStatusError


def _restored(kind: type[TalonOneError], args: tuple[Any, ...], state: dict[str, Any]) -> TalonOneError:
    """An unpickled error: its constructor takes keywords that pickle does not know."""
    error: TalonOneError = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error
