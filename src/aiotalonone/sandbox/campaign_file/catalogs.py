"""The catalogs of the campaign file."""

from datetime import datetime

from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.state.catalog_items import read_adjustments, read_product
from aiotalonone.sandbox.state.catalogs import Catalog, CatalogItem
from aiotalonone.sandbox.state.entities import APPLICATION_ID
from aiotalonone.sandbox.validation import JsonObject


def add_catalogs(state: State, members: JsonObject, now: datetime) -> None:
    """Add the catalogs of a campaign file, with their items."""
    for entry in members.objects("catalogs"):
        catalog = _catalog(entry, now)
        if catalog.id in state.catalogs:
            raise entry.error("id", f"catalog {catalog.id} exists already")
        users = {application: one.id for one in state.catalogs.values() for application in one.applications}
        if other := next((users[application] for application in catalog.applications if application in users), None):
            text = f"the Application has catalog {other} already, [] leaves it as it is"
            raise entry.error("subscribedApplicationsIds", text)
        state.catalogs[catalog.id] = catalog
        for item_entry in entry.objects("items"):
            _add_item(state, catalog, item_entry, now)


def _catalog(members: JsonObject, now: datetime) -> Catalog:
    is_named = "subscribedApplicationsIds" in members
    return Catalog(
        id=members.required_integer("id", minimum=1),
        created=now,
        modified=now,
        name=members.required_text("name"),
        description=members.text("description") or "",
        applications=tuple(members.integers("subscribedApplicationsIds")) if is_named else (APPLICATION_ID,),
    )


def _add_item(state: State, catalog: Catalog, members: JsonObject, now: datetime) -> None:
    sku = members.required_text("sku")
    if (catalog.id, sku) in state.catalog_items:
        raise members.error("sku", f"item {sku!r} exists already")
    state.last_ids["catalogItem"] += 1
    item = CatalogItem(state.last_ids["catalogItem"], catalog.id, sku, members.mapping("attributes"))
    item.product = read_product(members)
    price = members.amount("price")
    if price is not None:
        item.set_price(price, now)
    if "adjustments" in members:
        item.adjust(read_adjustments(members, now))
    state.catalog_items[catalog.id, sku] = item
