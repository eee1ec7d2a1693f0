"""The client's settings, as frozen values that are checked when they are made."""

import ipaddress
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from math import inf
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import SplitResult, urlsplit

from attrs import Attribute, field, frozen
from attrs.validators import optional

from aiotalonone.operation import Authorization

T = TypeVar("T")

BASE_URL_VARIABLE: Final = "TALON_ONE_BASE_URL"
API_KEY_VARIABLE: Final = "TALON_ONE_API_KEY"
MANAGEMENT_TOKEN_VARIABLE: Final = "TALON_ONE_MANAGEMENT_TOKEN"  # noqa: S105 - the variable's name
PROXY_VARIABLE: Final = "TALON_ONE_PROXY"
CA_FILE_VARIABLE: Final = "TALON_ONE_CA_FILE"
SHOW_VARIABLE: Final = "TALON_ONE_SHOW_API_MESSAGES"

_RESERVED_HEADERS: Final = frozenset(
    {
        "accept",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "transfer-encoding",
    }
)
_VERSION_AT_THE_END: Final = re.compile(r"/v[0-9]+/*$", re.IGNORECASE)
_PREFIXED_SECRET: Final = re.compile(
    r"\s*(authorization\s*:\s*)?(apikey-v1|managementkey-v1|bearer)([\s:]|$)", re.IGNORECASE
)
_SPELLINGS: Final = {"apikey-v1": "ApiKey-v1", "managementkey-v1": "ManagementKey-v1", "bearer": "Bearer"}
_MAX_WHOLE_SECONDS: Final = 2**53
_OWN_DOMAIN: Final = ".talon.one"
_PAGE: Final = re.compile(r"/+(account|applications|campaigns|login|v[0-9]+)(/|$)", re.IGNORECASE)
"""The first step of a path in the web console, or in the API."""
_FORBIDDEN_IN_BASE_URL: Final = re.compile(r"[@?#\\\s]|/\.{1,2}(/|$)")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")


def validate_seconds(name: str, value: float) -> None:
    """Validate a span of time.

    Raises:
        TypeError: It is not a number.
        ValueError: It is not above 0.
    """
    _require_seconds(name, value)
    if not value > 0:
        raise ValueError(f"{name} must be a number of seconds above 0")


def validate_grace(name: str, value: float) -> None:
    """Validate a span of time that may have no length, or no end.

    Raises:
        TypeError: It is not a number.
        ValueError: It is negative or NaN.
    """
    _require_seconds(name, value)
    if not value >= 0:
        raise ValueError(f"{name} must be a number of seconds, 0 or more")


def _require_seconds(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if isinstance(value, int) and value > _MAX_WHOLE_SECONDS:
        raise ValueError(f"{name} must be a number of seconds of at most {_MAX_WHOLE_SECONDS}, or infinity")


def validate_positive_int(name: str, value: int) -> int:
    """Validate a positive integer.

    Raises:
        TypeError: It is not an integer.
        ValueError: It is below 1.
    """
    return _validate_int(name, value, 1)


def _validate_int(name: str, value: int, minimum: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, not {type(value).__name__}")
    if value < minimum:
        raise ValueError(f"{name} must be a whole number of at least {minimum}")
    return value


def _check_seconds(_: object, attribute: "Attribute[Any]", value: float) -> None:
    validate_seconds(attribute.name, value)


def _check_optional_seconds(_: object, attribute: "Attribute[Any]", value: float | None) -> None:
    if value is not None:
        validate_seconds(attribute.name, value)


def _check_pause(_: object, attribute: "Attribute[Any]", value: float) -> None:
    validate_grace(attribute.name, value)
    if value == inf:
        raise ValueError(f"{attribute.name} must be a number of seconds, 0 or more, that ends")


def _check_positive_int(_: object, attribute: "Attribute[Any]", value: int) -> None:
    validate_positive_int(attribute.name, value)


def _check_budget(_: object, attribute: "Attribute[Any]", value: int | None) -> None:
    if value is not None:
        _validate_int(attribute.name, value, 0)


def validate_type(name: str, value: object, kind: type) -> None:
    """Validate the type of a setting.

    Raises:
        TypeError: It is another.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, not {type(value).__name__}")


def validate_functions(name: str, values: Iterable[T]) -> tuple[T, ...]:
    """Return functions as a tuple.

    Raises:
        TypeError: They are not a list of functions.
    """
    given: object = values
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise TypeError(f"{name} must be a list of functions, not {type(given).__name__}")
    functions = tuple(values)
    for index, function in enumerate(functions):
        if not callable(function):
            raise TypeError(f"{name}[{index}] must be a function, not {type(function).__name__}")
    return functions


def _is_a(kind: type) -> "Callable[[object, Attribute[Any], object], None]":
    """Check as ``instance_of`` does, whose error is a tuple that shows attrs' own things."""
    return lambda _, attribute, value: validate_type(attribute.name, value, kind)


@frozen(kw_only=True)
class Timeouts:
    """How long one attempt may wait, in seconds; ``None`` waits without limit, until the call's deadline.

    Raises:
        TypeError: A time is not a number.
        ValueError: A time is not above 0.
    """

    connect: float | None = field(default=2.0, validator=_check_optional_seconds)
    """For the connection to be made, TLS included."""
    pool: float | None = field(default=None, validator=_check_optional_seconds)
    """For a free connection of the pool."""
    write: float | None = field(default=5.0, validator=_check_optional_seconds)
    """For the next part of the request to be taken."""
    read: float | None = field(default=10.0, validator=_check_optional_seconds)
    """For the next part of the response to come."""


@frozen(kw_only=True)
class RetryPolicy:
    """When a call is sent again, after an attempt that failed and may be retried; times are in seconds.

    Raises:
        TypeError: A value is not a number.
        ValueError: A number is out of range.
    """

    attempts: int = field(default=3, validator=_check_positive_int)
    """At most, the first one included; 1 makes no retry."""
    initial_backoff: float = field(default=0.2, validator=_check_pause)
    """The longest pause after the first attempt, doubled for each further one. All are random (full jitter)."""
    max_backoff: float = field(default=4.0, validator=_check_pause)
    """No pause is longer than this, unless the API asks for it."""
    max_retry_after: float = field(default=10.0, validator=_check_pause)
    """The API's Retry-After is obeyed up to this; the random pause comes on top."""
    budget: int | None = field(default=100, validator=_check_budget)
    """How many retries a client may send beyond one for each call that succeeds; ``None`` does not count them."""


@frozen(kw_only=True)
class CircuitBreaker:
    """When a client stops calling an API that fails, and for how long.

    Raises:
        TypeError: A value is not a number.
        ValueError: A number is out of range.
    """

    failures: int = field(default=5, validator=_check_positive_int)
    """After this many failed attempts in a row, calls fail at once."""
    open_for: float = field(default=10.0, validator=_check_seconds)
    """Seconds until one call at a time probes the API."""


@frozen(kw_only=True, eq=False)
class Options:
    """What a client derived by ``with_options`` may have of its own."""

    headers: dict[str, str] = field(repr=False)
    timeouts: Timeouts | None = field(validator=optional(_is_a(Timeouts)))
    retry: RetryPolicy = field(validator=_is_a(RetryPolicy))
    deadline: float | None = field(validator=_check_optional_seconds)


class Credentials:
    """The secrets of a client; neither its repr nor an error shows them."""

    __slots__ = ("_api_key", "_management_token")

    def __init__(self, *, api_key: str, management_token: str | None = None) -> None:
        _check_secret("api_key", api_key)
        if management_token is not None:
            _check_secret("management_token", management_token)
        self._api_key = api_key
        self._management_token = management_token

    def __repr__(self) -> str:
        return "Credentials()"

    def digest(self, base_url: str) -> str:
        """Return a text by which a deployment and its API key are recognised, and that does not tell the key."""
        from hmac import digest  # noqa: PLC0415 - for failures alone

        return digest(self._api_key.encode(), base_url.lower().encode(), "sha256").hex()

    def authorization(self, authorization: Authorization) -> str:
        """Return the Authorization header of an operation."""
        if authorization is Authorization.MANAGEMENT_TOKEN and self._management_token is not None:
            return f"Bearer {self._management_token}"
        return f"ApiKey-v1 {self._api_key}"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are not pickled")


def validate_base_url(url: str, *, allow_http: bool) -> str:
    """Return the URL of a Talon.One deployment without its trailing slash.

    Raises:
        TypeError: It is not a string, or ``allow_http`` is not a bool.
        ValueError: It is not an absolute http(s) URL, has a user, query or fragment, is a page of the web
            console, ends in a version of the API, or is http to a host that is not this machine while ``allow_http`` is
            not set.
    """
    validate_type("allow_http", allow_http, bool)
    if not isinstance(url, str):
        raise TypeError(f"base_url must be a str, not {type(url).__name__}")
    parts = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _has_valid_port(parts):
        raise ValueError("base_url must be an absolute URL such as https://acme.europe-west1.talon.one")
    if _FORBIDDEN_IN_BASE_URL.search(url):
        raise ValueError("base_url must not have a user, a query, a fragment, spaces or '.' segments")
    if _VERSION_AT_THE_END.search(url):
        raise ValueError("base_url must end before the version: the client adds /v1 and /v2 itself")
    if parts.hostname.endswith(_OWN_DOMAIN) and _PAGE.match(parts.path):
        raise ValueError("base_url must end at the host, without the path of a page or of an operation")
    if parts.scheme == "http" and not (allow_http or _is_loopback(parts.hostname)):
        raise ValueError("base_url must be https: the API key would be sent unencrypted (allow_http=True permits it)")
    return url.rstrip("/")


def validate_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's own headers, by their names in lower case.

    Raises:
        TypeError: They are not a mapping, or a name or value is not a string.
        ValueError: A name or value cannot be sent as a header, or the client sets that header itself.
    """
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers must be a mapping, not {type(headers).__name__}")
    for name, value in headers.items():
        if not all(isinstance(text, str) for text in (name, value)):
            raise TypeError("headers: names and values must be str")
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError("headers: a name is not a valid header name")
        if name.lower() in _RESERVED_HEADERS:
            raise ValueError(f"headers: {name} is set by the client")
        if value and not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"headers: the value of {name} contains characters that a header cannot hold")
    return {name.lower(): value for name, value in headers.items()}


def from_environment() -> tuple[str, str, str | None]:
    """Return base URL, API key and management token (if set) from the ``TALON_ONE_*`` variables.

    Raises:
        ValueError: The base URL or the API key is not set.
    """
    missing = [name for name in (BASE_URL_VARIABLE, API_KEY_VARIABLE) if not os.environ.get(name)]
    if missing:
        raise ValueError(f"not set in the environment: {', '.join(missing)}")
    token = os.environ.get(MANAGEMENT_TOKEN_VARIABLE) or None
    return os.environ[BASE_URL_VARIABLE], os.environ[API_KEY_VARIABLE], token


def shows_api_messages(option: bool | None) -> bool:
    """Return whether errors show the API's own words: by an option, or else by ``1`` or ``true`` in the environment.

    Raises:
        TypeError: The option is neither a bool nor ``None``.
    """
    if option is None:
        return os.environ.get(SHOW_VARIABLE, "").lower() in {"1", "true"}
    validate_type("show_api_messages", option, bool)
    return option


def _check_secret(name: str, value: str) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if prefixed := _PREFIXED_SECRET.match(value):
        prefix = _SPELLINGS[prefixed[2].lower()]
        raise ValueError(f"{name} must be given without the prefix {prefix}: the client adds it")
    if value != value.strip():
        raise ValueError(f"{name} must not have a blank or a line break around it")
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError(f"{name} must be non-empty, printable ASCII without spaces")


def _split(url: str) -> SplitResult:
    with suppress(ValueError):  # whose message shows the whole URL, a password in it too
        return urlsplit(url)
    raise ValueError("base_url must be a valid URL")


def _has_valid_port(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
