"""Every way a call can fail.

    TalonOneError                    the one broad catch
    ├── ClientStateError             the client is not open, or belongs to another event loop
    ├── CircuitOpenError             the client's circuit breaker is open
    ├── MiddlewareError              a middleware raised an error of its own
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

``str(error)``, ``repr(error)`` and ``error.args`` have no text from the API and none of the caller's. Its own words
are in ``api_message``, ``errors`` and ``body``: error trackers show attributes called ``message`` or ``detail``.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from enum import StrEnum
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from attrs import field, frozen

from aiotalonone.operation import RetrySafety

if TYPE_CHECKING:
    from aiotalonone.call import Call

__all__ = [
    "APIStatusError",
    "AuthenticationError",
    "BadRequestError",
    "CircuitOpenError",
    "ClientStateError",
    "ConflictError",
    "DeadlineExceededError",
    "ErrorDetail",
    "MiddlewareError",
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


E = TypeVar("E", bound="TalonOneError")

_RESUMABLE: Final = frozenset({Outcome.UNKNOWN, Outcome.APPLIED})
_FACTS: Final = ("attempts", "elapsed", "permanent", "request_id", "retry_after", "retry_budget_exhausted", "status")
"""What an error's dict has, if its class does, besides the type and the first three ``args``."""
_API_WORDS: Final = frozenset({"api_message", "body", "content", "errors", "location", "shown"})
"""What may hold personal data, and is not pickled."""


class TalonOneError(Exception):
    """A call failed.

    An error goes through pickle with all that ``client.resume`` needs, and through JSON with ``to_dict``. Its ``args``
    are what happened, operation and outcome, so that a queue that restores errors by class and ``args`` keeps them.

    Attributes:
        operation_id: The operation that was called, such as ``updateCustomerSessionV2``.
        outcome: What is known of the call, all attempts considered.
        attempts: How many attempts were started.
        idempotency_key: Sent with every attempt; ``None`` if the operation does not honour one.
        elapsed: Seconds from the start of the call to its end, including time spent waiting.
        request_id: The API's ID of the last request, for its support; ``None`` if the response had no ID.
        retry_budget_exhausted: True if a retry was skipped because the client's retry budget was exhausted.
        call: What ``client.resume`` sends again. It holds personal data, and is pickled only if it can be resumed.
    """

    args: tuple[Any, ...]
    attempts: int = 0
    idempotency_key: str | None = None
    elapsed: float = 0.0
    request_id: str | None = None
    retry_budget_exhausted: bool = False
    call: "Call[Any] | None" = None
    default_outcome: ClassVar[Outcome] = Outcome.UNKNOWN
    shown: str | None = None
    """What happened in the API's own words, if the client was told to show them."""

    def __init__(self, summary: str, operation_id: str = "call", outcome: Outcome | str | None = None) -> None:
        super().__init__(summary)
        self.operation_id = operation_id
        self.outcome = self.default_outcome if outcome is None else _outcome(outcome)

    @property
    def outcome(self) -> Outcome:
        """What is known of the call, all attempts considered."""
        return self._outcome

    @outcome.setter
    def outcome(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self.args = (self.args[0], self.operation_id, outcome, *self.args[3:])

    @property
    def is_resumable(self) -> bool:
        """Whether the call may have been carried out, and a retry would not act twice."""
        call = self.call
        return call is not None and call.retry_safety is not RetrySafety.UNSAFE and self.outcome in _RESUMABLE

    def __str__(self) -> str:
        attempts = "" if not self.attempts else "1 attempt, " if self.attempts == 1 else f"{self.attempts} attempts, "
        exhausted = "retry budget exhausted, " if self.retry_budget_exhausted else ""
        return f"{self.operation_id} failed: {self.shown or self.args[0]} ({attempts}{exhausted}{self.outcome})"

    def to_dict(self) -> dict[str, str | int | float | None]:
        """Return the error as JSON values without personal data: no ID, no key, no body, no text from the API."""
        named = {"type": type(self).__name__, "summary": self.args[0], "operation_id": self.operation_id}
        facts = {name: getattr(self, name) for name in _FACTS if hasattr(self, name)}
        return named | {"outcome": self.outcome.value} | facts

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any]) -> "TalonOneError":
        """Return the error of a ``to_dict``: of its class, or of this one if no class of that name is imported.

        Args:
            mapping: What ``to_dict`` returned; further members are passed over.

        Raises:
            ValueError: It is not what ``to_dict`` returned.
        """
        texts = [mapping.get(name) for name in ("type", "summary", "operation_id", "outcome")]
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("not the dict of an error: type, summary, operation_id and outcome must be strings")
        name, summary, operation_id, outcome = map(str, texts)
        kind = next((one for one in _family(TalonOneError) if one.__name__ == name), cls)
        facts = {fact: mapping[fact] for fact in _FACTS if fact in mapping and hasattr(kind, fact)}
        if not all(isinstance(value, (str, int, float, NoneType)) for value in facts.values()):
            raise ValueError("not the dict of an error: a member is not a string, a number, a bool or null")
        known = Outcome(outcome)
        args = (summary, operation_id, known, *([facts["status"]] if "status" in facts else []))
        return _restored(kind, args, {"operation_id": operation_id, "_outcome": known, **facts})

    def __reduce__(self) -> tuple[Any, ...]:
        dropped = _API_WORDS if self.is_resumable else _API_WORDS | {"call"}
        kept = {name: value for name, value in self.__dict__.items() if name not in dropped}
        return _restored, (type(self), self.args, kept)

    def __copy__(self) -> Self:
        return _restored(type(self), self.args, self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return _restored(type(self), self.args, deepcopy(self.__dict__, memo))


class ClientStateError(TalonOneError, RuntimeError):
    """The client cannot call now: it is not open, was closed, or belongs to another event loop. Nothing was sent.

    The outcome is NOT_SENT, or that of the call that was to be resumed.
    """

    default_outcome = Outcome.NOT_SENT


class CircuitOpenError(TalonOneError):
    """The client's circuit breaker is open: too many attempts in a row failed, so this one was not made.

    Attributes:
        retry_after: Seconds until the API is tried again; 0 if that is happening now.
    """

    retry_after: float = 0.0
    default_outcome = Outcome.NOT_SENT


class MiddlewareError(TalonOneError):
    """A middleware raised an error of its own, or another call within it failed; that error is the ``__cause__``.

    The outcome says what became of the call: APPLIED if the middleware failed after a success.
    """


class TransportError(TalonOneError):
    """No whole response was received: no connection was made, or it broke.

    Attributes:
        permanent: True if a retry cannot help, such as with an untrusted certificate. The client does not retry then.
    """

    permanent: bool = False

    def __init__(
        self,
        summary: str,
        operation_id: str = "call",
        outcome: Outcome | str | None = None,
        *,
        permanent: bool = False,
    ) -> None:
        super().__init__(summary, operation_id, outcome)
        self.permanent = permanent


class TransportTimeoutError(TransportError, TimeoutError):
    """No whole response was received in time."""


class DeadlineExceededError(TransportTimeoutError):
    """The time that the whole call had is over: waiting, attempts and pauses together."""


@frozen
class ErrorDetail:
    """One entry of ``errors`` in an error response; its repr shows nothing of it."""

    title: str = field(repr=False)
    """What is wrong, in the API's words."""
    details: str | None = field(default=None, repr=False)
    """More of it; ``None`` if the API says no more."""
    pointer: str | None = field(default=None, repr=False)
    """JSON pointer to the offending member of the request, such as ``/attributes/shoeSize``."""
    parameter: str | None = field(default=None, repr=False)
    """Name of the offending member of the query, such as ``dry``."""


class APIStatusError(TalonOneError):
    """The API responded with an error status.

    Attributes:
        status: The HTTP status.
        api_message: The API's message as it came; ``None`` if the response had no message. May hold personal data.
        errors: The API's first hundred details, each with title, details, pointer and parameter.
        retry_after: Seconds that the API asks to wait; ``None`` if it does not ask.
        body: The response's JSON value; its text, at most 1 MiB, if it is not JSON or longer. May hold personal data.
    """

    args: tuple[Any, ...]
    status: int = 0
    api_message: str | None = None
    errors: tuple[ErrorDetail, ...] = ()
    retry_after: float | None = None
    body: Any = None
    default_outcome = Outcome.REJECTED

    def __init__(
        self,
        summary: str,
        operation_id: str = "call",
        outcome: Outcome | str | None = None,
        status: int = 0,
        *,
        api_message: str | None = None,
        errors: tuple[ErrorDetail, ...] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(summary, operation_id, outcome)
        self.args = (*self.args, status)
        self.status = status
        self.api_message = api_message
        self.errors = errors
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body


class RedirectError(APIStatusError):
    """3xx: the response points to another URL. Redirects are not followed: the key would be sent along.

    Attributes:
        location: The other URL as it came; ``None`` if it is not given. May hold personal data.
    """

    location: str | None = None


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

    args: tuple[Any, ...]
    status: int = 0
    reason: str = ""
    content: bytes = b""
    default_outcome = Outcome.APPLIED

    def __init__(
        self,
        summary: str,
        operation_id: str = "call",
        outcome: Outcome | str | None = None,
        status: int = 0,
        *,
        reason: str = "",
        request_id: str | None = None,
        content: bytes = b"",
    ) -> None:
        super().__init__(summary, operation_id, outcome)
        self.args = (*self.args, status)
        self.status = status
        self.reason = reason
        self.request_id = request_id
        self.content = content


def _outcome(value: Outcome | str) -> Outcome:
    try:
        return value if type(value) is Outcome else Outcome(value)
    except ValueError:  # of a queue's own making
        return Outcome.UNKNOWN


def _family(kind: type[TalonOneError]) -> Iterator[type[TalonOneError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _family(child)


def _restored(kind: type[E], args: tuple[Any, ...], state: Mapping[str, Any]) -> E:
    """Restore an error that was pickled or copied: its constructor takes keywords that pickle does not know."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error
