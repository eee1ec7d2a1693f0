"""The client: settings in, lifecycle, and the one call to the API that the groups of endpoints share."""

import copy
from collections.abc import Awaitable, Mapping, Sequence
from functools import cached_property, partial
from time import time
from types import EllipsisType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, Unpack, overload

import httpx

from aiotalonone.endpoints import EndpointGroups, all_operations, modules
from aiotalonone.errors import Outcome, TalonOneError
from aiotalonone.operation import Operation
from aiotalonone.pipeline.idempotency import SingleUseKey, resumable
from aiotalonone.pipeline.lifecycle import ClientLifecycle, ClientOptions
from aiotalonone.pipeline.own_client import (
    create_own_client,
    proxy_from_environment,
    ssl_context_from_environment,
    validate_host,
    validate_proxy,
    validate_ssl_context,
)
from aiotalonone.pipeline.retry_rules import RetryBudget
from aiotalonone.settings import (
    CircuitBreaker,
    Credentials,
    Options,
    RetryPolicy,
    Timeouts,
    from_environment,
    shows_api_messages,
    validate_base_url,
    validate_functions,
    validate_headers,
    validate_positive_int,
)

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiotalonone.call import Call, PathValue, Query
    from aiotalonone.pipeline import Middleware
    from aiotalonone.pipeline.libraries import AsyncHttpClient
    from aiotalonone.pipeline.request import RequestBuilder
    from aiotalonone.pipeline.response import RawResponse
    from aiotalonone.pipeline.runtime import CallPipeline

T = TypeVar("T")

DEFAULT_MAX_CONNECTIONS: Final = 100


class AsyncIntegrationClient(EndpointGroups):
    """Talon.One's Integration API, awaited.

    One client serves a whole process: it keeps its connections open between calls and may be used by any number of
    tasks of one event loop. Use it with ``async with``, or with ``open()`` and ``aclose()``.

    Args:
        base_url: Your deployment, such as ``https://acme.europe-west1.talon.one``, with or without a slash at its end.
        api_key: The Application's Integration API key, without its ``ApiKey-v1`` prefix.
        management_token: Authorises ``update_customer_profile_audiences`` if your deployment requires it.
        http_client: Your own ``AsyncClient`` of httpx or httpx2. Its settings (pool, proxies, timeouts, hooks) hold,
            several clients may share it, and it is never closed here.
        headers: Sent with every request.
        retry: When a failed attempt is followed by another.
        deadline: Seconds that a call may take in all, waiting and every attempt included; ``None`` for no end.
        timeouts: How long each step of an attempt may wait; by default ``Timeouts()``, or those of ``http_client``.
        max_connections: How many requests may be in flight at once; others wait for their turn. If ``http_client`` is
            given, it should have as many connections.
        proxy: URL of a proxy. Proxies of the environment are not used.
        ssl_context: Whom to trust, instead of what the operating system trusts or ``SSL_CERT_FILE`` names.
        middleware: Called for each attempt, outermost first; see ``aiotalonone.pipeline``.
        call_middleware: Called once for a call, with all its waiting and attempts, outermost first.
        max_response_bytes: How large a response may be when decoded.
        max_concurrent_updates: How many updates of one session or of one profile may be in flight at once; ``None``
            for any number.
        circuit_breaker: When calls fail at once rather than wait for an API that fails; ``None`` for never.
        allow_http: Permits a plain ``http`` URL beyond this machine.
        show_api_messages: Whether errors have the API's own words, personal data in them too, in their line; by default
            as ``TALON_ONE_SHOW_API_MESSAGES`` says.

    Raises:
        TypeError: A setting has a wrong type.
        ValueError: A setting cannot be used; the message never shows a secret.

    Every failure of a call is a ``TalonOneError``, misuse is ``ValueError`` or ``TypeError`` before anything is sent.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str,
        management_token: str | None = None,
        http_client: "AsyncHttpClient | None" = None,
        headers: Mapping[str, str] | None = None,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        deadline: float | None = 15.0,
        timeouts: Timeouts | None = None,
        max_connections: int = DEFAULT_MAX_CONNECTIONS,
        proxy: str | httpx.Proxy | None = None,
        ssl_context: "SSLContext | None" = None,
        middleware: "Sequence[Middleware]" = (),
        call_middleware: "Sequence[Middleware]" = (),
        max_response_bytes: int = 16 * 1024 * 1024,
        max_concurrent_updates: int | None = 1,
        circuit_breaker: CircuitBreaker | None = None,
        allow_http: bool = False,
        show_api_messages: bool | None = None,
    ) -> None:
        self._base_url = validate_base_url(base_url, allow_http=allow_http)
        validate_host(self._base_url)
        self._credentials = Credentials(api_key=api_key, management_token=management_token)
        self._show_api_messages = shows_api_messages(show_api_messages)
        self._max_response_bytes = validate_positive_int("max_response_bytes", max_response_bytes)
        if http_client is not None and (proxy or ssl_context):
            raise ValueError("proxy and ssl_context are settings of the http_client that is given")
        create_http_client = partial(
            create_own_client,
            max_connections=max_connections,
            max_response_bytes=self._max_response_bytes,
            proxy=validate_proxy(proxy),
            ssl_context=validate_ssl_context(ssl_context),
        )
        self._lifecycle = ClientLifecycle(
            create_http_client,
            http_client,
            max_connections=max_connections,
            load_endpoints=modules,
            max_concurrent_updates=max_concurrent_updates,
            circuit_breaker=circuit_breaker,
        )
        self._options = Options(
            headers=validate_headers({} if headers is None else headers),
            timeouts=timeouts,
            retry=retry,
            deadline=deadline,
        )
        self._given_key: SingleUseKey | None = None
        self._budget = RetryBudget(retry.budget)
        self._middleware = validate_functions("middleware", middleware)
        self._call_middleware = validate_functions("call_middleware", call_middleware)

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """Return a client for ``TALON_ONE_BASE_URL`` and ``TALON_ONE_API_KEY``.

        If they are set, ``TALON_ONE_MANAGEMENT_TOKEN`` is its management token, ``TALON_ONE_PROXY`` the URL of its
        proxy, and ``TALON_ONE_CA_FILE`` a PEM file of the certificate authorities to trust. The last two are not read
        if ``http_client`` is given, or ``proxy`` or ``ssl_context`` in their place.

        Args:
            options: As the constructor takes them.

        Raises:
            ValueError: The URL or the key is not set, or a variable cannot be used.
        """
        base_url, api_key, management_token = from_environment()
        if options.get("http_client") is None:
            if "proxy" not in options:
                options["proxy"] = proxy_from_environment()
            if "ssl_context" not in options:
                options["ssl_context"] = ssl_context_from_environment()
        return cls(base_url, api_key=api_key, management_token=management_token, **options)

    @property
    def base_url(self) -> str:
        """The URL of the deployment, without a slash at its end."""
        return self._base_url

    async def open(self) -> Self:
        """Make the client ready for calls on the running event loop; opening twice changes nothing.

        Raises:
            ClientStateError: It was closed, or is open on another event loop.
        """
        await self._lifecycle.open()
        return self

    async def warm_up(self) -> None:
        """Prepare for calls: make a connection, and what encodes and decodes models.

        A service whose first request should not be its slowest awaits this before it takes requests. Through an httpx
        client of your own no connection is made.

        Raises:
            ClientStateError: The client is not open, or was closed meanwhile.
            TransportError: No connection was made within the connect timeout and the deadline of a call; calls may be
                tried all the same.
        """
        from asyncio import to_thread  # noqa: PLC0415 - a seventh of what importing the package would take

        from aiotalonone import codec  # noqa: PLC0415 - not with the package

        runtime = self._lifecycle.require_open("warm_up")
        await to_thread(codec.warm_up, all_operations())
        _ = self._pipeline, self._requests
        await runtime.warm_up(self._base_url, self._options)

    async def aclose(self, *, grace: float = 5.0) -> None:
        """Close the client, and its connections unless the httpx client is the caller's; twice changes nothing.

        No call can be made from now on. Calls in flight may finish within the grace; the others end as TransportError
        with their outcome.

        Args:
            grace: Seconds, 0 or more.

        Raises:
            ClientStateError: It is open on another event loop.
            TypeError: ``grace`` is not a number.
            ValueError: ``grace`` is negative or NaN.
        """
        await self._lifecycle.aclose(grace)

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._base_url}>"

    def with_options(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
        deadline: float | EllipsisType | None = ...,
        idempotency_key: str | None = None,
    ) -> Self:
        """Return this client with other options, on the same connections, opened and closed with them.

        Args:
            headers: Sent besides the client's own, which they replace by name.
            timeouts: Instead of the client's.
            retry: Instead of the client's. A different budget is counted apart.
            deadline: Instead of the client's, in seconds; ``None`` for no deadline.
            idempotency_key: For one call, of the client returned or of one derived from it; at most 255 characters.

        Raises:
            TypeError: An option has a wrong type.
            ValueError: An option cannot be used, or is the client's to set.
        """
        clone = copy.copy(self)
        clone._options = Options(  # noqa: SLF001 - its own class
            headers=self._options.headers | validate_headers({} if headers is None else headers),
            timeouts=self._options.timeouts if timeouts is None else timeouts,
            retry=self._options.retry if retry is None else retry,
            deadline=self._options.deadline if isinstance(deadline, EllipsisType) else deadline,
        )
        if idempotency_key is not None:
            clone._given_key = SingleUseKey(idempotency_key)  # noqa: SLF001
        if clone._options.retry.budget != self._options.retry.budget:  # noqa: SLF001
            clone._budget = RetryBudget(clone._options.retry.budget)  # noqa: SLF001
        return clone

    def __copy__(self) -> Self:
        """Return a copy on the same connections, with groups of its own."""
        twin = type(self).__new__(type(self))
        groups = {name for name in self.__dict__ if isinstance(getattr(type(self), name, None), cached_property)}
        twin.__dict__.update({name: value for name, value in self.__dict__.items() if name not in groups})
        return twin

    async def request(self, method: str, path: str, *, query: "Query | None" = None, body: object = None) -> Any:
        """Call an endpoint that has no method here, with the same authentication and errors.

        Args:
            method: The HTTP method, such as ``GET``.
            path: Below the base URL, from its leading slash on, already percent-encoded.
            query: Query members; ``None`` is not sent.
            body: A model or any JSON value; ``None`` sends no body.

        Returns:
            The response's JSON value, ``None`` if it has no body.

        Raises:
            TalonOneError: The call failed.
            ValueError: The method or path cannot be used; nothing was sent.
            TypeError: The body is not a JSON value; nothing was sent.
        """
        from aiotalonone.pipeline.calls import ad_hoc_call  # noqa: PLC0415 - not with the package

        return await self._execute(ad_hoc_call(method, path, query, body, self._given_key))

    def call(self, operation: Operation[T], *path: "PathValue", body: object = None, **query: object) -> Awaitable[T]:
        """Send an operation: the one way from the groups' methods to the API.

        Args:
            operation: What the API says of it.
            path: The values of its path, in the order of their names there.
            body: A model or mapping, for an operation that has a body.
            query: Members of its query by their names in snake_case; ``None`` is not sent.

        Raises:
            TalonOneError: The call failed.
            TypeError: A value has a type that cannot be sent, or the query has no member of that name.
            ValueError: A value cannot be sent.
        """
        from aiotalonone.pipeline.calls import operation_call  # noqa: PLC0415 - not with the package

        return self._execute(operation_call(operation, path, query, body, self._given_key))

    async def with_raw_response(self, call: Awaitable[T]) -> "RawResponse[T]":
        """Await a call, such as ``client.coupons.get_reserved_customers("SUMMER")``, and return result and response.

        Args:
            call: What a method of this client returned, not yet awaited. Of several calls the last one counts.

        Raises:
            TalonOneError: The call failed.
            RuntimeError: No call in it succeeded: what may do without a result goes around this, as ``or_none`` does.
            TypeError: It is a task or a future, which runs already.
        """
        from aiotalonone.pipeline.response import with_response  # noqa: PLC0415 - not with the package

        return await with_response(call)

    @overload
    async def resume(self, error: TalonOneError) -> Any: ...
    @overload
    async def resume(self, error: TalonOneError, result: type[T]) -> T: ...

    async def resume(self, error: TalonOneError, result: type[Any] | None = None) -> Any:
        """Retry a call that failed with its response lost: the same body, the same idempotency key.

        The API carries it out if it has not yet, and otherwise responds as it did then. If that fails, the outcome is
        no better than that of ``error``, and can be resumed again.

        Args:
            error: What the call failed with, pickled or not; its outcome is UNKNOWN or APPLIED.
            result: The model that the call would have returned, for type checkers.

        Raises:
            TalonOneError: It failed again.
            TypeError: The call returns another model than ``result``, or ``error`` is none of a call. Nothing was sent.
            ValueError: Nothing is known to be lost, a retry might act twice, the call was made with another base URL or
                API key, or is older than the 24 h for which the API keeps responses. Nothing was sent.
        """
        call = resumable(error, time(), self._origin, result)
        return await self._execute(call, floor=error.outcome)

    async def _execute(self, call: "Call[T]", *, floor: Outcome = Outcome.NOT_SENT, spent: float = 0.0) -> T:
        """Return the result of a call, or raise the error that it ended in, which contains nothing sensitive.

        A call that asks what became of another one has ``spent`` the seconds of that one's deadline which are over.
        """
        from aiotalonone.pipeline.response import decode_response, note_response, raise_for_status  # noqa: PLC0415

        runtime = self._lifecycle.require_open(call.operation.operation_id, call, floor)
        exchange = runtime.start(call, self._requests.build(call), self._options.deadline, floor=floor, spent=spent)
        try:
            response = await self._pipeline.run(exchange)
            exchange.status = response.status_code
            raise_for_status(call, response, show_api_messages=self._show_api_messages)
            result: T = decode_response(call, response, runtime.mismatches)
        except BaseException as failure:
            call.origin = self._origin
            if exchange.is_foreign(failure):
                raise exchange.end_in_middleware(failure, runtime.now()) from failure
            exchange.end(failure, runtime.now())
            if call.operation.lookup is None:
                raise
            from aiotalonone.pipeline.lookup import settle  # noqa: PLC0415 - not with the package

            settled = await settle(call, failure, partial(self._execute, spent=exchange.elapsed))
            if settled is None:
                raise
            return settled.result
        exchange.end(None, runtime.now())
        note_response(exchange, response)
        return result

    @cached_property
    def _origin(self) -> str:
        """What tells the deployment and the key that calls are made with from others, and does not tell the key."""
        return self._credentials.digest(self._base_url)

    @cached_property
    def _pipeline(self) -> "CallPipeline":
        return self._lifecycle.runtime.build_pipeline(
            middleware=self._middleware,
            call_middleware=self._call_middleware,
            retry=self._options.retry,
            budget=self._budget,
            max_response_bytes=self._max_response_bytes,
        )

    @cached_property
    def _requests(self) -> "RequestBuilder":
        return self._lifecycle.runtime.build_requests(self._base_url, self._credentials, self._options)
