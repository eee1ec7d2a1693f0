from decimal import Decimal

from examples.groceries.shop import expected_shop, highest_prices


def test_highest_prices_are_those_of_the_baskets(scenario):
    """A product that was bought at several prices has the highest; one that the shop does not describe is left out."""
    assert highest_prices(scenario) == {
        "10": Decimal("120.00"),
        "11": Decimal("2.00"),
        "12": Decimal("0.40"),
        "13": Decimal("25.10"),
        "14": Decimal("0.34"),
    }


def test_facts_of_the_corner_shop(scenario):
    """Household 1 handed in two coupons without a purchase, three are needed; friends are grouped for a while."""
    facts = dict(expected_shop(scenario))
    assert facts["catalog", "14", "best price"] == Decimal("0.34")
    assert facts["campaigns", "running"] == (1, 2, *range(101, 110))
    assert facts["achievement", "1"] == ("inprogress", 2)
    assert facts["neighbour", "4", "belongs to it"]
    assert not facts["neighbour", "4", "belongs to it in the end"]
    assert facts["sandbox", "catalog items"] == 5
