"""Every way a call can fail.

    TalonOneError                    the one broad catch
    ├── ClientStateError             the client is not open, or belongs to another event loop
    ├── CircuitOpenError             the client's circuit breaker is open
    ├── TransportError               no whole response came
    │   └── TransportTimeoutError    …in time
    │       └── DeadlineExceededError    the call's whole time is over
    ├── APIStatusError               the API responded with an error status
    │   ├── RedirectError            3xx: another host would have to be trusted
    │   ├── BadRequestError          400
    │   ├── AuthenticationError      401
    │   ├── PermissionDeniedError    403
    │   ├── NotFoundError            404
    │   ├── ConflictError            409
    │   ├── RateLimitError           429
    │   └── ServerError              5xx
    ├── ResponseDecodeError          success status, but the body could not be decoded
    └── bulk.JobStoppedError         a job ended before all of its records were processed

Misuse (a bad argument) is ValueError or TypeError, raised before anything is sent.
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final

from attrs import frozen

if TYPE_CHECKING:
    from aiotalonone.operation import Call

__all__ = [
    "APIStatusError",
    "AuthenticationError",
    "BadRequestError",
    "CircuitOpenError",
    "ClientStateError",
    "ConflictError",
    "DeadlineExceededError",
    "ErrorDetail",
    "NotFoundError",
    "Outcome",
    "PermissionDeniedError",
    "RateLimitError",
    "RedirectError",
    "ResponseDecodeError",
    "ServerError",
    "TalonOneError",
    "TransportError",
    "TransportTimeoutError",
]


class Outcome(StrEnum):
    """The outcome of a failed call: what is known of its request at the API."""

    NOT_SENT = "not sent"
    """Nothing reached the API."""
    REJECTED = "rejected"
    """The API rejected it and changed nothing."""
    UNKNOWN = "unknown"
    """It may have been carried out."""
    APPLIED = "applied"
    """It was carried out."""


class TalonOneError(Exception):
    """A call failed.

    Pickling keeps the message and the attributes below. What may hold personal data (the API's message, bodies) and the
    call are dropped.

    Attributes:
        operation_id: The operation that was called, such as ``updateCustomerSessionV2``.
        outcome: What is known of the call, all attempts considered.
        attempts: How many attempts were started.
        idempotency_key: Sent with every attempt; ``None`` if the operation does not honour one.
        elapsed: Seconds from the start of the call to its end, including time spent waiting.
        request_id: The API's ID of the last request, for its support; ``None`` if the response had no ID.
        retry_budget_exhausted: True if a retry was skipped because the client's retry budget was exhausted.
        call: What ``client.resume`` sends again; ``None`` after pickling.
    """

    attempts: int = 0
    idempotency_key: str | None = None
    elapsed: float = 0.0
    request_id: str | None = None
    retry_budget_exhausted: bool = False
    call: "Call[Any] | None" = None
    _dropped_on_pickle: ClassVar[dict[str, Any]] = {"call": None}

    def __init__(self, summary: str, *, operation_id: str, outcome: Outcome) -> None:
        super().__init__(summary)
        self.operation_id = operation_id
        self.outcome = outcome

    def __str__(self) -> str:
        attempts = "" if not self.attempts else "1 attempt, " if self.attempts == 1 else f"{self.attempts} attempts, "
        exhausted = "retry budget exhausted, " if self.retry_budget_exhausted else ""
        return f"{self.operation_id} failed: {self.args[0]} ({attempts}{exhausted}{self.outcome})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, self.__dict__ | self._dropped_on_pickle)


class ClientStateError(TalonOneError, RuntimeError):
    """The client cannot call now: it is not open, was closed, or belongs to another event loop. Nothing was sent."""

    def __init__(self, reason: str, *, operation_id: str) -> None:
        super().__init__(reason, operation_id=operation_id, outcome=Outcome.NOT_SENT)


class CircuitOpenError(TalonOneError):
    """The client's circuit breaker is open: too many attempts in a row failed, so this one was not made.

    Attributes:
        retry_after: Seconds until the API is tried again; 0 if that is happening now.
    """

    def __init__(self, *, operation_id: str, retry_after: float) -> None:
        when = f"next probe in {retry_after:.1f} s" if retry_after > 0 else "a probe is in flight"
        super().__init__(f"the circuit breaker is open, {when}", operation_id=operation_id, outcome=Outcome.NOT_SENT)
        self.retry_after = retry_after


class TransportError(TalonOneError):
    """No whole response was received: no connection was made, or it broke.

    Attributes:
        permanent: True if a retry cannot help, such as with an untrusted certificate. The client does not retry then.
    """

    def __init__(self, summary: str, *, operation_id: str, outcome: Outcome, permanent: bool = False) -> None:
        super().__init__(summary, operation_id=operation_id, outcome=outcome)
        self.permanent = permanent


class TransportTimeoutError(TransportError, TimeoutError):
    """No whole response was received in time."""


class DeadlineExceededError(TransportTimeoutError):
    """The time that the whole call had is over: waiting, attempts and pauses together."""


@frozen
class ErrorDetail:
    """One entry of ``errors`` in an error response."""

    title: str
    details: str | None = None
    pointer: str | None = None
    """JSON pointer to the offending member of the request, such as ``/attributes/shoeSize``."""
    parameter: str | None = None
    """Name of the offending member of the query, such as ``dry``."""


class APIStatusError(TalonOneError):
    """The API responded with an error status.

    Attributes:
        status: The HTTP status.
        message: The API's message as it came, or the phrase of the status. May hold personal data.
        errors: The API's first hundred details, each with title, details, pointer and parameter.
        retry_after: Seconds that the API asks to wait; ``None`` if it does not ask.
        body: The response's JSON value, or its text if it is not JSON or above 1 MiB (then its start). May hold
            personal data.
    """

    default_outcome: ClassVar[Outcome] = Outcome.REJECTED
    _dropped_on_pickle = {"call": None, "message": "", "errors": (), "body": None}  # noqa: RUF012 - a ClassVar, says its base

    def __init__(
        self,
        summary: str,
        *,
        operation_id: str,
        status: int,
        message: str,
        errors: tuple[ErrorDetail, ...] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(f"{status} {summary}", operation_id=operation_id, outcome=self.default_outcome)
        self.status = status
        self.message = message
        self.errors = errors
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body


class RedirectError(APIStatusError):
    """3xx: the response points to another URL. Redirects are not followed: the key would be sent along."""


class BadRequestError(APIStatusError):
    """400: the request is invalid; ``errors`` points at its invalid members."""


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
    """The API responded with success, but the body could not be decoded. The operation was carried out.

    Attributes:
        status: The HTTP status.
        reason: Why it could not be decoded, such as ``not JSON``, without a value.
        content: The body as it came, empty if it was too large to keep. May hold personal data.
    """

    _dropped_on_pickle = {"call": None, "content": b""}  # noqa: RUF012 - a ClassVar, says its base

    def __init__(self, reason: str, *, operation_id: str, status: int, request_id: str | None, content: bytes) -> None:
        super().__init__(
            f"{status} with a body that cannot be decoded", operation_id=operation_id, outcome=Outcome.APPLIED
        )
        self.status = status
        self.reason = reason
        self.request_id = request_id
        self.content = content


_STATUS_ERRORS: Final[Mapping[int, type[APIStatusError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}


def status_class(status: int) -> type[APIStatusError]:
    """Return the error class of an error status."""
    if status in _STATUS_ERRORS:
        return _STATUS_ERRORS[status]
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return RedirectError
    return ServerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else APIStatusError


def _restored(kind: type[TalonOneError], args: tuple[Any, ...], state: dict[str, Any]) -> TalonOneError:
    """Restore a pickled error: its constructor takes keywords that pickle does not know."""
    error: TalonOneError = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error
