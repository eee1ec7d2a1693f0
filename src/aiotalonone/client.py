"""The client: settings in, lifecycle, the groups of endpoints, and the one call to the API that they share."""

import copy
import re
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from importlib import import_module
from time import time
from types import EllipsisType, ModuleType, NoneType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict, TypeVar, Unpack
from urllib.parse import unquote

import httpx

from aiotalonone import answer
from aiotalonone.call import Call, lane_of, repeat_of
from aiotalonone.connection import DEFAULT_MAX_CONNECTIONS, Connection, http_timeout
from aiotalonone.dates import rfc3339
from aiotalonone.endpoints import Coupons, Customers, Events, Query, Referrals, Sessions
from aiotalonone.errors import TalonOneError
from aiotalonone.idempotency import GivenKey, new_key, resumable
from aiotalonone.operation import JSON_VALUE, Operation, Repeat, fill_path
from aiotalonone.pipeline import Middleware, Proceed
from aiotalonone.pipeline.budget import RetryBudget
from aiotalonone.settings import (
    Credentials,
    Options,
    RetryPolicy,
    Timeouts,
    checked_base_url,
    checked_count,
    checked_headers,
    from_environment,
)

T = TypeVar("T")

_METHOD: Final = re.compile(r"[A-Z]+")
_ELSEWHERE: Final = re.compile(r"^//|[?#\s\\]")
_MEBIBYTE: Final = 1024 * 1024

if TYPE_CHECKING:
    from aiotalonone.pipeline.traffic import Traffic


class ClientOptions(TypedDict, total=False):
    """What a client can be made with, besides where it calls and as whom."""

    http_client: httpx.AsyncClient | None
    headers: Mapping[str, str] | None
    retry: RetryPolicy
    deadline: float | None
    timeouts: Timeouts | None
    max_connections: int
    proxy: str | httpx.Proxy | None
    middleware: Sequence[Middleware]
    max_response_bytes: int
    lanes: bool | int
    allow_http: bool


class AsyncIntegrationClient:
    """Talon.One's Integration API, awaited.

    One client serves a whole process: it keeps its connections open between calls and may be used by any number of
    tasks of one event loop. Use it with ``async with``, or with ``open()`` and ``aclose()``.

    Args:
        base_url: Your deployment, such as ``https://acme.europe-west1.talon.one``, with or without a slash at its end.
        api_key: The Application's Integration API key, without its ``ApiKey-v1`` prefix.
        management_token: Authorises ``update_customer_profile_audiences`` where your deployment asks for it.
        http_client: An ``httpx.AsyncClient`` of yours. Its settings (pool, proxies, timeouts, hooks) hold, several
            clients may share it, and it is never closed here.
        headers: Sent with every request.
        retry: When a failed attempt is followed by another.
        deadline: Seconds that a call may take in all, waiting and every attempt included; ``None`` for no end.
        timeouts: How long each step of an attempt may wait; by default ``Timeouts()``, or what ``http_client`` has.
        max_connections: How many requests may be under way at once; others wait for their turn.
        proxy: URL of a proxy. Proxies of the environment are not used.
        middleware: Steps of yours around each attempt, the first one outermost; see ``aiotalonone.pipeline``.
        max_response_bytes: How large an answer may be when decoded.
        lanes: Whether updates of one session or of one profile go out one at a time; a number lets so many go at once.
        allow_http: Permits a plain ``http`` URL beyond this machine.

    Raises:
        ValueError: A setting cannot be used; the message never shows a secret.

    Every failure of a call is a ``TalonOneError``, misuse is ``ValueError`` or ``TypeError`` before anything is sent.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str,
        management_token: str | None = None,
        http_client: httpx.AsyncClient | None = None,
        headers: Mapping[str, str] | None = None,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        deadline: float | None = 15.0,
        timeouts: Timeouts | None = None,
        max_connections: int = DEFAULT_MAX_CONNECTIONS,
        proxy: str | httpx.Proxy | None = None,
        middleware: Sequence[Middleware] = (),
        max_response_bytes: int = 16 * _MEBIBYTE,
        lanes: bool | int = True,
        allow_http: bool = False,
    ) -> None:
        self._base_url = checked_base_url(base_url, allow_http=allow_http)
        _check_host(self._base_url)
        self._credentials = Credentials(api_key=api_key, management_token=management_token)
        self._connection = Connection(http_client, max_connections=max_connections, proxy=proxy, lanes=lanes)
        self._options = Options(
            headers=checked_headers(headers or {}), timeouts=timeouts, retry=retry, deadline=deadline
        )
        self._given_key: GivenKey | None = None
        self._budget = RetryBudget(retry.budget)
        self._max_response_bytes = checked_count("max_response_bytes", max_response_bytes)
        self._middleware = tuple(middleware)

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """A client for ``TALON_ONE_BASE_URL``, ``TALON_ONE_API_KEY`` and, where set, ``TALON_ONE_MANAGEMENT_TOKEN``.

        Args:
            options: As the constructor takes them.

        Raises:
            ValueError: The URL or the key is not set, or cannot be used.
        """
        base_url, api_key, management_token = from_environment()
        return cls(base_url, api_key=api_key, management_token=management_token, **options)

    @property
    def base_url(self) -> str:
        """Where it calls, without a slash at its end."""
        return self._base_url

    @cached_property
    def coupons(self) -> Coupons:
        """Reservations of coupons for customers."""
        return Coupons(self.call)

    @cached_property
    def customers(self) -> Customers:
        """Customer profiles, their audiences and inventories, and their erasure."""
        return Customers(self.call)

    @cached_property
    def events(self) -> Events:
        """Track what customers do beyond their carts."""
        return Events(self.call)

    @cached_property
    def referrals(self) -> Referrals:
        """Mint referral codes for advocates."""
        return Referrals(self.call)

    @cached_property
    def sessions(self) -> Sessions:
        """Customer sessions: carts evaluated, closed and cancelled."""
        return Sessions(self.call)

    async def open(self) -> Self:
        """Make the client ready for calls on the running event loop; opening twice changes nothing.

        Raises:
            ClientStateError: It was closed, or is open on another event loop.
        """
        from asyncio import to_thread  # noqa: PLC0415 - see connection

        # They take two tenths of a second to load: neither `import` nor the first call should wait.
        for room in ("aiotalonone.codec", "aiotalonone.pipeline.traffic", "sniffio"):
            await to_thread(import_module, room)
        with suppress(ModuleNotFoundError):  # anyio's own, which httpcore would load with the first connection
            await to_thread(import_module, "anyio._backends._asyncio")
        await self._connection.open()
        return self

    async def aclose(self, *, grace: float = 5.0) -> None:
        """Close the client, and its connections unless the httpx client is the caller's; twice changes nothing.

        No call can be made from now on. Those under way may finish within the grace; the others end as TransportError,
        whose outcome says what became of them.

        Args:
            grace: Seconds, 0 or more.

        Raises:
            ClientStateError: It is open on another event loop.
            ValueError: The grace is no time.
        """
        await self._connection.aclose(grace)

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
        """This client with other options, on the same connections, opened and closed with them.

        Args:
            headers: Sent besides the client's own, which they replace by name.
            timeouts: Instead of the client's.
            retry: Instead of the client's; where its budget is another, it is counted apart.
            deadline: Instead of the client's, in seconds; ``None`` for none.
            idempotency_key: For the one call that is made with the client returned, at most 255 characters.

        Raises:
            ValueError: An option cannot be used, or is the client's to set.
        """
        derived = copy.copy(self)
        derived._derive(  # noqa: SLF001 - its own class
            Options(
                headers=self._options.headers | checked_headers(headers or {}),
                timeouts=timeouts or self._options.timeouts,
                retry=retry or self._options.retry,
                deadline=self._options.deadline if isinstance(deadline, EllipsisType) else deadline,
            ),
            None if idempotency_key is None else GivenKey(idempotency_key),
        )
        return derived

    def _derive(self, options: Options, given_key: GivenKey | None) -> None:
        if options.retry.budget != self._options.retry.budget:
            self._budget = RetryBudget(options.retry.budget)
        self._options = options
        self._given_key = given_key

    def __copy__(self) -> Self:
        """The same client on the same connections; its groups are its own."""
        twin = type(self).__new__(type(self))
        groups = {name for name in self.__dict__ if isinstance(getattr(type(self), name, None), cached_property)}
        twin.__dict__.update({name: value for name, value in self.__dict__.items() if name not in groups})
        return twin

    async def request(self, method: str, path: str, *, query: Query | None = None, body: object = None) -> Any:
        """Call an endpoint that has no method here, with the same authentication and errors.

        Args:
            method: The HTTP method, such as ``GET``.
            path: Below the base URL, from its leading slash on, already percent-encoded.
            query: Query members; ``None`` is not sent.
            body: A model or any JSON value; ``None`` sends no body.

        Returns:
            The answer's JSON value, ``None`` where it has no body.

        Raises:
            TalonOneError: The call failed.
            ValueError: The method or path cannot be used; nothing was sent.
            TypeError: The body is no JSON value; nothing was sent.
        """
        operation = _unlisted(method, path, keyed=self._given_key is not None)
        params = _params(query)
        content = None if body is None else self._codec.encode(body)
        texts = (value for value in (query or {}).values() if isinstance(value, str))
        return await self._perform(
            Call(
                operation=operation,
                path=path,
                query=params,
                content=content,
                private=[*unquote(path).split("/"), *texts],
                repeat=operation.repeat,
                lane=None,
                idempotency_key=self._key_for(operation, operation.repeat),
                made=time(),
            )
        )

    def call(
        self, operation: Operation[T], *path: str, query: Query | None = None, body: object = None
    ) -> Awaitable[T]:
        """Send an operation: the one way from the groups' methods to the API."""
        params = _params(query)
        content = None if operation.body is None else self._codec.encode_as(operation.body, body)
        repeat = repeat_of(operation, params)
        return self._perform(
            Call(
                operation=operation,
                path=fill_path(operation, path),
                query=params,
                content=content,
                private=path,
                repeat=repeat,
                lane=lane_of(operation, path, content),
                idempotency_key=self._key_for(operation, repeat),
                made=time(),
            )
        )

    async def resume(self, error: TalonOneError) -> Any:
        """Repeat a call that failed with its answer lost: the same body, the same idempotency key.

        The API carries it out if it has not yet, and otherwise answers as it did then.

        Args:
            error: What the call failed with; its outcome is UNKNOWN or APPLIED, and it has not been pickled.

        Returns:
            What the call would have returned.

        Raises:
            TalonOneError: It failed again.
            ValueError: Nothing is known to be lost, a repetition might act twice, or the key is older than the 24 h for
                which the API keeps answers. Nothing was sent.
        """
        return await self._perform(resumable(error, time()))

    async def _perform(self, call: Call[T]) -> T:
        """The result of a call, or the error that it ended in, whose line repeats nothing private."""
        traffic = self._connection.ready(call.operation.operation_id)
        exchange = traffic.begin(call, self._built(traffic, call), self._options.deadline)
        try:
            response = await self._way(exchange)
            exchange.status = response.status_code
            answer.require_success(call, response, self._credentials)
            result: T = answer.read(call, response, self._codec.decode_as)
        except BaseException as failure:
            exchange.end(failure, traffic.now())
            raise
        exchange.end(None, traffic.now())
        return result

    @cached_property
    def _codec(self) -> ModuleType:
        return import_module("aiotalonone.codec")

    @cached_property
    def _way(self) -> Proceed:
        return self._connection.ready("way").way(
            middleware=self._middleware,
            retry=self._options.retry,
            budget=self._budget,
            max_response_bytes=self._max_response_bytes,
        )

    def _built(self, traffic: "Traffic", call: Call[Any]) -> httpx.Request:
        """The request of a call, as a lent httpx client makes it (with headers, parameters and cookies of its own)."""
        # Ours has none: httpx takes a third of the time to make the same request by itself.
        build = traffic.http_client.build_request if traffic.is_lent else httpx.Request
        try:
            return build(
                call.operation.method,
                self._base_url + call.path,
                params=call.query or None,
                content=call.content,
                headers=self._request_headers(call),
                extensions=self._extensions,
            )
        except httpx.InvalidURL:
            raise ValueError("the URL of the request is too long") from None

    @cached_property
    def _extensions(self) -> dict[str, Any] | None:
        """The timeouts, but for those that a lent httpx client has."""
        timeouts = self._options.timeouts
        if timeouts is None and self._connection.ready("timeouts").is_lent:
            return None
        # httpx would make the same of its own timeout, anew for each request.
        return {"timeout": http_timeout(timeouts or Timeouts()).as_dict()}

    @cached_property
    def _common_headers(self) -> dict[str, str]:
        traffic = self._connection.ready("headers")
        by_httpx = {} if traffic.is_lent else traffic.http_client.headers
        return {**by_httpx, **self._options.headers, "accept": "application/json"}

    def _request_headers(self, call: Call[Any]) -> dict[str, str]:
        headers = self._common_headers | {
            "authorization": self._credentials.authorization(call.operation.authorization)
        }
        if call.content is not None:
            headers["content-type"] = "application/json"
        if call.idempotency_key is not None:
            headers["idempotency-key"] = call.idempotency_key
        return headers

    def _key_for(self, operation: Operation[Any], repeat: Repeat) -> str | None:
        """The key of one call."""
        if self._given_key is None:
            return new_key() if repeat is Repeat.KEYED else None
        if operation.repeat is not Repeat.KEYED:
            raise ValueError(f"{operation.operation_id} does not honour an idempotency key")
        return self._given_key.take()


def _check_host(base_url: str) -> None:
    try:
        httpx.URL(base_url)
    except httpx.InvalidURL:
        raise ValueError("base_url is too long, or its host is none") from None


def _unlisted(method: str, path: str, *, keyed: bool) -> Operation[Any]:
    """An operation that nothing is known of but what the caller says; its path may name people, and is not kept.

    Who gives it an idempotency key knows that it honours one.
    """
    for name, value in (("method", method), ("path", path)):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if not _METHOD.fullmatch(method):
        raise ValueError("method must be an HTTP method in capitals, such as GET")
    if not path.startswith("/") or _ELSEWHERE.search(path) or {".", ".."} & set(unquote(path).split("/")):
        raise ValueError("path must start with one slash and hold no '..', query, fragment or blank")
    repeat = Repeat.READ if method in ("GET", "HEAD") else Repeat.KEYED if keyed else Repeat.ONCE
    no_content = HTTPStatus.NO_CONTENT
    return Operation(
        operation_id="request", method=method, path="", success=(no_content,), repeat=repeat, result=JSON_VALUE
    )


def _params(query: Query | None) -> dict[str, str]:
    """Query members as text, without those that are not set."""
    if not isinstance(query, (Mapping, NoneType)):
        raise TypeError(f"query must be a mapping, not {type(query).__name__}")
    return {name: _query_text(name, value) for name, value in (query or {}).items() if value is not None}


def _query_text(name: str, value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case datetime():
            return rfc3339(value)
    raise TypeError(f"query: {name} must be a str, int, bool or datetime, not {type(value).__name__}")
