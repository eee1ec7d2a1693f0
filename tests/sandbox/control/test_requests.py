"""The requests that were recorded, over HTTP."""

import pytest

from tests.sandbox.support import problem

CART = {"cartItems": [{"sku": "tea", "quantity": 2, "price": 1.5}], "couponCodes": ["SPRING"]}


async def test_requests_are_listed(shop):
    """The newest request comes first, with its effects and without its bodies."""
    await shop.http.get("/v2/customer_sessions/s")
    await shop.http.put("/v2/customer_sessions/s?dry=true", json={"customerSession": CART})
    listed = (await shop.http.get("/sandbox/requests")).json()
    assert (listed["total"], listed["hasMore"]) == (2, False)
    newest, oldest = listed["data"]
    duration = newest.pop("durationMs")
    effects = newest.pop("effects")
    assert newest == {
        "number": 2,
        "time": "2026-01-02T03:04:05Z",
        "method": "PUT",
        "path": "/v2/customer_sessions/s",
        "query": "dry=true",
        "operationId": "updateCustomerSessionV2",
        "dry": True,
        "replayed": False,
        "fault": None,
        "status": 200,
    }
    assert duration > 0
    assert [effect["effectType"] for effect in effects] == ["acceptCoupon", "setDiscountPerItem", "setDiscountPerItem"]
    assert (oldest["number"], oldest["status"], oldest["effects"]) == (1, 400, [])


@pytest.mark.parametrize(
    ("query", "numbers", "has_more"),
    [
        ({"after": 2}, [4, 3], False),
        ({"limit": 3}, [4, 3, 2], True),
        ({"after": 4}, [], False),
        ({}, [4, 3, 2, 1], False),
    ],
)
async def test_requests_are_listed_in_parts(shop, query, numbers, has_more):
    """A caller asks for the requests after one that it knows, and for how many at most."""
    for _ in range(4):
        await shop.http.get("/v2/customer_sessions/s")
    listed = (await shop.http.get("/sandbox/requests", params=query)).json()
    assert ([one["number"] for one in listed["data"]], listed["hasMore"]) == (numbers, has_more)


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 501}, {"limit": "x"}, {"after": -1}])
async def test_a_part_has_limits(shop, query):
    """A limit outside 1 to 500, and a number that is none, are a 400 that names the parameter."""
    assert problem(await shop.http.get("/sandbox/requests", params=query))[::2] == (400, next(iter(query)))


async def test_a_request_is_shown_whole(shop):
    """A request is shown with its headers, bodies and what the rules did."""
    await shop.put_session("s", **CART)
    shown = (await shop.http.get("/sandbox/requests/1")).json()
    assert shown["headers"]["authorization"] == "ApiKey-v1"
    assert shown["request"]["json"]["customerSession"] == CART
    assert (shown["request"]["isCut"], shown["response"]["isCut"]) == (False, False)
    assert shown["response"]["json"]["effects"] == shown["effects"]
    trace = shown["trace"]
    assert (trace["subject"], trace["final"], trace["omittedRules"]) == ("session", False, 0)
    assert trace["codes"] == [
        {
            "kind": "coupon",
            "code": "SPRING",
            "accepted": True,
            "campaignId": 26,
            "rejectionReason": None,
            "reason": None,
        }
    ]
    spring, friends = trace["campaigns"]
    assert (spring["id"], spring["name"]) == (26, "Spring")
    assert spring["rules"] == [
        {
            "index": 0,
            "name": "One off each",
            "fired": True,
            "reason": None,
            "conditionIndex": None,
            "effectIndex": None,
            "code": "SPRING",
        }
    ]
    assert friends["rules"][0]["reason"] == "no referral code of the campaign is entered"
    assert trace["cart"]["total"] == 1


async def test_bodies_that_are_no_json_are_text(shop):
    """A body that is not JSON is shown as text, and one that was cut as far as it is kept."""
    await shop.http.put("/v2/customer_profiles/a", content=b"\xff{")
    await shop.http.put("/v2/customer_profiles/a", json={"attributes": {"long": "x" * 100_000}})
    broken, long = [(await shop.http.get(f"/sandbox/requests/{number}")).json()["request"] for number in (1, 2)]
    assert broken == {"bytes": 2, "isCut": False, "text": "\ufffd{"}
    assert (long["isCut"], len(long["text"]), long["bytes"] > 100_000) == (True, 65_536, True)


@pytest.mark.parametrize(("number", "status"), [("7", 404), ("x", 400)])
async def test_an_unknown_request_is_an_error(shop, number, status):
    """A request that is not recorded is a 404, and a number that is none a 400."""
    assert (await shop.http.get(f"/sandbox/requests/{number}")).status_code == status
