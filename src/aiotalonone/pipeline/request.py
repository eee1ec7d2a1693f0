"""From a call to the request that is sent for it; paths are percent-encoded already, headers are validated."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
from attrs import define, field

from aiotalonone.operation import Authorization, Call
from aiotalonone.pipeline.libraries import library_classes
from aiotalonone.pipeline.own_client import ACCEPTED_ENCODINGS, http_timeout
from aiotalonone.settings import Credentials, Timeouts

Headers = list[tuple[bytes, bytes]]

BODILESS_METHODS: Final = frozenset({"GET", "HEAD"})


@define
class RequestBuilder:
    """Builds the requests of a client; what all of them share is made once."""

    base_url: str
    http_client: Any = field(repr=False)
    is_external: bool
    credentials: Credentials = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    timeouts: Timeouts | None
    _shared_headers: dict[Authorization, Headers] = field(init=False, factory=dict, repr=False)
    _extensions: dict[str, Any] | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        if self.timeouts is None and self.is_external:
            self._extensions = None  # a brought client's timeouts hold
        else:
            self._extensions = {"timeout": http_timeout(self.timeouts or Timeouts()).as_dict()}

    def build(self, call: Call[Any]) -> httpx.Request:
        """Return the request of a call.

        Raises:
            ValueError: The URL is too long, or cannot be encoded.
        """
        headers = self._headers(call)
        try:
            url = self.base_url + call.path
            if call.query and (query := urlencode(call.query, doseq=True, safe=",", quote_via=quote)):
                url = f"{url}?{query}"
            if self.is_external:  # it adds headers, parameters and cookies of its own
                request: httpx.Request = self.http_client.build_request(
                    call.operation.method, url, headers=headers, content=call.content, extensions=self._extensions
                )
                return request
            return _request(call, url, headers, self._extensions)
        except UnicodeEncodeError:
            problem = "path and query must not contain a lone surrogate: it cannot be sent as UTF-8"
        except Exception as failure:
            if not isinstance(failure, library_classes("InvalidURL")):
                raise
            problem = "the URL of the request is too long"
        raise ValueError(problem)  # outside of the handler: what failed holds the value

    def _headers(self, call: Call[Any]) -> Headers:
        authorization = call.operation.authorization
        if (shared := self._shared_headers.get(authorization)) is None:
            shared = self._shared_headers[authorization] = self._make_shared_headers(authorization)
        headers = [*shared]
        if call.content is not None:
            headers.append((b"Content-Type", b"application/json"))
        if call.idempotency_key is not None:
            headers.append((b"Idempotency-Key", call.idempotency_key.encode("ascii")))
        return headers

    def _make_shared_headers(self, authorization: Authorization) -> Headers:
        merged = httpx.Headers({"Accept-Encoding": ACCEPTED_ENCODINGS})  # a brought client may know others: we do not
        if not self.is_external:
            merged = httpx.Headers({"Host": httpx.URL(self.base_url).netloc.decode(), **self.http_client.headers})
        merged.update(self.headers)
        merged.update({"Accept": "application/json", "Authorization": self.credentials.authorization(authorization)})
        return merged.raw


def _request(call: Call[Any], url: str, headers: Headers, extensions: dict[str, Any] | None) -> httpx.Request:
    """Return a request whose body has been read: a third of the time that httpx takes to encode one itself."""
    content = call.content or b""
    if content or call.operation.method not in BODILESS_METHODS:
        headers.append((b"Content-Length", b"%d" % len(content)))
    stream = httpx.ByteStream(content)
    request = httpx.Request(call.operation.method, url, headers=headers, stream=stream, extensions=extensions)
    request.read()
    return request
