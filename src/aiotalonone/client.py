"""The client: settings in, lifecycle, the groups of endpoints, and the one call to the API that they share."""

import copy
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from importlib import import_module
from types import NoneType, TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import unquote

import httpx

from aiotalonone import answer
from aiotalonone.connection import Connection, http_timeout
from aiotalonone.dates import rfc3339
from aiotalonone.endpoints import Coupons, Customers, Events, Query, Referrals, Sessions
from aiotalonone.operation import Operation, Repeat, fill_path
from aiotalonone.pipeline import Exchange, Middleware, Wire, chain
from aiotalonone.problem import private_values
from aiotalonone.settings import Credentials, Timeouts, checked_base_url, checked_headers, from_environment

T = TypeVar("T")

_METHOD: Final = re.compile(r"[A-Z]+")
_ELSEWHERE: Final = re.compile(r"^//|[?#\s\\]")


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
        middleware: Steps of yours around each request, the first one outermost; see ``aiotalonone.pipeline``.
        timeouts: How long each step of a call may wait; by default ``Timeouts()``, or what ``http_client`` has.
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
        timeouts: Timeouts | None = None,
        middleware: Sequence[Middleware] = (),
        allow_http: bool = False,
    ) -> None:
        self._base_url = checked_base_url(base_url, allow_http=allow_http)
        _parsed(self._base_url)
        self._credentials = Credentials(api_key=api_key, management_token=management_token)
        self._connection = Connection(http_client)
        self._headers = checked_headers(headers or {})
        self._timeouts = timeouts
        self._middleware = tuple(middleware)

    @classmethod
    def from_env(
        cls,
        *,
        http_client: httpx.AsyncClient | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        middleware: Sequence[Middleware] = (),
        allow_http: bool = False,
    ) -> Self:
        """A client for ``TALON_ONE_BASE_URL``, ``TALON_ONE_API_KEY`` and, where set, ``TALON_ONE_MANAGEMENT_TOKEN``.

        Raises:
            ValueError: The URL or the key is not set, or cannot be used.
        """
        base_url, api_key, management_token = from_environment()
        return cls(
            base_url,
            api_key=api_key,
            management_token=management_token,
            http_client=http_client,
            headers=headers,
            timeouts=timeouts,
            middleware=middleware,
            allow_http=allow_http,
        )

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

        # Models and converters take a tenth of a second to load: neither `import` nor the first call should wait.
        await to_thread(import_module, "aiotalonone.codec")
        await self._connection.open()
        return self

    async def aclose(self) -> None:
        """Close the connections, unless the httpx client is the caller's; closing twice changes nothing."""
        await self._connection.aclose()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._base_url}>"

    def with_options(self, *, headers: Mapping[str, str] | None = None, timeouts: Timeouts | None = None) -> Self:
        """This client with other options, on the same connections, opened and closed with them.

        Args:
            headers: Sent besides the client's own, which they replace by name.
            timeouts: Instead of the client's.

        Raises:
            ValueError: A header cannot be sent, or is the client's to set.
        """
        derived = copy.copy(self)
        derived._headers = self._headers | checked_headers(headers or {})  # noqa: SLF001 - its own class
        derived._timeouts = timeouts or self._timeouts  # noqa: SLF001
        return derived

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
        from aiotalonone import codec  # noqa: PLC0415 - see open()

        operation = _unlisted(method, path)
        content = None if body is None else codec.encode(body)
        params = _params(query)
        private = [*unquote(path).split("/"), *(value for value in (query or {}).values() if isinstance(value, str))]
        response = await self._exchange(operation, path, params, content, private)
        return answer.decoded(operation, response, codec.loads) if response.content else None

    async def call(self, operation: Operation[T], *path: str, query: Query | None = None, body: object = None) -> T:
        """Send an operation: the one way from the groups' methods to the API."""
        from aiotalonone import codec  # noqa: PLC0415 - see open()

        params = _params(query)
        content = None if operation.body is None else codec.encode_as(operation.body, body)
        response = await self._exchange(operation, fill_path(operation, path), params, content, path)
        result: T = answer.read(operation, response, codec.decode_as, silent=params.get("silent"))
        return result

    async def _exchange(
        self,
        operation: Operation[Any],
        path: str,
        params: Mapping[str, str],
        content: bytes | None,
        private: Sequence[str],
    ) -> httpx.Response:
        """One successful exchange with the API, or the error that it ended in, whose line repeats nothing private."""
        http_client = self._connection.ready(operation.operation_id)
        request = http_client.build_request(
            operation.method,
            _parsed(self._base_url + path),
            params=params or None,
            content=content,
            headers=self._request_headers(operation, content),
            timeout=httpx.USE_CLIENT_DEFAULT if self._timeouts is None else http_timeout(self._timeouts),
        )
        proceed = chain(self._middleware, Wire(http_client).send)
        response = await proceed(Exchange(operation, request))
        answer.require_success(
            operation,
            response,
            lambda: (*self._credentials.secrets, *private, *private_values(content or b"")),
        )
        return response

    def _request_headers(self, operation: Operation[Any], content: bytes | None) -> dict[str, str]:
        headers = {
            **self._headers,
            "Accept": "application/json",
            "Authorization": self._credentials.authorization(operation.authorization),
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        return headers


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL:
        raise ValueError("the URL of the request is too long, or its host is none") from None


def _unlisted(method: str, path: str) -> Operation[Any]:
    """An operation that nothing is known of but what the caller says; its path may name people, and is not kept."""
    for name, value in (("method", method), ("path", path)):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if not _METHOD.fullmatch(method):
        raise ValueError("method must be an HTTP method in capitals, such as GET")
    if not path.startswith("/") or _ELSEWHERE.search(path) or {".", ".."} & set(unquote(path).split("/")):
        raise ValueError("path must start with one slash and hold no '..', query, fragment or blank")
    return Operation(operation_id="request", method=method, path="", success=(), repeat=Repeat.ONCE)


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
