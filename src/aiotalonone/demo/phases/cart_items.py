"""A cart as the API takes it."""

from aiotalonone.demo.basket import CartLine
from aiotalonone.demo.dataset import Dataset
from aiotalonone.demo.scenario import Checkout
from aiotalonone.models import CartItem


def cart_items_of(checkout: Checkout, dataset: Dataset) -> list[CartItem]:
    """The basket's lines, with what the shop says of their products."""
    return [_cart_item(line, dataset) for line in checkout.lines]


def _cart_item(line: CartLine, dataset: Dataset) -> CartItem:
    item = CartItem(sku=line.sku, quantity=line.quantity, price=line.price)
    product = dataset.products.get(line.sku)
    if product is not None:
        item.name, item.category = product.name, product.category
        item.attributes = {"brand": product.brand}
    return item
