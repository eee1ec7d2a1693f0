"""Catalogs of cart items: what to change in one, and the prices that its items had."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import LimitError, length_between, member_of, non_empty, number_at_least
from aiotalonone.models.carts import Product

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = [
    "CATALOG_ACTION_PAYLOADS",
    "AddItemCatalogAction",
    "AddPriceAdjustmentCatalogAction",
    "Catalog",
    "CatalogAction",
    "CatalogActionFilter",
    "CatalogActionPayload",
    "CatalogActionType",
    "CatalogSyncRequest",
    "FilterOperator",
    "NewPriceAdjustment",
    "PatchItemCatalogAction",
    "PatchManyItemsCatalogAction",
    "RemoveItemCatalogAction",
    "RemoveManyItemsCatalogAction",
    "UnknownCatalogActionPayload",
]

CatalogActionType = Literal["ADD", "PATCH", "PATCH_MANY", "REMOVE", "REMOVE_MANY", "ADD_PRICE_ADJUSTMENT"]
"""What an action does to items of a catalog."""

FilterOperator = Literal["EQ", "LT", "LE", "GT", "GE", "IN"]
"""How an attribute is compared: equal, less than, at most, greater than, at least (numbers), one of a list."""


@define(kw_only=True)
class CatalogActionPayload(Model):
    """What an action needs: the base class of the payloads of every type of action."""


@define(kw_only=True)
class AddItemCatalogAction(CatalogActionPayload):
    """An item to add. Schema ``AddItemCatalogAction``."""

    sku: str
    """SKU of the item, once in a request."""
    price: float | Decimal | None = None
    """Price of one unit; an item that is replaced keeps its price without it."""
    attributes: dict[str, Any] | None = None
    """Attributes of the item, all of them: one that is replaced loses the others."""
    product: Product | None = None
    """The product that the item is a variant of; an item that is replaced loses its product without it."""
    replace_if_exists: bool | None = None
    """True replaces an item that exists; without it such an item is an error."""


@define(kw_only=True)
class PatchItemCatalogAction(CatalogActionPayload):
    """An item to change. Schema ``PatchItemCatalogAction``."""

    sku: str
    """SKU of the item, once in a request."""
    price: float | Decimal | None = None
    """New price of one unit; left out, the item keeps its price."""
    attributes: dict[str, Any] | None = None
    """Attributes to set; all others keep their values."""
    product: Product | None = None
    """The product that the item is a variant of; left out, the item loses its product."""
    create_if_not_exists: bool | None = None
    """True adds an item that does not exist; without it such an item is an error."""


@define(kw_only=True)
class CatalogActionFilter(Model):
    """A condition on an attribute of an item. Schema ``CatalogActionFilter``."""

    attr: str
    """Name of the attribute."""
    op: FilterOperator
    """How it is compared; ``LT``, ``LE``, ``GT`` and ``GE`` are for attributes that are numbers."""
    value: Any
    """What it is compared with: a text such as ``45`` for a number too, ``red,blue`` for ``IN``."""


@define(kw_only=True)
class PatchManyItemsCatalogAction(CatalogActionPayload):
    """A change of many items. Schema ``PatchManyItemsCatalogAction``."""

    price: float | Decimal | None = None
    """New price of one unit of each; left out, they keep their prices."""
    filters: list[CatalogActionFilter] | None = None
    """Conditions on the items to change, all of which must hold. Without any, every item of the catalog changes."""
    attributes: dict[str, Any] | None = None
    """Attributes to set; all others keep their values."""


@define(kw_only=True)
class RemoveItemCatalogAction(CatalogActionPayload):
    """An item to remove. Schema ``RemoveItemCatalogAction``."""

    sku: str
    """SKU of the item, once in a request."""


@define(kw_only=True)
class RemoveManyItemsCatalogAction(CatalogActionPayload):
    """Items to remove. Schema ``RemoveManyItemsCatalogAction``."""

    filters: list[CatalogActionFilter] | None = None
    """Conditions on the items to remove, all of which must hold. Without any, the catalog becomes empty."""


@define(kw_only=True)
class NewPriceAdjustment(Model):
    """A price of one type, for some time. Schema ``NewPriceAdjustment``."""

    price_type: str
    """Type of the price, such as ``member``."""
    price: float | Decimal | None = None
    """The price of one unit. A null, ``extra={"price": None}``, ends the price type for the item."""
    reference_id: str = field(validator=non_empty)
    """Your own ID of the adjustment, such as a UUID."""
    calculated_at: datetime | None = None
    """When the price was calculated: the latest of several that overlap counts. Left out, when it was added."""
    effective_from: datetime | None = None
    """From when it holds; left out, at once."""
    effective_until: datetime | None = None
    """Until when it holds; left out, without end."""
    context_id: str | None = None
    """What the adjustment is part of, such as ``SummerSale``."""


@define(kw_only=True)
class AddPriceAdjustmentCatalogAction(CatalogActionPayload):
    """Price adjustments of an item, if price types are enabled. Schema ``AddPriceAdjustmentCatalogAction``."""

    sku: str
    """SKU of the item, once in a request."""
    adjustments: list[NewPriceAdjustment] = field(validator=length_between(1, 100, "adjustments"))
    """The adjustments, 1 to 100."""


@define(kw_only=True)
class UnknownCatalogActionPayload(CatalogActionPayload):
    """The payload of an action that is newer than this version: all of it is in ``extra``."""


CATALOG_ACTION_PAYLOADS: Final[Mapping[str, type[CatalogActionPayload]]] = {
    "ADD": AddItemCatalogAction,
    "PATCH": PatchItemCatalogAction,
    "PATCH_MANY": PatchManyItemsCatalogAction,
    "REMOVE": RemoveItemCatalogAction,
    "REMOVE_MANY": RemoveManyItemsCatalogAction,
    "ADD_PRICE_ADJUSTMENT": AddPriceAdjustmentCatalogAction,
}
"""The class of an action's payload, by its ``type``."""


def _of_its_type(action: Any, attribute: "Attribute[Any]", value: Any) -> None:
    """Check that a payload is that of the action's type; a mapping is checked when it is sent.

    Raises:
        LimitError: It is another type's.
    """
    expected = CATALOG_ACTION_PAYLOADS.get(action.type, CatalogActionPayload)
    if isinstance(value, CatalogActionPayload) and not isinstance(value, (expected, UnknownCatalogActionPayload)):
        raise LimitError(f"{attribute.name}: {expected.__name__} for the type {action.type}")


@define(kw_only=True)
class CatalogAction(Model):
    """A change of one item of a catalog, or of many. Schema ``CatalogAction``."""

    type: CatalogActionType
    """What it does; decides the class of ``payload``."""
    payload: CatalogActionPayload = field(validator=_of_its_type)
    """What it needs, by type of action."""


def _one_type(_: object, attribute: "Attribute[Any]", value: Any) -> None:
    """Check that all actions have one type.

    Raises:
        LimitError: They have several.
    """
    first, *others = (member_of(action, "type") for action in value)
    if any(other != first for other in others):
        raise LimitError(f"{attribute.name}: one type of action in a request")


def _each_sku_once(_: object, attribute: "Attribute[Any]", value: Any) -> None:
    """Check that no two actions name one SKU.

    Raises:
        LimitError: Two do.
    """
    named = [member_of(member_of(action, "payload"), "sku") for action in value]
    skus = [sku for sku in named if isinstance(sku, str)]
    if len(set(skus)) < len(skus):
        raise LimitError(f"{attribute.name}: each SKU once in a request")


@define(kw_only=True)
class CatalogSyncRequest(Model):
    """Changes of a catalog. Schema ``CatalogSyncRequest``."""

    actions: list[CatalogAction] = field(validator=[length_between(1, 1000, "actions"), _one_type, _each_sku_once])
    """The actions, 1 to 1000, all of one type, each SKU in one of them."""
    version: int | None = field(default=None, validator=number_at_least(1))
    """Version of the catalog that the actions are meant for, 1 or more."""


@define(kw_only=True)
class Catalog(Model):
    """A catalog, without its items. Schema ``Catalog``."""

    id: int
    """Talon.One's ID of the catalog."""
    created: datetime
    """When the catalog was made."""
    account_id: int
    """Talon.One account that owns the catalog."""
    modified: datetime
    """When the catalog was last changed."""
    name: str
    """Name of the catalog."""
    description: str
    """What the catalog is for."""
    subscribed_applications_ids: list[int] = field(factory=list)
    """IDs of the Applications that use the catalog."""
    version: int
    """Version of the catalog, which each sync raises."""
    created_by: int
    """ID of the user who made the catalog."""
