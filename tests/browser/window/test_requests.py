"""The window's requests in a browser: live, filtered, by keyboard, without a script, and on a narrow screen."""

import asyncio
import re

CART = [{"sku": "apple", "quantity": 3, "price": 1.2}]
PROBE = '"><img src=x onerror="window.probe=1"><script>window.probe=1</script>\'\u202e'
VIEWS = ("requests", "sessions", "profiles", "coupons", "points", "run", "campaigns", "control")


async def buy(client, session_id="cart-17", **session):
    session = {"profileId": "ada", "cartItems": CART, **session}
    return await client.sessions.update_customer_session_v2(session_id, {"customerSession": session})


async def open_window(page, address):
    await page.goto(address)
    await page.locator("[data-connection].on").wait_for()


async def rows(page):
    return [row.split("/")[-1] for row in await page.locator(".row .what").all_inner_texts()]


async def test_request_appears_live(page, sandbox_url, client):
    """A request appears while the page is open, above those before it, and so does what is new to filter by."""
    await open_window(page, sandbox_url)
    await page.get_by_text("Nothing was requested yet").wait_for()
    for number in (1, 2):
        await buy(client, f"cart-{number}", couponCodes=["SUMMER"])
        await page.locator(".row", has_text=f"cart-{number}").wait_for()
    assert await rows(page) == ["cart-2", "cart-1"]
    assert "setDiscount Summer 0.36" in await page.locator(".row").first.inner_text()
    assert "updateCustomerSessionV2" in await page.locator("[name=operation] option").all_inner_texts()
    await page.locator("nav a", has_text="Requests2").wait_for()


async def test_page_keeps_up(page, sandbox_url, client):
    """While requests come without a pause, the page shows those that have come."""

    async def keep_buying():
        while True:
            await buy(client)

    await open_window(page, sandbox_url)
    buying = asyncio.create_task(keep_buying())
    await page.locator(".row").nth(20).wait_for()
    buying.cancel()
    await asyncio.wait([buying])


async def test_what_is_open_stays_open(page, sandbox_url, client):
    """A request that is shown stays as the reader has it, with what is unfolded and focused, while others come."""
    await buy(client)
    await open_window(page, f"{sandbox_url}/?number=1")
    await page.get_by_text("Python", exact=True).click()
    await page.locator(".row").first.focus()
    await buy(client, "cart-18")
    await page.locator(".row", has_text="cart-18").wait_for()
    assert await page.locator("#program-python").is_visible()
    assert await page.evaluate("document.activeElement.dataset.key") == "1"


async def test_focus_stays_while_what_is_shown_changes(page, sandbox_url, client):
    """A session that is shown keeps what is unfolded and focused while it is updated."""
    await buy(client)
    await open_window(page, f"{sandbox_url}/window/sessions?id=cart-17")
    await page.locator("summary").click()
    await buy(client, couponCodes=["SUMMER"])
    await page.locator(".detail", has_text="3.24").wait_for()
    assert await page.locator(".detail pre").is_visible()
    assert await page.evaluate("document.activeElement.textContent") == "As the API has it"


async def test_choice_leaves_the_list_as_it_is(page, sandbox_url, client):
    """What is chosen is shown beside its list, which keeps its place, focus and pause; going back undoes it."""
    for number in range(1, 31):
        await buy(client, f"cart-{number}")
    await open_window(page, sandbox_url)
    await page.get_by_role("button", name="Pause").click()
    await buy(client, "cart-31")
    await page.locator("[data-key='3']").focus()
    place = await page.evaluate("scrollY")
    for key, shown in (("Enter", "cart-3"), ("ArrowUp", "cart-3"), ("Enter", "cart-4")):
        await page.keyboard.press(key)
        await page.locator(".detail h2", has_text=re.compile(f"{shown}$")).wait_for()
    assert place == await page.evaluate("scrollY") > 0
    assert await page.evaluate("document.activeElement.dataset.key") == "4"
    assert await page.locator("[aria-current=true]").get_attribute("data-key") == "4"
    assert await page.locator("[data-announced]").inner_text() == "PUT /v2/customer_sessions/cart-4"
    assert len(await rows(page)) == 30
    await page.go_back()
    await page.locator(".detail h2", has_text="cart-3").wait_for()
    await page.go_back()
    await page.get_by_text("Choose a request").wait_for()


async def test_list_can_be_paused(page, sandbox_url, client):
    """A list that is paused stays as it is, and catches up when it continues."""
    await open_window(page, sandbox_url)
    await page.get_by_role("button", name="Pause").click()
    await buy(client)
    await page.evaluate("new Promise((done) => setTimeout(done, 400))")
    assert await rows(page) == []
    await page.get_by_role("button", name="Pause").click()
    await page.locator(".row").wait_for()


async def test_list_is_filtered(page, sandbox_url, client):
    """A choice of an operation or a status shows the requests that fit at once."""
    await buy(client)
    await client.customers.get_customer_inventory("ada")
    await open_window(page, sandbox_url)
    await page.locator("[name=operation]").select_option("getCustomerInventory")
    await page.wait_for_url("**/?operation=getCustomerInventory&status=")
    assert await rows(page) == ["inventory"]
    await page.locator("[name=status]").select_option("4xx")
    await page.get_by_text("No request fits").wait_for()
    await page.go_back()
    assert await page.locator("[name=status]").input_value() == ""
    assert await rows(page) == ["inventory"]


async def test_list_is_used_by_keyboard(page, sandbox_url, client):
    """Arrows move along a list, Enter opens a request, and the first Tab leads to the content."""
    for number in (1, 2, 3):
        await buy(client, f"cart-{number}")
    await open_window(page, sandbox_url)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "To the content"
    await page.locator(".row").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        await page.keyboard.press(key)
    await page.wait_for_url("**/?number=2")
    await page.locator(".detail h2", has_text="cart-2").wait_for()


async def test_page_says_that_it_is_not_live(page, sandbox_url):
    """The page says so when the sandbox cannot be reached."""
    await page.route("**/sandbox/events", lambda route: route.abort())
    await page.goto(sandbox_url)
    await page.get_by_text("Not live").wait_for()


async def test_page_comes_back_to_a_sandbox(page, sandbox_url, client):
    """A page whose stream of events was answered with an error asks again, and then shows what it missed."""
    await page.route("**/sandbox/events", lambda route: route.fulfill(status=503))
    await page.goto(sandbox_url)
    await page.get_by_text("Not live").wait_for()
    await buy(client)
    await page.unroute("**/sandbox/events")
    await page.locator(".row", has_text="cart-17").wait_for()


async def test_page_that_is_not_seen_listens_to_nothing(page, sandbox_url, client):
    """A hidden page takes no connection from the few that all pages share, and catches up when it is seen."""
    hide = """(isHidden) => {
      Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    pages = [page, *[await page.context.new_page() for _ in range(7)]]
    for one in pages:
        await open_window(one, sandbox_url)
        await one.evaluate(hide, one is not pages[-1])
    await buy(client)
    await pages[-1].locator(".row", has_text="cart-17").wait_for()
    assert await rows(page) == []
    await page.evaluate(hide, False)  # noqa: FBT003 - an argument of the script
    await page.locator(".row", has_text="cart-17").wait_for()


async def test_texts_of_requests_do_nothing(page, sandbox_url, client):
    """Whatever text comes in a request, no page runs it, neither as it loads nor as it is brought up to date."""
    for number, view in enumerate(VIEWS, 1):
        await open_window(page, f"{sandbox_url}/window/{view}")
        await buy(client, PROBE, profileId=PROBE, couponCodes=[PROBE], attributes={PROBE: PROBE})
        await page.locator("nav a", has_text=f"Requests{number}").wait_for()
        assert await page.evaluate("window.probe") is None
        assert await page.locator("img[src=x]").count() == 0
    await page.goto(f"{sandbox_url}/?number=1")
    await page.get_by_role("link", name="Run this session").click()
    await page.wait_for_url("**/window/run?id=*")
    assert await page.locator("[name=session]").input_value() == PROBE
    await page.get_by_role("button", name="Dry run").click()
    await page.locator("[data-result] h2", has_text="dry=true").wait_for()
    assert await page.evaluate("window.probe") is None


async def test_pages_are_read_without_a_script(browser, sandbox_url, client):
    """Every view can be read without JavaScript, and a request be opened and filtered for."""
    await buy(client, couponCodes=["WELCOME"])
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    for view in VIEWS:
        await page.goto(f"{sandbox_url}/window/{view}")
        assert await page.locator("h1").inner_text() != ""
    await page.goto(sandbox_url)
    await page.locator("[name=status]").select_option("2xx")
    await page.get_by_role("button", name="Filter").click()
    await page.wait_for_url("**status=2xx")
    await page.locator(".row").click()
    await page.locator(".detail", has_text="the total 3.6 is below 20").wait_for()
    await context.close()


async def test_pages_fit_a_narrow_screen(page, sandbox_url, client):
    """No view is wider than a narrow screen, and what is not kept any more leads back to its list."""
    await page.set_viewport_size({"width": 420, "height": 800})
    await buy(client, couponCodes=["WELCOME", "A-CODE-THAT-IS-AS-LONG-AS-CODES-EVER-ARE-IN-ANY-SHOP-OF-THE-WORLD"])
    for view in ("requests?number=1", "sessions?id=cart-17", "profiles?id=ada", *VIEWS):
        await open_window(page, f"{sandbox_url}/window/{view}")
        assert await page.evaluate("document.scrollingElement.scrollWidth") <= 420, view
    await page.goto(f"{sandbox_url}/?number=77")
    await page.get_by_text("This request is no longer kept.").wait_for()
    assert not await page.locator(".row").is_visible()
    await page.get_by_role("link", name="All requests").click()
    await page.locator(".row").wait_for()


async def test_list_and_choice_take_turns_on_a_narrow_screen(page, sandbox_url, client):
    """On a narrow screen what is chosen takes the place of the list, which comes back where it was left."""
    for number in range(1, 31):
        await buy(client, f"cart-{number}")
    await page.set_viewport_size({"width": 420, "height": 600})
    await open_window(page, sandbox_url)
    row = page.locator("[data-key='7']")
    for go_back in (page.get_by_role("link", name="All requests").click, page.go_back):
        await row.click()
        await row.wait_for(state="hidden")
        await page.locator(".detail h2", has_text="cart-7").wait_for()
        assert await page.evaluate("scrollY") == 0
        await go_back()
        await row.wait_for()
        await page.wait_for_function("document.activeElement.dataset.key === '7'")
        assert 0 < (await row.bounding_box())["y"] < 600


async def test_colours_can_be_read(page, sandbox_url, client):
    """In light and dark, text has at least the contrast of 4.5 to what is behind it."""
    await buy(client, couponCodes=["SUMMER", "WINTER"])
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        for view in ("requests?number=1", "sessions?id=cart-17", "control", "campaigns"):
            await open_window(page, f"{sandbox_url}/window/{view}")
            assert await page.evaluate(CONTRASTS) == [], (scheme, view)


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = rgba(colour).map((part) => part / 255).map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (rgba(colour)[3] === 255) return colour;
    }
    return "white";
  };
  const weak = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!says || !element.checkVisibility() || element.closest("option, select, dialog, noscript")) continue;
    const [text, ground] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    const contrast = (text + 0.05) / (ground + 0.05);
    if (contrast < 4.5) weak.add(`${element.className || element.tagName} ${contrast.toFixed(2)}`);
  }
  return [...weak];
}"""
