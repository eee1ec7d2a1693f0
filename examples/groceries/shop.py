"""What the shop's catalog, campaigns, achievements and audience must have, computed from the dataset alone."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from examples.groceries import campaigns
from examples.groceries.facts import Fact
from examples.groceries.scenario import Scenario

Expected = Iterator[tuple[Fact, Any]]


def highest_prices(scenario: Scenario) -> dict[str, Decimal]:
    """Return the highest unit price of each product in the replayed baskets, if the shop describes it."""
    baskets = [*scenario.checkouts, *(referral.checkout for referral in scenario.referrals)]
    prices: dict[str, Decimal] = {}
    for line in (line for basket in baskets for line in basket.lines):
        if line.sku in scenario.dataset.products:
            prices[line.sku] = max(line.price, prices.get(line.sku, line.price))
    return prices


def expected_shop(scenario: Scenario) -> Expected:
    """Yield every fact of them."""
    for sku, price in highest_prices(scenario).items():
        yield ("catalog", sku, "best price"), price
    of_coupons = {coupon.campaign_id for coupon in scenario.dataset.coupons.values()}
    yield ("campaigns", "running"), tuple(sorted({*of_coupons, *campaigns.SHOP_CAMPAIGNS}))
    for household, number in Counter(one.household for one in scenario.unmatched_redemptions).items():
        status = "completed" if number >= campaigns.PERSISTENT_REDEMPTIONS else "inprogress"
        yield ("achievement", household), (status, number)
        yield ("achievement", household, "periods"), 1
    for referral in scenario.referrals:
        yield ("neighbour", referral.friend, "belongs to it"), True
        yield ("neighbour", referral.friend, "is marked"), True
        yield ("neighbour", referral.friend, "belongs to it in the end"), False
    yield ("sandbox", "catalog items"), len(scenario.dataset.products)
