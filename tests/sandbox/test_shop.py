"""The small shop that comes along."""

import pytest

from aiotalonone.sandbox import SHOP
from tests.sandbox.support import effects_of

ITEM = {"sku": "apple", "quantity": 1, "price": 60}


@pytest.fixture
def shop(open_shop):
    return open_shop(SHOP)


@pytest.mark.parametrize(("code", "name", "value"), [("SUMMER", "Summer", 6), ("WELCOME", "Welcome", 5)])
async def test_a_coupon_gives_its_discount(shop, code, name, value):
    """Each coupon of the shop is accepted and gives the discount of its campaign."""
    response = await shop.put_session("cart", profileId="ada", couponCodes=[code], cartItems=[ITEM])
    assert effects_of(response, "acceptCoupon") == [{"value": code}]
    [discount] = effects_of(response, "setDiscount")
    assert (discount["name"], discount["value"]) == (name, value)


async def test_a_friend_pays_less(shop):
    """The referral program makes a code for an advocate, and the friend who enters it gets a discount."""
    response = await shop.http.post("/v1/referrals", json={"campaignId": 3, "advocateProfileIntegrationId": "ada"})
    code = response.raise_for_status().json()["code"]
    response = await shop.put_session("cart", profileId="mary", referralCode=code, cartItems=[ITEM])
    assert effects_of(response, "acceptReferral") == [{"value": code}]
    assert [discount["name"] for discount in effects_of(response, "setDiscount")] == ["Friend"]


async def test_a_large_cart_gets_points_and_a_free_item(shop):
    """A cart earns a point for each unit of money, and from 50 on a tote bag comes with it."""
    response = await shop.put_session("cart", profileId="ada", cartItems=[ITEM])
    assert [points["value"] for points in effects_of(response, "addLoyaltyPoints")] == [60]
    assert [item["sku"] for item in effects_of(response, "addFreeItem")] == ["tote-bag"]
