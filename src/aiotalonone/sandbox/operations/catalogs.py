"""Catalogs: their items added, changed and removed."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from operator import ge, gt, le, lt
from typing import Any

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import not_found
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.operations.parsing import merge, read_attributes
from aiotalonone.sandbox.rendering.entities import ACCOUNT_ID, USER_ID
from aiotalonone.sandbox.state.catalog_items import read_adjustments, read_product
from aiotalonone.sandbox.state.catalogs import Catalog, CatalogItem
from aiotalonone.sandbox.validation import (
    INVALID,
    MAX_CATALOG_ACTIONS,
    NOT_ONE_OF,
    TOO_FEW,
    UNKNOWN,
    JsonObject,
    is_number,
    to_decimal,
)

Matches = Callable[[CatalogItem], bool]

COMPARISONS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {"LT": lt, "LE": le, "GT": gt, "GE": ge}
OPERATORS = ("EQ", *COMPARISONS, "IN")


@operation("syncCatalog", "PUT", "/v1/catalogs/{catalogId}/sync", bare_400=True)
def sync_catalog(context: Context, request: Request) -> Response:
    """Carry out actions of one type on a catalog; one that cannot be carried out fails them all."""
    catalog = context.draft.catalogs.get(request.path_integer("catalogId"))
    if catalog is None:
        raise not_found("Catalog")
    catalog = context.draft.catalogs.edit(catalog.id)
    perform, payloads = _read_actions(request.body)
    version = request.body.integer("version", minimum=1)
    if version is not None and version != catalog.version:
        raise request.body.error("version", f"must be {catalog.version}, the version of the catalog")
    for payload in payloads:
        perform(context, catalog, payload)
    catalog.version += 1
    catalog.modified = context.draft.now
    return Response(200, catalog_json(catalog))


def catalog_json(catalog: Catalog) -> dict[str, Any]:
    """Return a Catalog."""
    return {
        "id": catalog.id,
        "created": catalog.created,
        "accountId": ACCOUNT_ID,
        "modified": catalog.modified,
        "name": catalog.name,
        "description": catalog.description,
        "subscribedApplicationsIds": catalog.applications,
        "version": catalog.version,
        "createdBy": USER_ID,
    }


Perform = Callable[[Context, Catalog, JsonObject], None]


def _read_actions(body: JsonObject) -> tuple[Perform, list[JsonObject]]:
    """Read actions, which have one type and name each SKU once."""
    if "actions" not in body:
        raise body.missing("actions")
    actions = body.objects("actions", max_items=MAX_CATALOG_ACTIONS)
    if not actions:
        raise body.error("actions", "must have at least 1 entry", TOO_FEW)
    types = [_type(action) for action in actions]
    skus: set[str] = set()
    payloads = []
    for action, kind in zip(actions, types, strict=True):
        if kind != types[0]:
            raise action.error("type", f"must be {types[0]}, as of the first action", NOT_ONE_OF)
        payload = action.required_object("payload")
        if kind not in MANY:
            sku = payload.required_text("sku")
            if sku in skus:
                raise payload.error("sku", "must be unique in a request")
            skus.add(sku)
        payloads.append(payload)
    return ACTIONS[types[0]], payloads


def _type(action: JsonObject) -> str:
    kind = action.choice("type", tuple(ACTIONS))
    if kind is None:
        raise action.missing("type")
    return kind


def _add(context: Context, catalog: Catalog, payload: JsonObject) -> None:
    replaces = payload.flag("replaceIfExists")
    held = _find(context, catalog, payload)
    if held is not None and not replaces:
        raise payload.error("sku", "exists already")
    item = _create(context, catalog, payload) if held is None else _edit(context, catalog, held)
    item.attributes = {}
    _change(context, item, payload)
    item.product = read_product(payload)


def _patch(context: Context, catalog: Catalog, payload: JsonObject) -> None:
    creates = payload.flag("createIfNotExists")
    held = _find(context, catalog, payload)
    if held is None and not creates:
        raise _unknown(payload)
    item = _create(context, catalog, payload) if held is None else _edit(context, catalog, held)
    _change(context, item, payload)
    item.product = read_product(payload)


def _patch_many(context: Context, catalog: Catalog, payload: JsonObject) -> None:
    for held in _matching(context, catalog, payload):
        _change(context, _edit(context, catalog, held), payload)


def _remove(context: Context, catalog: Catalog, payload: JsonObject) -> None:
    held = _find(context, catalog, payload)
    if held is not None:
        context.draft.catalog_items.remove((catalog.id, held.sku))


def _remove_many(context: Context, catalog: Catalog, payload: JsonObject) -> None:
    for held in _matching(context, catalog, payload):
        context.draft.catalog_items.remove((catalog.id, held.sku))


def _add_price_adjustment(context: Context, catalog: Catalog, payload: JsonObject) -> None:
    held = _find(context, catalog, payload)
    if held is None:
        raise _unknown(payload)
    _edit(context, catalog, held).adjust(read_adjustments(payload, context.draft.now))


MANY: Mapping[str, Perform] = {"PATCH_MANY": _patch_many, "REMOVE_MANY": _remove_many}
ACTIONS: Mapping[str, Perform] = {
    "ADD": _add,
    "PATCH": _patch,
    "REMOVE": _remove,
    "ADD_PRICE_ADJUSTMENT": _add_price_adjustment,
    **MANY,
}


def _find(context: Context, catalog: Catalog, payload: JsonObject) -> CatalogItem | None:
    return context.draft.catalog_items.get((catalog.id, payload.required_text("sku")))


def _edit(context: Context, catalog: Catalog, item: CatalogItem) -> CatalogItem:
    return context.draft.catalog_items.edit((catalog.id, item.sku))


def _create(context: Context, catalog: Catalog, payload: JsonObject) -> CatalogItem:
    item = CatalogItem(context.draft.next_id("catalogItem"), catalog.id, payload.required_text("sku"))
    return context.draft.catalog_items.add((catalog.id, item.sku), item)


def _change(context: Context, item: CatalogItem, payload: JsonObject) -> None:
    merge(item.attributes, read_attributes(context, payload, "CartItem"))
    price = payload.amount("price")
    if price is not None:
        item.set_price(price, context.draft.now)


def _unknown(payload: JsonObject) -> Exception:
    return payload.error("sku", "names an item that does not exist", UNKNOWN)


def _matching(context: Context, catalog: Catalog, payload: JsonObject) -> list[CatalogItem]:
    """Return the items that fulfil all filters: without filters every item."""
    filters = [_filter(entry) for entry in payload.objects("filters")]
    items = (item for item in context.draft.catalog_items if item.catalog_id == catalog.id)
    return [item for item in items if all(matches(item) for matches in filters)]


def _filter(members: JsonObject) -> Matches:
    attribute = members.required_text("attr")
    name = members.choice("op", OPERATORS)
    if name is None:
        raise members.missing("op")
    if "value" not in members:
        raise members.missing("value")
    value = members.values["value"]
    if name == "EQ":
        return lambda item: _is(item.attributes.get(attribute), value)
    if name == "IN":
        choices = value if isinstance(value, list) else [part.strip() for part in str(value).split(",")]
        return lambda item: any(_is(item.attributes.get(attribute), choice) for choice in choices)
    limit, compare = _number(value), COMPARISONS[name]
    if limit is None:
        raise members.error("value", "must be a number", INVALID)
    return lambda item: is_number(held := item.attributes.get(attribute)) and compare(to_decimal(held), limit)


def _is(held: Any, value: Any) -> bool:
    """Return whether an attribute has a value, which may be the text of a number or of a boolean."""
    if is_number(held):
        return to_decimal(held) == _number(value)
    if isinstance(held, bool):
        return value is held or value == str(held).lower()
    return held is not None and bool(held == value)


def _number(value: Any) -> Decimal | None:
    """Return a number, or that of a text; None if it is neither."""
    try:
        number = Decimal(str(value)) if isinstance(value, str) or is_number(value) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
