from tests.examples.conftest import run


async def test_the_cart_is_priced_and_bought(talon_one):
    """The coupon's discount and the rejection of an unknown code are shown, and the purchase is booked."""
    before = await closed_sessions(talon_one)
    done = run("quickstart.py")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "SUMMER is accepted",
        "Summer: 3.78 off",
        "WINTER is rejected: CouponNotFound",
        "Purchase: 37.8 points",
        "Bought: the coupon is redeemed, the points are booked",
    ]
    assert await closed_sessions(talon_one) == before + 1


async def closed_sessions(talon_one) -> int:
    state = await talon_one.request("GET", "/sandbox/state")
    return state["sessions"]["closed"]
