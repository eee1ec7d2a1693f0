"""From a call to the request that is sent for it; paths are percent-encoded already, headers are validated."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
from attrs import define, field

from aiotalonone.call import Call
from aiotalonone.operation import Authorization
from aiotalonone.pipeline.libraries import library_classes
from aiotalonone.pipeline.own_client import ACCEPTED_ENCODINGS, http_timeout
from aiotalonone.settings import Credentials, Timeouts
from aiotalonone.transport.messages import RawHeaders, WholeRequest

BODILESS_METHODS: Final = frozenset({"GET", "HEAD"})
_MAX_PREPARED: Final = 8192
"""Characters of a path and query that are not parsed; httpx rejects much longer ones."""
_STATE_OF_URL: Final = frozenset(vars(httpx.URL("")))


class _PreparedURL(httpx.URL):
    """A URL of a path and a query that are encoded already; httpx parses it if more is asked of it than sending does.

    Parsing takes an eighth of a whole call.

    Args:
        base: The deployment's.
        target: Path and query, in ASCII.
    """

    def __init__(self, base: httpx.URL, target: str) -> None:
        self._base = base
        self._target = target

    @property
    def raw_scheme(self) -> bytes:
        return self._base.raw_scheme

    @property
    def raw_host(self) -> bytes:
        return self._base.raw_host

    @property
    def port(self) -> int | None:
        return self._base.port

    @property
    def raw_path(self) -> bytes:
        return self._base.raw_path.removesuffix(b"/") + self._target.encode("ascii")

    @property
    def username(self) -> str:
        return ""  # a base URL has neither of the two

    @property
    def password(self) -> str:
        return ""

    def __getattr__(self, name: str) -> Any:
        """Become what httpx makes of the URL, since a part of that is asked for."""
        if name not in _STATE_OF_URL:
            raise AttributeError(name, name=name, obj=self)
        vars(self).update(vars(httpx.URL(f"{self._base}".removesuffix("/") + self._target)))
        return vars(self)[name]


@define
class RequestBuilder:
    """Builds the requests of a client; what all of them share is made once."""

    base_url: str
    http_client: Any = field(repr=False)
    is_external: bool
    credentials: Credentials = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    timeouts: Timeouts | None
    _shared_headers: dict[Authorization, RawHeaders] = field(init=False, factory=dict, repr=False)
    _timeout: dict[str, Any] | None = field(init=False)
    _base: httpx.URL = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._base = httpx.URL(self.base_url)
        if self.timeouts is None and self.is_external:
            self._timeout = None  # a brought client's timeouts hold
        else:
            self._timeout = http_timeout(self.timeouts or Timeouts()).as_dict()

    def build(self, call: Call[Any]) -> httpx.Request:
        """Return the request of a call.

        Raises:
            ValueError: The URL is too long, or cannot be encoded.
        """
        headers = self._headers(call)
        try:
            target = call.path
            if call.query and (query := urlencode(call.query, doseq=True, safe=",", quote_via=quote)):
                target = f"{target}?{query}"
            if self.is_external:  # it adds headers, parameters and cookies of its own
                url = self.base_url + target
                request: httpx.Request = self.http_client.build_request(
                    call.operation.method, url, headers=headers, content=call.content, extensions=self._extensions()
                )
                return request
            return self._request(call, target, headers)
        except UnicodeEncodeError:
            problem = "path and query must not contain a lone surrogate: it cannot be sent as UTF-8"
        except Exception as failure:
            if not isinstance(failure, library_classes("InvalidURL")):
                raise
            problem = "the URL of the request is too long"
        del headers  # they hold the API key, which tools that report errors would show
        raise ValueError(problem)  # outside of the handler: what failed holds the value

    def _request(self, call: Call[Any], target: str, headers: RawHeaders) -> httpx.Request:
        """Return a request as a connection of our own takes it: httpx takes ten times as long to build one."""
        content = call.content or b""
        if content or call.operation.method not in BODILESS_METHODS:
            headers.append((b"Content-Length", b"%d" % len(content)))
        is_prepared = call.operation.path and len(target) <= _MAX_PREPARED  # what a caller wrote itself is parsed
        url = self._base if is_prepared else self.base_url + target
        request = WholeRequest(call.operation.method, url, headers, content, self._extensions())
        if is_prepared:
            request.url = _PreparedURL(self._base, target)
        return request

    def _extensions(self) -> dict[str, Any] | None:
        """Return the extensions of one request, which a middleware may change."""
        return None if self._timeout is None else {"timeout": self._timeout.copy()}

    def _headers(self, call: Call[Any]) -> RawHeaders:
        authorization = call.operation.authorization
        if (shared := self._shared_headers.get(authorization)) is None:
            shared = self._shared_headers[authorization] = self._make_shared_headers(authorization)
        headers = [*shared]
        if call.content is not None:
            headers.append((b"Content-Type", b"application/json"))
        if call.idempotency_key is not None:
            headers.append((b"Idempotency-Key", call.idempotency_key.encode("ascii")))
        return headers

    def _make_shared_headers(self, authorization: Authorization) -> RawHeaders:
        merged = httpx.Headers({"Accept-Encoding": ACCEPTED_ENCODINGS})  # a brought client may know others: we do not
        if not self.is_external:
            merged = httpx.Headers({"Host": self._base.netloc.decode(), **self.http_client.headers})
        merged.update(self.headers)
        merged.update({"Accept": "application/json", "Authorization": self.credentials.authorization(authorization)})
        return merged.raw
