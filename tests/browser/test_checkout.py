import pytest

from aiotalonone.sandbox.process import API_KEY, sandbox_process
from tests.support.uvicorn_process import EXAMPLES, uvicorn_process


@pytest.fixture
async def shop(monkeypatch, page):
    """Open a new cart of the checkout, which runs beside a sandbox."""
    async with sandbox_process(EXAMPLES / "campaigns.json") as sandbox_url:
        monkeypatch.setenv("TALON_ONE_BASE_URL", sandbox_url)
        monkeypatch.setenv("TALON_ONE_API_KEY", API_KEY)
        async with uvicorn_process("fastapi_checkout:app") as url:
            await page.goto(url)
            yield page


async def apply(shop, code):
    """Type a code and press the button."""
    await shop.get_by_label("Coupon").fill(code)
    await shop.get_by_role("button", name="Apply").click()


async def total(shop):
    """Return the total that the page shows."""
    return await shop.locator("#total").inner_text()


async def test_a_customer_types_a_coupon_and_buys(shop):
    """The coupon's discount stands in the cart at once, and the cart is bought for what it showed."""
    assert await total(shop) == "68.90"
    await apply(shop, "SUMMER")
    assert await shop.get_by_role("status").inner_text() == "Coupon SUMMER is accepted."
    assert await shop.locator(".discount", has_text="Summer").inner_text() == "Summer\t\N{MINUS SIGN}7.89"
    assert await total(shop) == "61.01"
    await shop.get_by_role("button", name="Buy").click()
    assert await shop.get_by_role("heading").inner_text() == "Thank you"
    assert await total(shop) == "61.01"


async def test_a_customer_reads_why_a_coupon_cannot_be_used(shop):
    """A code that does not exist costs nothing and is explained."""
    await apply(shop, "WINTER")
    alert = await shop.get_by_role("alert").inner_text()
    assert alert == "Coupon WINTER cannot be used: there is no coupon with this code."
    assert await total(shop) == "68.90"


async def test_a_code_is_text_on_the_page(shop):
    """A code that looks like markup is shown as it was typed."""
    await apply(shop, "<img src=x onerror=alert(1)>")
    assert "Coupon <img src=x onerror=alert(1)> cannot be used" in await shop.get_by_role("alert").inner_text()
    assert await shop.locator("img").count() == 0


async def test_a_long_code_fits_the_page(shop):
    """A code as long as the form takes makes no page wider than its screen."""
    await shop.set_viewport_size({"width": 360, "height": 800})
    await apply(shop, "W" * 100)
    await shop.get_by_role("alert").wait_for()
    assert await shop.evaluate("document.scrollingElement.scrollWidth") == 360


async def test_the_keyboard_is_enough(shop):
    """A code is applied by Enter."""
    await shop.get_by_label("Coupon").fill("SUMMER")
    await shop.keyboard.press("Enter")
    assert await shop.get_by_role("status").inner_text() == "Coupon SUMMER is accepted."
