"""The httpx client that a client makes for itself, on connections of its own."""

import logging
import os
import re
from importlib import import_module
from typing import TYPE_CHECKING, Final

import httpx

from aiotalonone._version import __version__
from aiotalonone.settings import CA_FILE_VARIABLE, PROXY_VARIABLE, Timeouts, validate_type

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiotalonone.transport.pool import ConnectionPool


USER_AGENT: Final = f"aiotalonone/{__version__} httpx/{httpx.__version__}"
ACCEPTED_ENCODINGS: Final = "gzip, deflate"
"""What a response's body is decoded from, on own connections and on those of a brought client."""
_HTTPX_LOG: Final = logging.getLogger("httpx")
_MAX_PORT: Final = 65535
_HOST: Final = re.compile(rb"([^.%]{1,63}\.)*[^.%]{1,63}\.?|[^%]*:.*")
"""A name, whose labels cannot be empty or longer, or an address; httpx encodes what no host has."""
_MAX_SOCKS_FIELD: Final = 255
_PROXY_SCHEMES: Final = frozenset({"http", "https", "socks5", "socks5h"})


async def create_own_client(
    *, max_connections: int, max_response_bytes: int, proxy: httpx.Proxy | None, ssl_context: "SSLContext | None"
) -> "OwnHttpClient":
    """Return an httpx client on a pool of its own.

    Args:
        max_connections: How many requests may be in flight at once.
        max_response_bytes: A longer response is not read.
        proxy: What every connection goes through.
        ssl_context: Whom to trust; ``None`` for what the operating system trusts, or the file that ``SSL_CERT_FILE``
            names.

    Raises:
        ValueError: The certificate authorities cannot be read.
    """
    from asyncio import to_thread  # noqa: PLC0415 - a seventh of what importing the package would take

    # Loading modules and certificates takes tens of milliseconds, in which the event loop should not stop.
    await to_thread(import_module, "aiotalonone.transport.pool")
    from aiotalonone.transport.pool import ConnectionPool  # noqa: PLC0415 - not loaded for an external client
    from aiotalonone.transport.tls import create_ssl_context  # noqa: PLC0415

    if ssl_context is None:
        ssl_context = await to_thread(create_ssl_context)
    pool = ConnectionPool(
        ssl_context, max_connections=max_connections, max_response_bytes=max_response_bytes, proxy=proxy
    )
    return OwnHttpClient(pool)


class OwnHttpClient(httpx.AsyncClient):
    """An httpx client without cookies: the API does not need them, and a jar would grow with each name that is set.

    Looking for them would cost a tenth of a call.
    """

    def __init__(self, pool: "ConnectionPool") -> None:
        super().__init__(
            transport=pool,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": ACCEPTED_ENCODINGS},
            follow_redirects=False,
            trust_env=False,
        )
        self.pool: ConnectionPool = pool

    def can_skip_send(self, request: httpx.Request) -> bool:
        """Return whether a request may go straight to the pool: ``send``, an eighth of a call, would do nothing for it.

        Nothing logs or observes requests on their way, and a middleware's request lacks nothing.
        """
        return (
            not self.pool.is_observed
            and not _HTTPX_LOG.isEnabledFor(logging.INFO)
            and "timeout" in request.extensions
            and isinstance(request.stream, httpx.AsyncByteStream)
        )

    @property
    def cookies(self) -> httpx.Cookies:
        """An empty jar that stays empty."""
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: object) -> None:  # noqa: ARG002 - httpx's signature
        raise AttributeError("this client has no cookies")


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Ignore the cookies of a response."""


_NO_COOKIES: Final = _NoCookies()


def http_timeout(timeouts: Timeouts) -> httpx.Timeout:
    """Return our timeouts as httpx knows them."""
    return httpx.Timeout(connect=timeouts.connect, pool=timeouts.pool, write=timeouts.write, read=timeouts.read)


def validate_host(base_url: str) -> None:
    """Validate that httpx takes a URL.

    Raises:
        ValueError: It does not.
    """
    try:
        url = httpx.URL(base_url)
        is_valid = bool(url.host and _HOST.fullmatch(url.raw_host))  # ``host`` decodes an internationalised name
    except (httpx.InvalidURL, ValueError):
        is_valid = False
    if not is_valid:
        raise ValueError("base_url is too long or has an invalid host")


def validate_ssl_context(ssl_context: "SSLContext | None") -> "SSLContext | None":
    """Return the context.

    Raises:
        TypeError: It is something else.
    """
    if ssl_context is not None:
        from ssl import SSLContext  # noqa: PLC0415 - httpx has loaded it

        validate_type("ssl_context", ssl_context, SSLContext)
    return ssl_context


def validate_proxy(proxy: str | httpx.Proxy | None) -> httpx.Proxy | None:
    """Return the proxy as httpx knows it; the error never shows its URL, which may contain a password.

    Raises:
        TypeError: It is neither a URL nor an ``httpx.Proxy``.
        ValueError: It is not the URL of a proxy.
    """
    if proxy is None:
        return None
    if not isinstance(proxy, (str, httpx.Proxy)):
        raise TypeError(f"proxy must be a str or an httpx.Proxy, not {type(proxy).__name__}")
    try:
        checked = httpx.Proxy(proxy) if isinstance(proxy, str) else proxy
    except (ValueError, httpx.InvalidURL):
        checked = None
    if (
        checked is None
        or checked.url.scheme not in _PROXY_SCHEMES
        or not _HOST.fullmatch(checked.url.raw_host)
        or not 0 < (1 if checked.url.port is None else checked.url.port) <= _MAX_PORT
    ):
        raise ValueError("proxy must be a URL such as http://proxy.example:3128")
    if checked.url.scheme.startswith("socks") and not all(
        0 < len(field) <= _MAX_SOCKS_FIELD for field in checked.raw_auth or ()
    ):
        raise ValueError(f"proxy: user and password must have 1 to {_MAX_SOCKS_FIELD} bytes each")
    return checked


def proxy_from_environment() -> httpx.Proxy | None:
    """Return the proxy that ``TALON_ONE_PROXY`` names.

    Raises:
        ValueError: It is not the URL of a proxy.
    """
    try:
        return validate_proxy(os.environ.get(PROXY_VARIABLE) or None)
    except ValueError as failure:
        raise ValueError(f"{PROXY_VARIABLE}: {failure}") from None


def ssl_context_from_environment() -> "SSLContext | None":
    """Return a context that trusts the authorities in the file that ``TALON_ONE_CA_FILE`` names.

    Raises:
        ValueError: The file cannot be read, or holds no certificate.
    """
    ca_file = os.environ.get(CA_FILE_VARIABLE)
    if not ca_file:
        return None
    from aiotalonone.transport.tls import create_ssl_context  # noqa: PLC0415 - it loads ssl

    try:
        return create_ssl_context(ca_file)
    except ValueError as failure:
        raise ValueError(f"{CA_FILE_VARIABLE}: {failure}") from None
