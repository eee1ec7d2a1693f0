"""The page on prices, and the cookbook: every effect is named, and where it goes."""

import re
from pathlib import Path

from attrs import fields

from aiotalonone.models.effects import EFFECT_PROPS
from aiotalonone.pricing import PricedCart, PricedLine, price
from tests.support.effects import ALL_SAMPLES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "pricing.md").read_text(encoding="utf-8")
COOKBOOK = (DOCS / "cookbook.md").read_text(encoding="utf-8")


def effect_rows():
    """Return where each type of effect goes, as the tables say, and what to do with it."""
    tables = "".join(re.findall(r"^\| effect \| price \|.*?\n\n", COOKBOOK, re.DOTALL | re.MULTILINE))
    rows = re.findall(r"^\| (`.*?`) \| `(\w+)` \| (.+) \|$", tables, re.MULTILINE)
    named = [(name, (place, advice)) for cell, place, advice in rows for name in re.findall(r"`(\w+)`", cell)]
    assert len(named) == len(dict(named)), "an effect has two rows"
    return dict(named)


def test_the_tables_have_every_effect():
    """Each type of effect that the models know has one row, roll-backs included."""
    assert set(effect_rows()) == set(EFFECT_PROPS)


def test_the_section_on_rollbacks_has_them_all():
    """A shop finds what it has to undo in one section."""
    section = COOKBOOK.partition("\n## Roll-backs\n")[2]
    rows = re.findall(r"^\| `(\w+)` \| `rollbacks` \|", section, re.MULTILINE)
    assert set(rows) == {name for name in EFFECT_PROPS if name.startswith("rollback")}


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
