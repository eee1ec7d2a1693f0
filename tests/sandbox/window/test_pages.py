import re
from itertools import pairwise

import pytest

from aiotalonone.sandbox import SHOP
from aiotalonone.sandbox.window.app import STATIC
from aiotalonone.sandbox.window.views import VIEWS

ADDRESSES = ["/", *(f"/window/{name}" for name in VIEWS)]
CART = [{"sku": "apple", "quantity": 3, "price": 1.2}]
PROBE = "\"><probe onload=x>'<!--<script>alert(1)</script>&amp;\u202e\x1b]8;;\x07{{ 7*7 }}"


@pytest.fixture
def small_shop(open_shop):
    return open_shop(SHOP)


@pytest.mark.parametrize("address", ADDRESSES)
async def test_page_runs_nothing_but_its_own_script(small_shop, look, address):
    """Each page forbids all but its own script and style, has no other in it, and may not be framed or kept."""
    page = await look(small_shop, address)
    headers = (await small_shop.http.get(address)).headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert [attributes for tag, attributes in page.elements if tag == "script"] == [
        {"type": "module", "src": "/window/static/window.js"}
    ]
    assert not [name for _, attributes in page.elements for name in attributes if re.match("on|style$", name)]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_page_has_no_address_beyond_the_sandbox(small_shop, look, address):
    """Whatever a page loads comes from the sandbox, so that it works offline."""
    page = await look(small_shop, address)
    loaded = [*page.attributes("src"), *(one["href"] for tag, one in page.elements if tag == "link")]
    assert all(source.startswith("/window/static/") for source in loaded)
    for source in loaded:
        assert (await small_shop.http.get(source)).status_code == 200


@pytest.mark.parametrize(
    "address", [*ADDRESSES, "/?number=1", "/window/sessions?id=cart-17", "/window/profiles?id=ada"]
)
async def test_headings_leave_out_no_level(small_shop, look, address):
    """A page starts with a heading of the first level, and none is more than one level below the one before."""
    await small_shop.put_session("cart-17", profileId="ada", couponCodes=["SUMMER"], cartItems=CART)
    page = await look(small_shop, address)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(level - before <= 1 for before, level in pairwise(levels))


def test_static_files_load_nothing_from_elsewhere():
    """Style and script name no address beyond the sandbox, except that of the documentation of SVG."""
    for name, content in STATIC.items():
        addresses = re.findall(rb"https?://[^\"'\s]+", content)
        assert set(addresses) <= {b"http://www.w3.org/2000/svg"}, name
        assert content.count(b"\n") <= 400


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("window.css", "text/css; charset=utf-8"),
        ("window.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_static_file_says_what_it_is(small_shop, address, kind):
    """A static file has its type, so that the browser need not guess it."""
    assert (await small_shop.http.get(f"/window/static/{address}")).headers["content-type"] == kind


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/window", 404),
        ("GET", "/window/nothing", 404),
        ("GET", "/window/static/", 404),
        ("GET", "/window/static/..%2Fapp.py", 404),
        ("GET", "/window/static/../app.py", 404),
        ("POST", "/", 405),
        ("PUT", "/window/campaigns", 405),
        ("HEAD", "/", 200),
    ],
)
async def test_other_addresses_and_methods(small_shop, method, address, status):
    """What the window does not have is a 404, and a method that changes something a 405; both keep its headers."""
    response = await small_shop.http.request(method, address)
    assert response.status_code == status
    assert "content-security-policy" in response.headers


async def test_host_of_a_request_is_text(small_shop):
    """The name that the sandbox is called by is never markup in the page."""
    assert "<probe>" not in (await small_shop.http.get("/", headers={"Host": "<probe>"})).text


async def test_looking_is_not_recorded(small_shop):
    """Looking is not recorded, since nothing is asked of the API."""
    for address in ADDRESSES:
        await small_shop.http.get(address)
    assert small_shop.sandbox.requests == []


async def test_sandbox_without_keys_has_a_window(open_shop, look):
    """A sandbox that accepts no key has a form without one."""
    shop = open_shop(SHOP, api_keys=())
    page = await look(shop, "/window/run")
    assert page.attributes("data-api-key") == [""]


HOSTILE = {
    "audiences": [{"id": 1, "name": PROBE}],
    "loyaltyPrograms": [
        {"id": 5, "name": PROBE, "title": PROBE, "allowSubledger": True, "tiers": [{"name": PROBE, "minPoints": 0}]},
        {
            "id": 6,
            "name": "cards",
            "title": PROBE,
            "cardBased": True,
            "cards": [{"identifier": "card-1"}],
            "points": [{"owner": "card-1", "amount": 1}],
        },
    ],
    "campaigns": [
        {
            "id": 1,
            "name": PROBE,
            "coupons": [{"value": PROBE, "recipientIntegrationId": PROBE}],
            "rules": [
                {
                    "name": PROBE,
                    "conditions": [{"type": "couponIsValid"}],
                    "effects": [
                        {"type": "setDiscount", "name": PROBE, "value": 1},
                        {"type": "setDiscountPerItem", "name": PROBE, "value": 0.1, "skus": [PROBE]},
                        {"type": "addFreeItem", "sku": PROBE, "name": PROBE},
                        {"type": "addLoyaltyPoints", "programId": 5, "subLedgerId": PROBE, "name": PROBE, "value": 5},
                        {"type": "updateAttribute", "path": "profile.attributes.x", "value": PROBE},
                    ],
                },
                {"name": PROBE, "conditions": [{"type": "profileAttribute", "name": PROBE, "equals": PROBE}]},
            ],
        }
    ],
}


async def test_texts_of_requests_are_never_markup(open_shop, look):
    """No text of a request or of the campaign file is markup in a page; hidden characters are only where one edits."""
    shop = open_shop(HOSTILE)
    path = f"/v2/customer_sessions/{PROBE.encode().hex()}"
    await shop.http.put(
        "/v2/customer_profiles/x", json={"audiencesChanges": {"adds": [1], "deletes": []}, "attributes": {"a": PROBE}}
    )
    session = {
        "profileId": PROBE,
        "couponCodes": [PROBE, f"no {PROBE}"],
        "referralCode": PROBE,
        "cartItems": [{"sku": PROBE, "quantity": 1, "price": 9, "name": PROBE, "attributes": {PROBE: PROBE}}],
        "additionalCosts": {PROBE: {"price": 1}},
        "attributes": {PROBE: PROBE},
        "state": "closed",
    }
    session_id = "%22%3E%3Cprobe%20onload%3Dx%3E%E2%80%AE%1B%5B0m"
    for address in (path, f"/v2/customer_sessions/{session_id}?x={session_id}", f"/v1/{session_id}"):
        await shop.http.put(address, json={"customerSession": session})
    await shop.http.post("/v1/coupon_reservations/x", json={"integrationIDs": [PROBE]}, headers={"X": "<probe>"})
    await shop.http.request("<PROBE>", "/v1/x")
    assert len(shop.sandbox.state.sessions) == 2
    addresses = [
        *(f"/?number={one.number}" for one in shop.sandbox.requests),
        *(f"/window/sessions?id={one}" for one in (session_id, path.rpartition("/")[2], "%3Cprobe%3E")),
        *(f"/window/{view}?id={session_id}&number=1&operation=%3Cprobe%3E&start=%3Cprobe%3E" for view in VIEWS),
        f"/window/profiles?id={shop.http.build_request('GET', '/', params={'q': PROBE}).url.query.decode()[2:]}",
        "/?operation=%22%3E%3Cprobe%3E",
    ]
    for address in addresses:
        page = await look(shop, address)
        assert not [tag for tag, _ in page.elements if tag == "probe"]
        assert [tag for tag, _ in page.elements].count("script") == 1
        assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
        is_edited = address.startswith(("/window/run", "/window/campaigns"))
        assert is_edited or not re.search("[\u202e\x07\x1b]", page.markup)
