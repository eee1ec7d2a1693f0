"""Pictures of the sandbox's window after a shop's morning: ``python -m tools.screenshots`` writes them for the pages.

They are taken in Chromium, named by the variable ``CHROMIUM`` or found on the path.
"""

import asyncio
import io
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import httpx
from PIL import Image
from playwright.async_api import Browser, ViewportSize, async_playwright

from aiotalonone import AsyncIntegrationClient, RetryPolicy, TalonOneError
from aiotalonone.sandbox import SHOP
from aiotalonone.sandbox.process import API_KEY, sandbox_process

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
SIZE: Final[ViewportSize] = {"width": 1280, "height": 800}
SCHEMES: Final[dict[Literal["light", "dark"], str]] = {"light": "sandbox.png", "dark": "sandbox-dark.png"}
MORNING: Final = datetime(2026, 6, 12, 8, 14, 3, tzinfo=UTC)
MAX_COLOURS: Final = 256
SHOWN: Final = 4
"""Number of the request that is open: a coupon that is rejected."""

TEA: Final = {"sku": "green-tea", "quantity": 2, "price": 4.5}
POT: Final = {"sku": "teapot", "quantity": 1, "price": 24.9}
CUPS: Final = {"sku": "cup", "quantity": 4, "price": 6.25}


class Morning:
    """A shop's morning: what its service asks the sandbox, minute by minute."""

    def __init__(self, url: str, client: AsyncIntegrationClient) -> None:
        self._url = url
        self._client = client
        self._now = MORNING

    async def pass_by(self) -> None:
        """Let customers come, one of them while a connection breaks."""
        await self.wait()
        await self._client.customers.update_customer_profile_v2("ada", {"attributes": {"name": "Ada", "vip": True}})
        await self.update("cart-1041", "ada", [TEA, CUPS], coupons=["SUMMER", "WINTER"])
        await self.update("cart-1041", "ada", [TEA, CUPS], coupons=["SUMMER"], state="closed")
        await self.update("cart-1042", "grace", [TEA], coupons=["WELCOME"])
        await self.update("cart-1042", "grace", [TEA, POT], coupons=["WELCOME"])
        await self.control("PUT", "faults", [{"operationId": "updateCustomerSessionV2", "fault": "dropAfterCommit"}])
        await self.update("cart-1042", "grace", [TEA, POT], coupons=["WELCOME"], state="closed")
        await self.wait()
        await self._client.customers.get_customer_inventory("grace", coupons=True, loyalty=True)
        await self.update("cart-1043", "linus", [{**TEA, "quantity": 0}])
        await self.update("cart-1043", "linus", [{**CUPS, "quantity": 9}])

    async def update(
        self,
        session_id: str,
        customer: str,
        cart: list[dict[str, Any]],
        *,
        coupons: list[str] | None = None,
        state: str = "open",
    ) -> None:
        """Update a session, some time after the last request; the service lives with an error."""
        await self.wait()
        session = {"profileId": customer, "couponCodes": coupons or [], "cartItems": cart, "state": state}
        try:
            await self._client.sessions.update_customer_session_v2(session_id, {"customerSession": session})
        except TalonOneError as error:
            print(error)

    async def wait(self) -> None:
        """Move the sandbox's clock."""
        self._now += timedelta(seconds=47)
        await self.control("PUT", "clock", {"now": self._now.isoformat()})

    async def control(self, method: str, resource: str, content: Any) -> None:
        """Set something of the sandbox."""
        async with httpx.AsyncClient(trust_env=False) as http_client:
            response = await http_client.request(method, f"{self._url}/sandbox/{resource}", json=content)
            response.raise_for_status()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the browser."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        await browser.close()


def save(screenshot: bytes, file: Path) -> None:
    """Write a picture with the colours that a page needs, which takes a third of the bytes."""
    image = Image.open(io.BytesIO(screenshot)).convert("RGB")
    image.quantize(MAX_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


async def main() -> None:
    """Write the pictures."""
    retry = RetryPolicy(initial_backoff=0.01)
    async with sandbox_process(SHOP) as url, AsyncIntegrationClient(url, api_key=API_KEY, retry=retry) as client:
        await Morning(url, client).pass_by()
        async with chromium() as browser:
            for scheme, name in SCHEMES.items():
                context = await browser.new_context(viewport=SIZE, device_scale_factor=2, color_scheme=scheme)
                page = await context.new_page()
                await page.goto(f"{url}/?number={SHOWN}")
                await page.locator("[data-connection].on").wait_for()
                save(await page.screenshot(), IMAGES / name)
                await context.close()


if __name__ == "__main__":
    asyncio.run(main())
