import pytest

from tests.sandbox.support import problem

LINE = {"sku": "x", "quantity": 1}


@pytest.mark.parametrize(
    ("session", "place"),
    [
        ({"cartItems": [LINE] * 1001}, "/cartItems"),
        ({"cartItems": [{"sku": "x", "quantity": 5000}, {"sku": "y", "quantity": 5001}]}, "/cartItems"),
        ({"identifiers": ["1", "2", "3", "4", "5", "6"]}, "/identifiers"),
        ({"loyaltyCards": ["card-1", "card-2"]}, "/loyaltyCards"),
        ({"couponCodes": ["fine", "x" * 101]}, "/couponCodes/1"),
        ({"referralCode": "x" * 101}, "/referralCode"),
        ({"profileId": "x" * 1001}, "/profileId"),
        ({"cartItems": [LINE, {"sku": "x", "quantity": 0}]}, "/cartItems/1/quantity"),
        ({"cartItems": [{"sku": "", "quantity": 1}]}, "/cartItems/0/sku"),
        ({"cartItems": [{"quantity": 1}]}, "/cartItems/0/sku"),
        ({"cartItems": [LINE | {"price": "1.99"}]}, "/cartItems/0/price"),
        ({"cartItems": "x"}, "/cartItems"),
        ({"state": "paid"}, "/state"),
        ({"attributes": []}, "/attributes"),
    ],
)
async def test_session_beyond_its_limits_is_rejected(shop, session, place):
    """A session with a member beyond its limit is a 400 with the place, and nothing is stored."""
    response = await shop.http.put("/v2/customer_sessions/s", json={"customerSession": session})
    assert problem(response)[::2] == (400, place)
    assert shop.sandbox.state.sessions == {}


async def test_session_at_its_limits_is_stored(shop):
    """A session that reaches every limit is stored."""
    session = {
        "cartItems": [{"sku": "x", "quantity": 10}] * 1000,
        "identifiers": ["1", "2", "3", "4", "5"],
        "loyaltyCards": ["card-1"],
        "couponCodes": ["x" * 100],
        "profileId": "x" * 1000,
    }
    response = await shop.http.put("/v2/customer_sessions/s", json={"customerSession": session})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/v1/coupon_reservations/SPRING", {"integrationIDs": ["a"] * 1001}, "/integrationIDs"),
        ("/v1/coupon_reservations/SPRING", {}, "/integrationIDs"),
        (
            "/v2/customer_audiences",
            {"data": [{"action": "add", "profileIntegrationId": "a", "audienceId": 1}] * 1001},
            "/data",
        ),
        (
            "/v1/referrals_for_multiple_advocates",
            {"campaignId": 30, "usageLimit": 1, "advocateProfileIntegrationIds": ["a"] * 1001},
            "/advocateProfileIntegrationIds",
        ),
    ],
)
async def test_list_has_at_most_1000_entries(shop, path, body, place):
    """Reservations, audience actions and advocates are limited to 1,000 per request."""
    assert problem(await shop.http.post(path, json=body))[::2] == (400, place)
