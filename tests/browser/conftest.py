"""A page of a real browser, which reaches nothing but loopback."""

import ipaddress
import os
import shutil
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from aiotalonone import AsyncIntegrationClient, RetryPolicy
from aiotalonone.sandbox import SHOP
from aiotalonone.sandbox.process import API_KEY, sandbox_process

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
OF_STATUSES = "Failed to load resource"
"""How the console tells that a response has an error status, which a test may have asked for."""


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine, or nowhere."""
    parts = urlsplit(url)
    if parts.scheme in {"about", "blob", "data"} or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    """Chromium; the test is skipped without it, but fails if `CHROMIUM` names one that does not start."""
    demanded = os.environ.get("CHROMIUM")
    try:
        from playwright.async_api import async_playwright  # noqa: PLC0415 - only the session `browser` has it
    except ModuleNotFoundError:
        if demanded:
            raise
        pytest.skip("playwright is not installed")
    program = demanded or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("there is no Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Any) -> AsyncIterator[Any]:
    """A page, 1280 wide; the test fails if it logs an error, or requests anything beyond loopback."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)
    errors: list[str] = []
    foreign: list[str] = []

    async def reach_loopback_alone(route: Any) -> None:
        if is_loopback(route.request.url):
            await route.continue_()
        else:
            foreign.append(route.request.url)
            await route.abort()

    def note(message: Any) -> None:
        if message.type == "error" and not message.text.startswith(OF_STATUSES):
            errors.append(message.text)

    await context.route("**/*", reach_loopback_alone)
    page = await context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    await context.close()
    assert (errors, foreign) == ([], [])


@pytest.fixture
async def sandbox_url() -> AsyncIterator[str]:
    """The address of a sandbox of the test's own, in a process that serves the small shop."""
    async with sandbox_process(SHOP) as url:
        yield url


@pytest.fixture
async def client(sandbox_url: str) -> AsyncIterator[AsyncIntegrationClient]:
    """A client of that sandbox, which sends each request once."""
    async with AsyncIntegrationClient(sandbox_url, api_key=API_KEY, retry=RetryPolicy(attempts=1)) as client:
        yield client
