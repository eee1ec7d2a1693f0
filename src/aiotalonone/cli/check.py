"""``aiotalonone check``: whether calls would arrive, and what to do where they would not."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from statistics import median
from time import perf_counter
from typing import Final

import typer

from aiotalonone.cli import options
from aiotalonone.cli.connection import Connection, EmbeddedSandbox, deployment
from aiotalonone.cli.exits import CommandError, Exit
from aiotalonone.cli.probe import TLSFacts, probe
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.connection import own_ssl_context
from aiotalonone.errors import (
    APIStatusError,
    RateLimitError,
    RedirectError,
    ResponseDecodeError,
    ServerError,
    TalonOneError,
)
from aiotalonone.settings import RetryPolicy

_CALLS: Final = 5
_SESSION: Final = "aiotalonone-check"
_MILLISECONDS: Final = 1000

_REMEDIES: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "the API key is wrong, expired or another deployment's: TALON_ONE_API_KEY must hold the "
    "key itself, without ApiKey-v1 before it",
    HTTPStatus.FORBIDDEN: "the API key may not do this: it must be an Integration API key of the Application",
    HTTPStatus.NOT_FOUND: "the host answers, and has no Integration API there: the base URL must be that of your "
    "deployment, without /v1 or /v2 behind it",
}


def check(*, base_url: options.BaseUrl = None, sandbox: options.Sandbox = False) -> None:
    """Try host and key with calls that store nothing, and say what to fix.

    \b
    Exit codes:
      0  All is well.
      1  It is not.
      2  The settings cannot be used.
    """  # noqa: D301 - a backspace, which keeps the lines below it as they are
    connection = EmbeddedSandbox() if sandbox else deployment(base_url)
    asyncio.run(_check(connection))
    raise typer.Exit(Exit.DONE)


async def _check(connection: Connection) -> None:
    async with connection.client() as client:
        _tell("host", connection.name)
        _tell("connection", _described(await probe(client.base_url, own_ssl_context())))
        impatient = client.with_options(retry=RetryPolicy(attempts=1))
        try:
            seconds = [await _call(impatient) for _ in range(_CALLS)]
        except TalonOneError as failure:
            raise CommandError(f"{failure}: {_remedy(failure)}", Exit.FAILED) from None
    _tell("API key", "accepted")
    first, rest = seconds[0] * _MILLISECONDS, median(seconds[1:]) * _MILLISECONDS
    _tell("latency", f"{rest:.1f} ms ({first:.1f} ms for the first call)")


async def _call(client: AsyncIntegrationClient) -> float:
    began = perf_counter()
    await client.sessions.update_customer_session_v2(_SESSION, {"customerSession": {}}, dry=True)
    return perf_counter() - began


def _described(tls: TLSFacts | None) -> str:
    if tls is None:
        return "without TLS"
    days = (tls.expires - datetime.now(UTC)).days
    return f"{tls.version}, certificate until {tls.expires:%Y-%m-%d} ({days} days)"


def _remedy(failure: TalonOneError) -> str:
    match failure:
        case RedirectError():
            return "the base URL must be the address that is redirected to, if that is your deployment's"
        case RateLimitError():
            return "the key is good, and its requests are too many: try again later"
        case ServerError():
            return "the API or a gateway before it is out of order: try again later"
        case ResponseDecodeError():
            return "what answers is not Talon.One: look at the base URL"
        case APIStatusError(status=status):
            return _REMEDIES.get(status, "the host answers otherwise than Talon.One does")
    return "the connection was made and the call got no answer: is there a proxy, or a gateway that ends it?"


def _tell(name: str, what: str) -> None:
    sys.stdout.write(f"{name:<12}{what}\n")
