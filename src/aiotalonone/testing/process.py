"""A sandbox in a process of its own, for a program that finds Talon.One by the environment."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.request import ProxyHandler, Request, build_opener

from attrs import define

from aiotalonone.sandbox.process import API_KEY, MANAGEMENT_TOKEN, blocking_sandbox_process
from aiotalonone.settings import (
    API_KEY_VARIABLE,
    BASE_URL_VARIABLE,
    CA_FILE_VARIABLE,
    MANAGEMENT_TOKEN_VARIABLE,
    PROXY_VARIABLE,
)
from aiotalonone.testing.sandbox import SandboxSetup

_SECONDS_TO_RESPOND: Final = 10


@define(frozen=True)
class SandboxAddress:
    """Where a sandbox listens, and the secrets that it accepts."""

    url: str
    """Its URL on this machine, with the port."""
    api_key: str
    """The API key that it accepts."""
    management_token: str
    """The management token that it accepts."""

    def environment(self) -> Mapping[str, str | None]:
        """Return the variables for ``AsyncIntegrationClient.from_env()``; those that are ``None`` must not be set."""
        return {
            BASE_URL_VARIABLE: self.url,
            API_KEY_VARIABLE: self.api_key,
            MANAGEMENT_TOKEN_VARIABLE: self.management_token,
            PROXY_VARIABLE: None,
            CA_FILE_VARIABLE: None,
        }


@contextmanager
def serve(setup: SandboxSetup) -> Iterator[SandboxAddress]:
    """Serve a sandbox on a free port of this machine until the block ends.

    Raises:
        SandboxStartError: The process ended instead of listening; it writes the reason to stderr.
    """
    with blocking_sandbox_process(setup.campaign_file(), setup.faults) as url:
        address = SandboxAddress(url, API_KEY, MANAGEMENT_TOKEN)
        if setup.now is not None:
            _put(address, "/sandbox/clock", {"now": setup.now.isoformat()})
        yield address


def _put(address: SandboxAddress, path: str, body: object) -> None:
    headers = {"Authorization": f"ApiKey-v1 {address.api_key}", "Content-Type": "application/json"}
    request = Request(address.url + path, json.dumps(body).encode(), headers, method="PUT")  # noqa: S310 - our own sandbox
    with build_opener(ProxyHandler({})).open(request, timeout=_SECONDS_TO_RESPOND):
        pass
