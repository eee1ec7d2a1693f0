"""Where a command calls, and as whom: keys come from the environment or are asked for, never from an argument."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

import typer
from attrs import field, frozen

from aiotalonone.cli.exits import CommandError, MissingExtraError
from aiotalonone.cli.screen import is_interactive
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.settings import API_KEY_VARIABLE, BASE_URL_VARIABLE, MANAGEMENT_TOKEN_VARIABLE


class Connection(Protocol):
    """What commands call."""

    @property
    def name(self) -> str:
        """What it is called among people; no secret."""
        ...

    def client(self) -> AbstractAsyncContextManager[AsyncIntegrationClient]:
        """A client, open within the block.

        Raises:
            CommandError: There can be none.
        """
        ...


@frozen
class Deployment:
    """A Talon.One of somebody's."""

    base_url: str
    _api_key: str = field(repr=False)
    _management_token: str | None = field(repr=False)

    @property
    def name(self) -> str:
        """Its host."""
        return urlsplit(self.base_url).netloc

    def client(self) -> AsyncIntegrationClient:
        """A client of it."""
        try:
            return AsyncIntegrationClient(self.base_url, api_key=self._api_key, management_token=self._management_token)
        except ValueError as failure:
            raise CommandError(str(failure).removesuffix(" (allow_http=True permits it)")) from None


@frozen
class EmbeddedSandbox:
    """A sandbox that lives as long as the command, and forgets everything then."""

    campaigns: Mapping[str, Any] = field(factory=dict)

    @property
    def name(self) -> str:
        """Not a host: its port is another each time."""
        return "the embedded sandbox"

    @asynccontextmanager
    async def client(self) -> AsyncIterator[AsyncIntegrationClient]:
        """A client of it."""
        try:
            from aiotalonone.sandbox import process  # noqa: PLC0415 - an extra, and it takes long to load
        except ModuleNotFoundError:
            raise MissingExtraError("use the sandbox", "sandbox") from None
        try:
            async with (
                process.sandbox_process(self.campaigns) as url,
                AsyncIntegrationClient(
                    url, api_key=process.API_KEY, management_token=process.MANAGEMENT_TOKEN
                ) as client,
            ):
                yield client
        except process.SandboxStartError as failure:
            raise CommandError(str(failure)) from None


def deployment(base_url: str | None) -> Deployment:
    """Where the option, the environment, or else the person at the terminal says.

    Raises:
        CommandError: Nobody says it.
    """
    return Deployment(
        base_url or _told(BASE_URL_VARIABLE, "Base URL, such as https://acme.europe-west1.talon.one", hidden=False),
        _told(API_KEY_VARIABLE, "API key", hidden=True),
        os.environ.get(MANAGEMENT_TOKEN_VARIABLE) or None,
    )


def _told(variable: str, question: str, *, hidden: bool) -> str:
    if value := os.environ.get(variable):
        return value
    if not is_interactive():
        raise CommandError(f"{variable} is not set; --sandbox needs no account")
    answer: str = typer.prompt(question, hide_input=hidden, err=True)
    return answer
