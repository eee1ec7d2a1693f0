import re
from contextlib import suppress
from datetime import datetime

import click
import httpx
import pytest

from aiotalonone.sandbox import SHOP, Fault
from aiotalonone.sandbox.serving.lines import notice_line, printable, request_line
from tests.sandbox.support import campaign, rule

NOW = datetime(2026, 3, 4, 9, 8, 7)  # noqa: DTZ001 - a terminal shows local time
CART = [{"sku": "apple", "quantity": 3, "price": 1.2}]


def styled(shop, width=None):
    """Return the line of the last request."""
    return request_line(shop.sandbox.requests[-1], NOW).fitted(width)


def line(shop, width=None):
    """Return the line of the last request as plain text, without its duration."""
    return re.sub(r" +\d+(\.\d)? (ms|s) ", " * ", click.unstyle(styled(shop, width)))


@pytest.fixture
def shop(open_shop):
    return open_shop(SHOP)


async def test_line_has_the_effects(shop):
    """The line of a session has time, method, status, path, and each effect in short."""
    await shop.put_session("cart-17", profileId="c-1", couponCodes=["SUMMER", "WINTER"], cartItems=CART)
    assert line(shop) == (
        "09:08:07  PUT     200 *  /v2/customer_sessions/cart-17  acceptCoupon SUMMER · setDiscount Summer 0.36 · "
        "rejectCoupon WINTER (CouponNotFound) · addLoyaltyPoints Purchase 3.6"
    )


async def test_line_without_effects_ends_with_the_path(shop):
    """The line of a request that has no effects ends with its path and query, as they were sent."""
    await shop.put_profile("c 1")
    assert line(shop) == "09:08:07  PUT     200 *  /v2/customer_profiles/c%201?runRuleEngine=true"


async def test_line_says_what_is_not_stored(shop):
    """A dry call and a replayed response are told."""
    await shop.try_session("s", cartItems=CART)
    assert line(shop).endswith("?dry=true  dry run")
    for _ in range(2):
        await shop.http.put("/v2/customer_profiles/c-1", json={}, headers={"Idempotency-Key": "k"})
    assert line(shop).endswith("/v2/customer_profiles/c-1  replayed")


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("GET", "/v1/nothing", None, "404 *  /v1/nothing  Resource not found"),
        ("GET", "/v1/customer_profiles/c-1/inventory", None, "404 *  {path}  Customer profile not found"),
        ("POST", "/v2/customer_profiles/c-1", None, "405 *  {path}  Method not allowed"),
        (
            "PUT",
            "/v2/customer_profiles/c-1",
            {"attributes": 1},
            "400 *  {path}  Invalid type. Expected: object, given: integer (/attributes)",
        ),
        (
            "PUT",
            "/v2/customer_profiles/c-1?dry=perhaps",
            {},
            "400 *  {path}  Invalid type: dry must be true or false (dry)",
        ),
    ],
)
async def test_line_has_the_error(shop, method, path, body, told):
    """The line of an error has its title, its details and its place, or its message if it has no more."""
    await shop.http.request(method, path, json=body)
    assert line(shop).endswith(told.format(path=path))


async def test_line_of_an_invalid_key_shows_no_key(shop):
    """The line of a request with an invalid key says so, and no line has a key."""
    await shop.http.get("/v1/customer_profiles/c/inventory", headers={"Authorization": "ApiKey-v1 open-sesame"})
    assert line(shop).endswith("401 *  /v1/customer_profiles/c/inventory  Invalid API key")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault.STATUS_503, "503 *  {path}  fault status503 · Service unavailable"),
        (Fault.STATUS_307, "307 *  {path}  fault status307"),
        (Fault.NOT_JSON, "200 *  {path}  fault notJson"),
        (Fault.RESET, "--- *  {path}  fault reset · no response"),
        (Fault.DROP_AFTER_COMMIT, "--- *  {path}  fault dropAfterCommit · no response"),
    ],
)
async def test_line_has_the_fault(shop, fault, told):
    """The line of a request that met a fault has its name, and says if there was no response."""
    shop.sandbox.faults.add("updateCustomerProfileV2", fault, calls=(1,))
    path = "/v2/customer_profiles/c-1"
    with suppress(OSError, httpx.HTTPError):
        await shop.http.put(path, json={})
    assert line(shop).endswith(told.format(path=path))


async def test_lines_hold_no_more_than_some_effects(open_shop):
    """Of many effects the line has the first, and the number of the others."""
    effects = [{"type": "setDiscount", "name": f"d{number}", "value": 0.01} for number in range(20)]
    shop = open_shop(campaign(rule([], *effects)))
    await shop.put_session("s", cartItems=CART)
    assert line(shop).endswith("setDiscount d6 0.01 · setDiscount d7 0.01 · and 12 more")


async def test_lines_hold_no_more_than_some_text(shop):
    """A path as long as an ID may be is cut, and so is the text of an effect."""
    await shop.put_session("s" * 5000, couponCodes=["C" * 90], cartItems=CART)
    assert len(line(shop)) < 400
    assert f"/v2/customer_sessions/{'s' * 98}…  rejectCoupon CCC" in line(shop)


async def test_lines_do_nothing_to_a_terminal(open_shop):
    """Control characters, marks of direction and line breaks in what a request holds are spelled out."""
    title = "a\x1b[2Jb\r\nc\u202ed\x07e\x9b1mf"
    shop = open_shop(
        campaign(rule([], {"type": "showNotification", "title": title, "body": "", "notificationType": "Info"}))
    )
    await shop.put_session("s", cartItems=CART)
    assert line(shop).endswith(r"showNotification a\x1b[2Jb\r\nc\u202ed\x07e\x9b1mf")
    assert printable("p\udcffq\u2028r") == r"p\udcffq\u2028r"


async def test_statuses_have_colors(shop):
    """A status has the color of its kind."""
    shop.sandbox.faults.add("updateCustomerProfileV2", Fault.STATUS_503, calls=(1,))
    colors = {}
    for path in ("/v2/customer_profiles/c-1", "/v2/customer_profiles/c-2", "/v2/nothing"):
        status = (await shop.http.put(path, json={})).status_code
        colors[status] = re.search(rf"\x1b\[(\d+)m\x1b\[1m{status}\x1b\[0m", styled(shop))[1]
    assert colors == {503: "31", 200: "32", 404: "33"}


async def test_long_lines_break_between_effects(shop):
    """On a terminal that is too narrow, effects have lines of their own below the path, as wide as fits."""
    await shop.put_session("cart-17", profileId="c-1", couponCodes=["SUMMER", "WINTER"], cartItems=CART)
    assert line(shop, 400) == line(shop)
    first, *below = click.unstyle(styled(shop, 90)).splitlines()
    assert first.endswith("  /v2/customer_sessions/cart-17")
    assert {part[: first.index("/")] for part in below} == {" " * first.index("/")}
    assert [part.strip() for part in below] == [
        "acceptCoupon SUMMER · setDiscount Summer 0.36",
        "rejectCoupon WINTER (CouponNotFound)",
        "addLoyaltyPoints Purchase 3.6",
    ]


async def test_long_errors_break_between_words(shop):
    """On a terminal that is too narrow for an error, each of its lines is below the path, in its color."""
    await shop.put_session("s", state="open")
    await shop.http.put("/v2/customer_sessions/s", json={"customerSession": {"state": "closd"}})
    first, *below = styled(shop, 80).splitlines()
    plain = [click.unstyle(part) for part in below]
    assert len(below) > 1
    assert max(map(len, plain)) <= 80
    assert {len(part) - len(part.lstrip()) for part in plain} == {click.unstyle(first).index("/")}
    assert line(shop).endswith(" ".join(part.strip() for part in plain))
    assert all(part.strip().startswith("\x1b[33m") for part in below)


async def test_very_narrow_terminals_break_lines_themselves(shop):
    """On a terminal without room beside the path a line is left as it is."""
    await shop.put_session("cart-17", profileId="c-1", couponCodes=["SUMMER", "WINTER"], cartItems=CART)
    assert line(shop, 40) == line(shop)


@pytest.mark.parametrize(
    ("milliseconds", "told"),
    [(0.04, " 0.0 ms"), (9.94, " 9.9 ms"), (10, "  10 ms"), (999, " 999 ms"), (12345, " 12.3 s")],
)
async def test_durations_have_one_width(shop, milliseconds, told):
    """Durations are told in milliseconds, long ones in seconds, each in the same width."""
    await shop.put_profile("c-1")
    shop.sandbox.requests[-1].duration_ms = milliseconds
    assert f"200  {told}  /v2/" in click.unstyle(styled(shop))


def test_notices_are_lines():
    """What else happens has a line with its time."""
    assert click.unstyle(notice_line("the clock\nis set", NOW).fitted(None)) == r"09:08:07  the clock\nis set"
