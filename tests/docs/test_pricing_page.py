"""The page on prices names every effect, and where it goes."""

import re
from pathlib import Path

from attrs import fields

from aiotalonone.models.effects import EFFECT_PROPS
from aiotalonone.pricing import PricedCart, PricedLine, price
from tests.support.effects import ALL_SAMPLES

PAGE = (Path(__file__).parents[2] / "docs" / "pricing.md").read_text(encoding="utf-8")


def effect_rows():
    """Return where each type of effect goes, as the table says, and what to do with it."""
    [table] = re.findall(r"^\| effect \| price \|.*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    rows = re.findall(r"^\| (`.*?`) \| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    return {name: (place, advice) for cell, place, advice in rows for name in re.findall(r"`(\w+)`", cell)}


def test_the_table_has_every_effect():
    """Each type of effect that the models know has a row, roll-backs included."""
    assert set(effect_rows()) == set(EFFECT_PROPS)


def test_the_table_says_where_each_effect_goes():
    """An effect goes to the list that its row names."""
    cart = [{"sku": "tea", "quantity": 1, "price": 10, "additionalCosts": {"wrapping": 1}}]
    for given in ALL_SAMPLES:
        priced = price(cart, [given], additional_costs={"shipping": 4})
        place, _ = effect_rows()[given["effectType"]]
        assert len(getattr(priced, place)) == 1, given["effectType"]


def test_every_member_of_a_priced_cart_is_named():
    """The table of members has each one that a priced cart has, and the row of lines each one of a line."""
    [table] = re.findall(r"^\| member \|.*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"`(\w+)`", table))
    members = {one.name for kind in (PricedCart, PricedLine) for one in fields(kind)}
    assert members | {"explanation"} <= named
