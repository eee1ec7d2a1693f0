"""Records of a catalog job: actions on single items, which can be sent again if their response is lost."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final

import attrs

from aiotalonone.bulk.kinds import InvalidRecordError, RecordKind, as_mapping
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.endpoints.catalogs import SYNC_CATALOG

Payload = Mapping[str, Any]


@attrs.frozen
class CatalogActions(RecordKind):
    """Actions on the items of one catalog."""

    catalog_id: int = 0
    """The catalog; 0 where nothing is sent."""

    operation = SYNC_CATALOG
    model = "CatalogAction"
    collection = "actions"
    entity_member = "sku"

    @property
    def destination(self) -> str:
        """The operation and the catalog."""
        return f"{self.operation.operation_id} {self.catalog_id}"

    async def send(self, client: AsyncIntegrationClient, records: Sequence[Any]) -> None:
        """Send actions of one type."""
        await client.catalogs.sync_catalog(self.catalog_id, {self.collection: records})

    def entities(self, records: Sequence[Any]) -> list[str]:
        """Return the SKU of each action.

        Raises:
            InvalidRecordError: An action has no valid SKU, or cannot be sent again, or they have different types.
        """
        actions = [as_mapping(record) for record in records]
        types = {_require_repeatable(action.get("type")) for action in actions}
        if len(types) > 1:
            raise InvalidRecordError("one type of action in a request")
        payloads = [_payload(action) for action in actions]
        if types == {"ADD"} and not all(payload.get("replaceIfExists") is True for payload in payloads):
            raise InvalidRecordError("an ADD needs replaceIfExists: it is sent again if its response is lost")
        skus: list[Any] = [payload.get("sku") for payload in payloads]
        if set(map(type, skus)) != {str} or not all(skus):
            raise InvalidRecordError("sku must be a string that is not empty")
        return skus

    def targets(self, records: Sequence[Any], entities: Sequence[str]) -> Sequence[Hashable]:  # noqa: ARG002
        """Return the SKUs: each action changes one item."""
        return entities

    def group(self, records: Sequence[Any]) -> Hashable:
        """Return the type of the actions."""
        return str(as_mapping(records[0])["type"])

    def merge(self, earlier: Payload, later: Payload) -> Payload:
        """Return one action with the effect of two on the same item."""
        return {**later, "payload": _MERGES[later["type"]](earlier["payload"], later["payload"])}


def _payload(action: Payload) -> Payload:
    payload = action.get("payload")
    if payload is None:
        raise InvalidRecordError("payload is missing")
    return as_mapping(payload)


def _require_repeatable(kind: object) -> str:
    if not isinstance(kind, str) or kind not in _MERGES:
        raise InvalidRecordError(f"type must be one of {', '.join(_MERGES)}")
    return kind


def _replace(earlier: Payload, later: Payload) -> Payload:
    """Keep the earlier price if the later action has none, as the API does."""
    price = earlier.get("price") if later.get("price") is None else later["price"]
    return {**later, **({} if price is None else {"price": price})}


def _patch(earlier: Payload, later: Payload) -> Payload:
    """Merge attribute by attribute; the product is that of the later action, even if that erases it."""
    merged = {**earlier, **{name: value for name, value in later.items() if value is not None}}
    merged["product"] = later.get("product")
    attributes = [payload["attributes"] for payload in (earlier, later) if payload.get("attributes") is not None]
    merged["attributes"] = {name: value for some in attributes for name, value in some.items()} if attributes else None
    merged["createIfNotExists"] = earlier.get("createIfNotExists")
    return {name: value for name, value in merged.items() if value is not None}


def _adjust(earlier: Payload, later: Payload) -> Payload:
    return {**later, "adjustments": [*earlier["adjustments"], *later["adjustments"]]}


_MERGES: Final[Mapping[str, Callable[[Payload, Payload], Payload]]] = {
    "PATCH": _patch,
    "ADD": _replace,
    "REMOVE": lambda _, later: later,
    "ADD_PRICE_ADJUSTMENT": _adjust,
}
"""How two actions of a type on one item are merged."""
