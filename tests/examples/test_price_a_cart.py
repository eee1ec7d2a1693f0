from tests.examples.conftest import run


def test_a_cart_is_priced_and_a_return_refunded():
    """The price is explained line by line, then why a code was rejected, and what a return gives back."""
    done = run("price_a_cart.py")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "kettle: 2 x 30.00",
        "  - 5.00 Kettle week (unit 1)",
        "  - 5.00 Kettle week (unit 2)",
        "  = 50.00",
        "tea: 1 x 4.50",
        "  = 4.50",
        "session",
        "  - 6.45 Summer",
        "total: 64.50 - 16.45 = 48.05",
        "free item: filters (A pack of filters)",
        "points: 64.5 Purchase (program 1, active)",
        "coupon SUMMER: accepted",
        "coupon WINTER: rejected, there is no coupon with this code (CouponNotFound)",
        "Pay 48.05; add ['filters'] for nothing",
        "coupon WINTER was rejected: there is no coupon with this code (CouponNotFound)",
        "A kettle comes back: 23.05 is left to pay, so refund 25.00",
    ]
