"""The forms of the window in a browser: each does to the sandbox what it says."""

import asyncio
import os
import sys

import httpx
import pytest

from aiotalonone import ServerError
from aiotalonone.sandbox.process import API_KEY

CART = [{"sku": "apple", "quantity": 3, "price": 1.2}]
SESSION = {"customerSession": {"profileId": "ada", "couponCodes": ["WELCOME"], "cartItems": CART}}


async def buy(client, session_id="cart-17"):
    return await client.sessions.update_customer_session_v2(session_id, SESSION)


async def ask(url, path):
    """Return what the sandbox says of itself."""
    async with httpx.AsyncClient(trust_env=False) as http_client:
        return (await http_client.get(f"{url}/sandbox/{path}")).json()


async def is_told(page, text):
    """Wait until a form says how it went."""
    await page.locator(".said", has_text=text).first.wait_for()


async def run(program, *arguments):
    """Run a program with the key in its environment, and return its status and what it printed."""
    environment = {**os.environ, "TALON_ONE_API_KEY": API_KEY, "NO_PROXY": "*"}
    process = await asyncio.create_subprocess_exec(
        program, *arguments, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    return process.returncode, (output + errors).decode()


async def test_session_is_run_by_hand(page, sandbox_url):
    """A session by hand is priced and explained at once; a dry one is not stored, and the other one is."""
    await page.goto(f"{sandbox_url}/window/run")
    await page.locator("[name=coupons]").fill("WELCOME\n NOPE \n\n")
    await page.get_by_role("button", name="Add a line").click()
    await page.locator("[name=sku]").last.fill("kettle")
    await page.locator("[name=price]").last.fill("10,50")
    await page.locator("[name=attributes]").fill('{"channel": "web"}')
    await page.get_by_role("button", name="Dry run").click()
    result = page.locator("[data-result]")
    await result.get_by_role("cell", name="Total").wait_for()
    text = await result.inner_text()
    assert "14.10" in text
    assert "the total 14.1 is below 20" in text
    assert "no coupon has this code" in text
    assert (await ask(sandbox_url, "state"))["profiles"] == 0
    await page.locator("[name=quantity]").last.fill("2")
    await page.get_by_role("button", name="Send").click()
    await result.get_by_text("\N{MINUS SIGN}5.00").wait_for()
    await page.get_by_role("link", name="Sessions").click()
    await page.locator(".row", has_text="by-hand-1").click()
    await page.locator(".detail", has_text="19.60").wait_for()


async def test_mistakes_in_the_form_are_told(page, sandbox_url):
    """A mistake in the form is told with its place before it is sent, one that the API finds is shown as its error."""
    await page.goto(f"{sandbox_url}/window/run")
    await page.locator("[name=quantity]").fill("0")
    await page.get_by_role("button", name="Send").click()
    await is_told(page, "Line 1: units must be a number from 1 on.")
    await page.locator("[name=quantity]").fill("1")
    await page.locator("[name=price]").fill("much")
    await page.get_by_role("button", name="Send").click()
    await is_told(page, "Line 1: the price must be a number.")
    await page.get_by_role("button", name="Remove this line").click()
    await page.locator("[name=attributes]").fill("[]")
    await page.get_by_role("button", name="Send").click()
    await is_told(page, "The attributes must be a JSON object")
    assert (await ask(sandbox_url, "requests"))["total"] == 0
    await page.locator("[name=attributes]").fill("")
    await page.locator("[name=profile]").fill("x" * 2000)
    await page.get_by_role("button", name="Send").click()
    await page.locator("[data-result] .status.warn", has_text="400").wait_for()


@pytest.mark.parametrize(
    ("view", "buttons"), [("run", ["Send", "Dry run"]), ("campaigns", ["Save"]), ("control", ["Set", "Add"])]
)
async def test_a_form_waits_for_its_script(page, sandbox_url, view, buttons):
    """A form cannot be sent before its script is there: the browser would put all of it into the address."""
    gate = asyncio.Event()

    async def be_late(route):
        await gate.wait()
        await route.continue_()

    await page.route("**/window.js", be_late)
    await page.goto(f"{sandbox_url}/window/{view}", wait_until="commit")
    found = [page.get_by_role("button", name=name, exact=True) for name in buttons]
    assert [await button.is_enabled() for button in found] == [False] * len(buttons)
    gate.set()
    await page.wait_for_load_state()
    assert [await button.is_enabled() for button in found] == [True] * len(buttons)


async def test_session_by_hand_meets_faults(page, sandbox_url):
    """A session by hand says so if there was no response, not even to what a browser sends again by itself."""
    await page.goto(f"{sandbox_url}/window/control")
    await page.locator("[name=fault]").select_option("dropAfterCommit")
    await page.locator("[name=when]").select_option("every")
    await page.get_by_role("button", name="Add", exact=True).click()
    await is_told(page, "Added.")
    await page.get_by_role("link", name="Run a session").click()
    await page.get_by_role("button", name="Send").click()
    await is_told(page, "There was no response.")


async def test_campaigns_are_edited(page, sandbox_url, client):
    """A mistake in the campaign file is told with its place, which is selected; what is saved counts at once."""
    await buy(client)
    await page.goto(f"{sandbox_url}/window/campaigns")
    file = page.locator("[name=file]")
    content = await file.input_value()
    selected = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"
    for wrong, place, marked in (
        (
            content.replace('"cartTotal", "atLeast": 20', '"cartTotel", "atLeast": 20'),
            "campaigns[1].rules",
            '"cartTotel"',
        ),
        (content.replace('"usageLimit": 1', '"usageLimit": "1"'), "campaigns[1].coupons[0].usageLimit", '"1"'),
        (content.replace('"id": 1,\n      "name": "Summer"', '"name": "Summer"'), "campaigns[0].id", None),
        (content[:-2] + "!", "line", None),
    ):
        await file.fill(wrong)
        await page.get_by_role("button", name="Save").click()
        await is_told(page, place)
        assert marked is None or await file.evaluate(selected) == marked
        await page.get_by_role("button", name="Take the changes back").click()
    await file.fill(content.replace('"atLeast": 20', '"atLeast": 2'))
    await file.press("Control+s")
    await is_told(page, "Saved.")
    await page.locator("dd", has_text="cartTotal: atLeast 2").first.wait_for()
    state = await buy(client)
    assert [effect.effect_type for effect in state.effects][:2] == ["acceptCoupon", "setDiscount"]
    assert (await ask(sandbox_url, "state"))["profiles"] == 1


async def test_changes_of_campaigns_are_not_lost(page, sandbox_url):
    """Changes that are not saved stay while others save theirs, are left only if one agrees, and can be taken back."""
    await page.goto(f"{sandbox_url}/window/campaigns")
    await page.locator("[data-connection].on").wait_for()
    file = page.locator("[name=file]")
    await file.fill("mine")
    async with httpx.AsyncClient(trust_env=False) as http_client:
        await http_client.put(f"{sandbox_url}/sandbox/campaigns", json={"campaigns": [{"id": 1, "name": "Theirs"}]})
    await page.locator("h2", has_text="Theirs").wait_for()
    assert await file.input_value() == "mine"
    asked = []

    async def stay(dialog):
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.get_by_role("link", name="Coupons").click()
    await page.get_by_role("button", name="Take the changes back").click()
    assert asked == ["beforeunload"]
    assert "Theirs" in await file.input_value()
    await page.get_by_role("link", name="Coupons").click()
    await page.wait_for_url("**/window/coupons")


async def test_clock_is_set(page, sandbox_url):
    """The clock is moved, set and brought back, and each page shows it."""
    await page.goto(f"{sandbox_url}/window/control")
    await page.get_by_role("button", name="1 day later").click()
    await is_told(page, "Set.")
    await page.locator(".foot .set").wait_for()
    await page.locator("[name=now]").fill("2031-02-03T04:05:06")
    await page.get_by_role("button", name="Set", exact=True).click()
    await page.locator(".foot time", has_text="2031-02-03 04:05").wait_for()
    assert (await ask(sandbox_url, "clock"))["now"].startswith("2031-02-03T04:05")
    await page.get_by_role("button", name="Real time").click()
    await page.get_by_text("It is the machine's.").wait_for()
    assert (await ask(sandbox_url, "clock"))["isSet"] is False


async def test_faults_are_added_and_removed(page, sandbox_url, client):
    """A fault that is added meets the next calls, is counted as played, and can be removed before."""
    await page.goto(f"{sandbox_url}/window/control")
    await page.locator("[name=fault]").select_option("status503")
    await page.locator("[name=number]").fill("2")
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.locator("td", has_text="1, 2").wait_for()
    with pytest.raises(ServerError):
        await buy(client)
    await page.get_by_text("1 time", exact=True).wait_for()
    await page.get_by_role("button", name="Remove status503 of updateCustomerSessionV2").click()
    await page.get_by_text("No fault is to be played.").wait_for()
    await buy(client)


async def test_reset_asks_first(page, sandbox_url, client):
    """A reset is made only if it is confirmed, and then the sandbox is as it was at its start."""
    await buy(client)
    await page.goto(f"{sandbox_url}/window/control")
    await page.get_by_role("button", name="Reset the sandbox").click()
    await page.get_by_role("button", name="Keep it").click()
    assert (await ask(sandbox_url, "state"))["profiles"] == 1
    await page.get_by_role("button", name="Reset the sandbox").click()
    await page.get_by_role("button", name="Reset", exact=True).click()
    await is_told(page, "The sandbox is as at its start.")
    assert (await ask(sandbox_url, "state"))["profiles"] == 0
    await page.locator("nav a", has_text="Sessions0").wait_for()


@pytest.mark.parametrize("language", ["Python", "curl"])
async def test_copied_program_runs(page, sandbox_url, client, tmp_path, language):
    """A program that is copied from the page does what the request did."""
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await buy(client, 'it\'s "cart"/17 $HOME')
    await page.goto(f"{sandbox_url}/?number=1")
    await page.get_by_role("button", name=f"Copy as {language}").click()
    await page.get_by_role("button", name="Copied").wait_for()
    program = tmp_path / "program"
    program.write_text(await page.evaluate("navigator.clipboard.readText()"), encoding="utf-8")
    status, output = await run(sys.executable if language == "Python" else "bash", str(program))
    assert status == 0, output
    assert "rejectCoupon" in output
    first, second = [await ask(sandbox_url, f"requests/{number}") for number in (1, 2)]
    same = ("method", "path", "query", "operationId", "status")
    assert {name: second[name] for name in same} == {name: first[name] for name in same}
    assert second["request"]["json"] == first["request"]["json"]
