"""The life of a client: unopened, open on one event loop, closed; and the httpx client that its calls go through.

asyncio is imported where a loop runs already: it would be a seventh of what importing this package takes.
"""

# ruff: noqa: PLC0415

import os
import sys
import warnings
import weakref
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict

from aiotalonone.errors import ClientStateError, Outcome
from aiotalonone.settings import (
    CircuitBreaker,
    RetryPolicy,
    Timeouts,
    validate_grace,
    validate_positive_int,
    validate_type,
)

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from ssl import SSLContext

    import httpx

    from aiotalonone.call import Call
    from aiotalonone.pipeline.libraries import AsyncHttpClient
    from aiotalonone.pipeline.middleware import Middleware
    from aiotalonone.pipeline.own_client import OwnHttpClient
    from aiotalonone.pipeline.runtime import Runtime

_PACKAGE_DIR: Final = str(Path(__file__).parent.parent)


class ClientOptions(TypedDict, total=False):
    """What a client can be made with, besides where it calls and as whom."""

    http_client: "AsyncHttpClient | None"
    headers: "Mapping[str, str] | None"
    retry: RetryPolicy
    deadline: float | None
    timeouts: Timeouts | None
    max_connections: int
    proxy: "str | httpx.Proxy | None"
    ssl_context: "SSLContext | None"
    middleware: "Sequence[Middleware]"
    call_middleware: "Sequence[Middleware]"
    max_response_bytes: int
    max_concurrent_updates: int | None
    circuit_breaker: CircuitBreaker | None
    allow_http: bool
    show_api_messages: bool | None


class _State(Enum):
    UNOPENED = "the client is not open: use `async with` or `await client.open()`"
    OPEN = "open"
    CLOSED = "the client is closed"
    FORKED = "the client was opened before this process was forked: make another"


class ClientLifecycle:
    """Opened, closed and forked, for all clients that differ in options only.

    Args:
        create_http_client: Makes the client's own httpx client.
        external_client: The caller's client of httpx or httpx2, used instead.
        max_connections: How many requests may be in flight at once.
        load_endpoints: Imports them.
        max_concurrent_updates: Of one session or profile; ``None`` for any number.
        circuit_breaker: If calls are to fail at once while the API fails.

    Raises:
        TypeError: An option has a wrong type.
        ValueError: ``max_connections`` or ``max_concurrent_updates`` is below 1.
    """

    def __init__(
        self,
        create_http_client: "Callable[[], Awaitable[OwnHttpClient]]",
        external_client: Any,
        *,
        max_connections: int,
        load_endpoints: "Callable[[], object]",
        max_concurrent_updates: int | None,
        circuit_breaker: CircuitBreaker | None,
    ) -> None:
        if external_client is not None:
            from aiotalonone.pipeline.libraries import validate_http_client

            validate_http_client(external_client)
        validate_positive_int("max_connections", max_connections)
        if max_concurrent_updates is not None:
            validate_positive_int("max_concurrent_updates", max_concurrent_updates)
        if circuit_breaker is not None:
            validate_type("circuit_breaker", circuit_breaker, CircuitBreaker)
        self._create_http_client = create_http_client
        self._external_client = external_client
        self._max_connections = max_connections
        self._load_endpoints = load_endpoints
        self._max_concurrent_updates = max_concurrent_updates
        self._circuit_breaker = circuit_breaker
        self._state = _State.UNOPENED
        self._runtime: Runtime | None = None
        self._created_at = _creation_site()

    def __del__(self) -> None:
        if getattr(self, "_state", None) is _State.OPEN and self._external_client is None:
            text = f"a client created at {self._created_at} was not closed"
            warnings.warn(text, ResourceWarning, stacklevel=2, source=self)

    async def open(self) -> None:
        """Bind to the running event loop; opening twice changes nothing.

        Raises:
            ClientStateError: It was closed, is open on another event loop, or asyncio runs no event loop.
            ValueError: The certificate authorities cannot be read.
        """
        if self._state is _State.UNOPENED:
            _require_asyncio()
            await _load_modules(self._load_endpoints)
            http_client = await self._prepare_http_client()
            if self._state is _State.UNOPENED:  # neither opened nor closed by another task meanwhile
                from aiotalonone.pipeline import log, redaction

                log.configure_from_environment()
                redaction.install()
                self._runtime = self._new_runtime(http_client)
                self._state = _State.OPEN
                _open_lifecycles.add(self)
        self.require_open("open")

    async def aclose(self, grace: float) -> None:
        """Let running calls finish, abort those that do not, and close the httpx client if it is the client's own.

        Raises:
            ClientStateError: It is open on another event loop.
            TypeError: ``grace`` is not a number.
            ValueError: ``grace`` is negative or NaN.
        """
        validate_grace("grace", grace)
        if self._runtime is not None and self._state is _State.OPEN:
            if not self._runtime.on_this_loop:
                raise _state_error("the client belongs to another event loop", "close")
            self._state = _State.CLOSED
            await self._runtime.close(grace)
        elif self._state is _State.UNOPENED:
            self._state = _State.CLOSED
        elif self._state is _State.CLOSED and self._runtime is not None and self._runtime.on_this_loop:
            await self._runtime.is_closed.wait()

    @property
    def runtime(self) -> "Runtime":
        """What the calls of a client that was opened go through."""
        assert self._runtime is not None  # noqa: S101 - asked for after ``require_open``
        return self._runtime

    def require_open(
        self, operation_id: str, call: "Call[Any] | None" = None, outcome: Outcome = Outcome.NOT_SENT
    ) -> "Runtime":
        """Return what calls go through, if they may be made now.

        Args:
            operation_id: What is to be done.
            call: What is to be sent.
            outcome: That of the call that is to be resumed.

        Raises:
            ClientStateError: Not open, closed, or on another event loop.
        """
        runtime = self._runtime
        if runtime is None or self._state is not _State.OPEN:
            raise _state_error(self._state.value, operation_id, call, outcome)
        if runtime.http_client.is_closed:
            raise _state_error("the httpx client it was given is closed", operation_id, call, outcome)
        if not runtime.on_this_loop:
            raise _state_error("the client belongs to another event loop", operation_id, call, outcome)
        return runtime

    def mark_forked(self) -> None:
        """Leave the sockets to the parent process."""
        self._state = _State.FORKED

    async def _prepare_http_client(self) -> Any:
        """Return the httpx client; no module is left that its first request would have to load."""
        from aiotalonone.pipeline.external_client import load_backend

        if self._external_client is None:
            return await self._create_http_client()
        await load_backend()
        return self._external_client

    def _new_runtime(self, http_client: Any) -> "Runtime":
        from aiotalonone.pipeline.circuit_breaker import Circuit
        from aiotalonone.pipeline.lanes import Lanes
        from aiotalonone.pipeline.runtime import Runtime

        if self._external_client is not None:
            _claim_loop(self._external_client)
        width = self._max_concurrent_updates
        return Runtime(
            http_client,
            is_external=self._external_client is not None,
            lanes=None if width is None else Lanes(width),
            turns=Lanes(self._max_connections),
            circuit=None if self._circuit_breaker is None else Circuit(self._circuit_breaker),
        )


def _require_asyncio() -> None:
    from asyncio import get_running_loop

    try:
        get_running_loop()
    except RuntimeError:
        raise _state_error("no event loop of asyncio is running", "open") from None


async def _load_modules(load_endpoints: "Callable[[], object]") -> None:
    """Load, in a thread, what calls need; neither ``import`` nor the first call should wait a tenth of a second."""
    from asyncio import to_thread
    from importlib import import_module

    for module in ("codec", "pipeline.calls", "pipeline.lookup", "pipeline.response", "pipeline.runtime"):
        await to_thread(import_module, f"aiotalonone.{module}")
    await to_thread(load_endpoints)


_open_lifecycles: Final["weakref.WeakSet[ClientLifecycle]"] = weakref.WeakSet()
_loops: Final["weakref.WeakKeyDictionary[Any, weakref.ref[AbstractEventLoop]]"] = weakref.WeakKeyDictionary()
"""The event loop that each external client was first used on: its idle connections belong to it."""


def _claim_loop(external_client: Any) -> None:
    from asyncio import get_running_loop

    loop = get_running_loop()
    first = _loops.setdefault(external_client, weakref.ref(loop))()
    if first is not loop:
        reason = (
            "the http_client was used on another event loop, which its connections belong to: make one for each loop"
        )
        raise ClientStateError(reason, operation_id="open")


def _state_error(
    reason: str, operation_id: str, call: "Call[Any] | None" = None, outcome: Outcome = Outcome.NOT_SENT
) -> ClientStateError:
    error = ClientStateError(reason, operation_id, outcome)
    error.call = call
    return error


def _after_fork_in_child() -> None:
    for lifecycle in _open_lifecycles:
        lifecycle.mark_forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


def _creation_site() -> str:
    """Return file and line of the caller's code that creates a client."""
    frame = sys._getframe(1)  # noqa: SLF001 - as warnings and logging do: traceback reads source files
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE_DIR):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
