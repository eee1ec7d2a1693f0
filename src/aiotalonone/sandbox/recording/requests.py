"""The requests that the sandbox was sent, and what became of each."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import define, field
from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from aiotalonone.sandbox import json
from aiotalonone.sandbox.faults import Fault
from aiotalonone.sandbox.rules.trace import Trace

MAX_REQUESTS: Final = 500
MAX_BODY_BYTES: Final = 64 * 1024

_SECRETS: Final = frozenset({b"authorization", b"proxy-authorization", b"cookie"})


@define
class RecordedBody:
    """A body, of which no more is kept than the limit."""

    max_bytes: int
    """How many bytes are kept."""
    content: bytes = b""
    """Those that are kept."""
    length: int = 0
    """Bytes that were sent."""

    def add(self, chunk: bytes) -> None:
        """Add the next piece."""
        self.content += chunk[: self.max_bytes - len(self.content)]
        self.length += len(chunk)

    @property
    def is_cut(self) -> bool:
        """Whether a part of it was not kept."""
        return self.length > len(self.content)

    def json(self) -> Any:
        """Return its JSON value, None if it is empty.

        Raises:
            ValueError: It is not JSON, or was cut.
        """
        if self.is_cut:
            raise ValueError(f"only {len(self.content)} bytes of {self.length} are recorded")
        return json.loads(self.content) if self.content else None


@define(eq=False)
class RecordedRequest:
    """A request that the sandbox was sent, and what became of it."""

    number: int
    """1 for the first request."""
    time: datetime
    """When it came, by the sandbox's clock."""
    operation_id: str | None
    """The operation, ``None`` if there is none of that method and path."""
    method: str
    """The HTTP method."""
    path: str
    """As it was sent, percent-encoded, without the query."""
    query_string: str
    """As it was sent."""
    headers: Headers = field(repr=False)
    """Without secrets: of ``Authorization`` the scheme alone is kept."""
    request_body: RecordedBody = field(repr=False)
    """The body of the request."""
    response: RecordedBody = field(repr=False)
    """The body of the response."""
    status: int | None = None
    """``None`` if no response was sent, or none has been yet."""
    duration_ms: float | None = None
    """Milliseconds until the response was sent, ``None`` until then."""
    dry: bool = False
    """Whether nothing was to be stored."""
    replayed: bool = False
    """Whether the response is that of an earlier request with the same idempotency key."""
    fault: Fault | None = None
    """The fault that it met."""
    trace: Trace | None = field(default=None, repr=False)
    """What the rules did, if it ran any."""
    effects: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    """The effects that it had, whether or not the response names them; the first 200."""

    @property
    def query(self) -> QueryParams:
        """The query."""
        return QueryParams(self.query_string)

    @property
    def body(self) -> bytes:
        """The body of the request, as far as it is recorded."""
        return self.request_body.content

    @property
    def json(self) -> Any:
        """The JSON value of the request's body, ``None`` if there is no body.

        Raises:
            ValueError: It is not JSON, or too long to be recorded whole.
        """
        return self.request_body.json()

    @property
    def response_json(self) -> Any:
        """The JSON value of the response's body, ``None`` if there is no body.

        Raises:
            ValueError: It is not JSON, or too long to be recorded whole.
        """
        return self.response.json()


@define
class RequestLog:
    """The last requests, in the order in which they came."""

    max_requests: int = MAX_REQUESTS
    max_body_bytes: int = MAX_BODY_BYTES
    """What is kept of each body."""
    _requests: deque[RecordedRequest] = field(factory=deque, init=False)
    _last_number: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(tuple(self._requests))

    def __reversed__(self) -> Iterator[RecordedRequest]:
        return reversed(tuple(self._requests))

    def __len__(self) -> int:
        return len(self._requests)

    def get(self, number: int) -> RecordedRequest | None:
        """Return the request of a number, None if it is not among the last ones."""
        return next((request for request in reversed(self) if request.number == number), None)

    def clear(self) -> None:
        """Forget all requests; numbers continue."""
        self._requests.clear()

    def start(self, scope: Scope, operation_id: str | None, now: datetime) -> RecordedRequest:
        """Record a request that has just come."""
        self._last_number += 1
        request = RecordedRequest(
            self._last_number,
            now,
            operation_id,
            scope["method"],
            (scope.get("raw_path") or scope["path"].encode()).decode("ascii", errors="replace"),
            scope["query_string"].decode("ascii", errors="replace"),
            Headers(raw=[(name, _without_secret(name, value)) for name, value in scope["headers"]]),
            RecordedBody(self.max_body_bytes),
            RecordedBody(self.max_body_bytes),
        )
        self._requests.append(request)
        while len(self._requests) > self.max_requests:
            self._requests.popleft()
        return request


def _without_secret(name: bytes, value: bytes) -> bytes:
    """Return what is kept of a header."""
    if name not in _SECRETS:
        return value
    scheme, space, _ = value.partition(b" ")
    return scheme if space and name == b"authorization" else b""
