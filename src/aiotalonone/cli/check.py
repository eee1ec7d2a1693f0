"""``aiotalonone check``: whether calls would succeed, and what to fix if not."""

import asyncio
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import typer

from aiotalonone.cli.console import write_to_stdout
from aiotalonone.cli.exit_codes import CommandError, ExitCode
from aiotalonone.cli.options import ConnectionOptions, with_options
from aiotalonone.cli.target import Target, connection_hint, failure_hint, resolve_target
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import TalonOneError
from aiotalonone.settings import RetryPolicy
from aiotalonone.transport.failures import TransportFailure
from aiotalonone.transport.probe import TLSFacts, probe

_CALLS: Final = 5
_CONNECT_SECONDS: Final = 5.0
_MILLISECONDS: Final = 1000
_SESSION: Final = "aiotalonone-check"
_NO_RESPONSE: Final = "connected, but the call got no response: check for a proxy or gateway that drops it"


@with_options(ConnectionOptions)
def check(*, options: ConnectionOptions) -> None:
    """Check host and key with calls that store nothing, and show what to fix.

    \b
    Exit codes:
      0  The connection and the key work.
      1  They do not.
      2  The settings cannot be used.
    """  # noqa: D301 - a backspace, which keeps the lines below it as they are
    asyncio.run(_check(resolve_target(options)))
    raise typer.Exit(ExitCode.SUCCESS)


async def _check(target: Target) -> None:
    async with target.client() as client:
        _print_row("host", target.name)
        if target.proxy is not None:
            _print_row("proxy", _host_of(target.proxy))
        _print_row("connection", await _describe_connection(client.base_url, target))
        impatient = client.with_options(retry=RetryPolicy(attempts=1))
        try:
            seconds = [await _call(impatient) for _ in range(_CALLS)]
        except TalonOneError as failure:
            raise CommandError(f"{failure}: {failure_hint(failure) or _NO_RESPONSE}", ExitCode.FAILED) from None
    _print_row("API key", "accepted")
    first, rest = seconds[0] * _MILLISECONDS, median(seconds[1:]) * _MILLISECONDS
    _print_row("latency", f"{rest:.1f} ms ({first:.1f} ms for the first call)")


async def _describe_connection(base_url: str, target: Target) -> str:
    """Connect as a call would, and return a description of the connection.

    Raises:
        CommandError: The connection failed.
    """
    try:
        tls = await probe(base_url, target.ssl_context, proxy=target.proxy, seconds=target.timeout or _CONNECT_SECONDS)
    except TransportFailure as failure:
        hint = connection_hint(failure.reason)
        raise CommandError(f"{target.name}: {failure.reason}. {hint}", ExitCode.FAILED) from None
    return "without TLS" if tls is None else _describe_tls(tls)


def _describe_tls(tls: TLSFacts) -> str:
    days = (tls.expires - datetime.now(UTC)).days
    return f"{tls.version}, certificate until {tls.expires:%Y-%m-%d} ({days} days)"


async def _call(client: AsyncIntegrationClient) -> float:
    start = perf_counter()
    await client.sessions.update_customer_session_v2(_SESSION, {"customerSession": {}}, dry=True)
    return perf_counter() - start


def _host_of(url: str) -> str:
    """Return host and port of a URL, without user and password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _print_row(name: str, text: str) -> None:
    write_to_stdout(f"{name:<12}{text}")
