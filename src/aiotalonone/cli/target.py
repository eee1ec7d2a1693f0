"""The deployment or sandbox that a command calls, with its credentials, proxy and trust.

Keys come from the environment or a prompt, never from an argument: arguments are in the list of processes.
"""

import os
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Protocol, TypedDict
from urllib.parse import urlsplit

import typer
from attrs import field, frozen

from aiotalonone.cli.console import is_interactive
from aiotalonone.cli.exit_codes import CommandError, MissingExtraError
from aiotalonone.cli.options import ConnectionOptions
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import (
    APIStatusError,
    Outcome,
    RedirectError,
    ResponseDecodeError,
    ServerError,
    TalonOneError,
    TransportError,
)
from aiotalonone.pipeline.log import write_to_stderr
from aiotalonone.pipeline.own_client import validate_proxy
from aiotalonone.settings import (
    API_KEY_VARIABLE,
    BASE_URL_VARIABLE,
    CA_FILE_VARIABLE,
    MANAGEMENT_TOKEN_VARIABLE,
    PROXY_VARIABLE,
    Timeouts,
)
from aiotalonone.transport.tls import create_ssl_context

_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}(:\d{1,5})?", re.ASCII | re.IGNORECASE)
_HINTS: Final[Mapping[str, str]] = {
    "not trusted": "If your network inspects TLS, or the server has a private certificate authority, "
    "name its PEM file with --ca-file.",
    "expired": "Check this machine's clock; otherwise the server needs a new certificate.",
    "not yet valid": "Check this machine's clock.",
    "rejected the tunnel: 407": "Put user and password into the proxy's URL, in TALON_ONE_PROXY.",
    "user and password": "Check user and password in the proxy's URL, in TALON_ONE_PROXY.",
    "proxy": "Check the proxy's URL, and whether it lets this machine reach the base URL.",
    "for another host": "Check the host in the base URL.",
    "cannot be resolved": "Check the base URL for a typing error.",
    "speak TLS": "Check the port in the base URL, and whether it should start with http://.",
    "handshake": "Check for a gateway or proxy that does not speak TLS 1.2 or newer.",
    "timeout": "Check for a firewall; if this network has a proxy, name it with --proxy.",
    "unreachable": "Check this machine's network; if it has a proxy, name it with --proxy.",
    "connection refused": "Check host and port of the base URL.",
    "too many open files": "Close other programs, or raise the limit of open files.",
    "": "Check for a firewall, gateway or proxy that ends connections.",
}
"""What to do, by a part of the reason why a connection failed; the first match counts."""


_STATUS_HINTS: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "the API key is wrong, expired or another deployment's: TALON_ONE_API_KEY must hold the "
    "key itself, without ApiKey-v1 in front of it",
    HTTPStatus.FORBIDDEN: "the API key may not do this: it must be an Integration API key of the Application",
    HTTPStatus.NOT_FOUND: "the host has no Integration API at this URL: the base URL must be that of your deployment, "
    "without /v1 or /v2 at its end",
    HTTPStatus.TOO_MANY_REQUESTS: "API key accepted, but rate limited: try again later",
}
"""What to do about a response, by its status."""


class Target(Protocol):
    """A Talon.One that commands call."""

    @property
    def name(self) -> str:
        """The name to show; not a secret."""
        ...

    @property
    def proxy(self) -> str | None:
        """URL of the proxy; it may contain a password."""
        ...

    @property
    def ssl_context(self) -> ssl.SSLContext:
        """Certificate authorities to trust."""
        ...

    @property
    def timeout(self) -> float | None:
        """Seconds that a request may take; ``None`` for the client's own."""
        ...

    def client(self) -> AbstractAsyncContextManager[AsyncIntegrationClient]:
        """Return a client, open within the block.

        Raises:
            CommandError: The options or the environment cannot be used.
        """
        ...


@frozen
class Deployment:
    """A remote Talon.One deployment."""

    base_url: str
    _api_key: str = field(repr=False)
    _management_token: str | None = field(repr=False)
    proxy: str | None = field(repr=False)
    ssl_context: ssl.SSLContext = field(repr=False)
    timeout: float | None = None

    @property
    def name(self) -> str:
        """Host of the base URL."""
        return urlsplit(self.base_url).netloc

    def client(self) -> AsyncIntegrationClient:
        """Return a client of the deployment."""
        try:
            return AsyncIntegrationClient(
                self.base_url,
                api_key=self._api_key,
                management_token=self._management_token,
                proxy=self.proxy,
                ssl_context=self.ssl_context,
                **_times(self.timeout),
            )
        except ValueError as failure:
            raise CommandError(str(failure).removesuffix(" (allow_http=True permits it)")) from None


@frozen
class EmbeddedSandbox:
    """A sandbox that ends with the command, and then loses its state."""

    campaigns: Mapping[str, Any]
    timeout: float | None = None
    proxy: None = field(default=None, init=False)
    # The sandbox is plain http on loopback, so no authority is needed.
    ssl_context: ssl.SSLContext = field(
        factory=partial(ssl.SSLContext, ssl.PROTOCOL_TLS_CLIENT), init=False, repr=False
    )

    @property
    def name(self) -> str:
        """Not a host, whose port changes with each command."""
        return "the embedded sandbox"

    @asynccontextmanager
    async def client(self) -> AsyncIterator[AsyncIntegrationClient]:
        """Return a client of the sandbox."""
        try:
            from aiotalonone.sandbox import process  # noqa: PLC0415 - an extra, and slow to import
        except ImportError:
            raise MissingExtraError("use the sandbox", "sandbox") from None
        try:
            async with (
                process.sandbox_process(self.campaigns) as url,
                AsyncIntegrationClient(
                    url,
                    api_key=process.API_KEY,
                    management_token=process.MANAGEMENT_TOKEN,
                    ssl_context=self.ssl_context,
                    **_times(self.timeout),
                ) as client,
            ):
                yield client
        except process.SandboxStartError as failure:
            raise CommandError(str(failure)) from None


def resolve_target(options: ConnectionOptions, campaigns: Mapping[str, Any] | None = None) -> Target:
    """Return the target that the options, the environment or a prompt name.

    Args:
        options: Of the command line.
        campaigns: Campaign file of an embedded sandbox.

    Raises:
        CommandError: Something is missing or cannot be used.
    """
    if options.verbose:
        write_to_stderr("debug")
    if not options.sandbox:
        return Deployment(
            options.base_url
            or _env_or_prompt(
                BASE_URL_VARIABLE, "Base URL, such as https://acme.europe-west1.talon.one", hide_input=False
            ),
            _env_or_prompt(API_KEY_VARIABLE, "API key", hide_input=True),
            os.environ.get(MANAGEMENT_TOKEN_VARIABLE) or None,
            _proxy(options.proxy),
            _trusted(options.ca_file),
            options.timeout,
        )
    if options.proxy or options.ca_file:
        raise CommandError("--proxy and --ca-file cannot be used with --sandbox, which runs on this machine")
    return EmbeddedSandbox(campaigns or {}, options.timeout)


def connection_hint(reason: str) -> str:
    """Return what to do about a failure for this reason; empty if it is not that of a connection."""
    if "connect" not in reason and "proxy" not in reason:
        return ""
    return next(hint for part, hint in _HINTS.items() if part in reason)


def failure_hint(failure: TalonOneError) -> str:
    """Return what to do about a failed call; empty if nothing is known about it."""
    match failure:
        case RedirectError(location=location):
            target = urlsplit(location or "").netloc.rpartition("@")[2]
            target = f"the redirect's target, {target}," if _HOST.fullmatch(target) else "the redirect's target"
            return f"the base URL must be {target} if that is your deployment"
        case ServerError():
            return "the API or a gateway in front of it has failed: try again later"
        case ResponseDecodeError():
            return "the server is not Talon.One: check the base URL"
        case APIStatusError(status=status):
            return _STATUS_HINTS.get(status, "the host responds, but not as Talon.One does")
        case TransportError(outcome=Outcome.NOT_SENT):
            return connection_hint(str(failure.args[0]))
    return ""


class _Times(TypedDict, total=False):
    """Options of a client."""

    deadline: float
    timeouts: Timeouts


def _times(timeout: float | None) -> _Times:
    """Return the options of a client whose calls, and each step of them, may take so many seconds."""
    if timeout is None:
        return {}
    return {"deadline": timeout, "timeouts": Timeouts(connect=timeout, write=timeout, read=timeout)}


def _proxy(option: str | None) -> str | None:
    """Return the URL of the proxy, if there is one.

    Raises:
        CommandError: The URL is not that of a proxy; the message does not show it.
    """
    name, url = ("--proxy", option) if option else (PROXY_VARIABLE, os.environ.get(PROXY_VARIABLE) or None)
    try:
        validate_proxy(url)
    except ValueError as failure:
        raise CommandError(f"{name}: {failure}") from None
    return url


def _trusted(ca_file: str | None) -> ssl.SSLContext:
    """Return the certificate authorities to trust.

    Raises:
        CommandError: The file cannot be read, or holds no certificate.
    """
    name, file = ("--ca-file", ca_file) if ca_file else (CA_FILE_VARIABLE, os.environ.get(CA_FILE_VARIABLE) or None)
    try:
        return create_ssl_context(file)
    except ValueError as failure:
        raise CommandError(f"{name}: {failure}" if file else str(failure)) from None


def _env_or_prompt(variable: str, question: str, *, hide_input: bool) -> str:
    if value := os.environ.get(variable):
        return value
    if not is_interactive():
        raise CommandError(f"{variable} is not set; --sandbox needs no account")
    answer: str = typer.prompt(question, hide_input=hide_input, err=True)
    return answer
