"""Catalogs of cart items, and the prices that these had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiotalonone.endpoints._base import EndpointGroup
from aiotalonone.operation import Operation, RetrySafety

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.models import BestPriorPrice, BestPriorPriceRequest, Catalog, CatalogSyncRequest

_CONVERGENT = frozenset({"PATCH", "PATCH_MANY", "REMOVE", "REMOVE_MANY", "ADD_PRICE_ADJUSTMENT"})


def _adds_new_items(body: Mapping[str, Any]) -> bool:
    """Return whether an action leads to the same state only once: an ADD without ``replaceIfExists``."""
    return any(
        action["type"] not in _CONVERGENT and action["payload"].get("replaceIfExists") is not True
        for action in body["actions"]
        if action is not None
    )


SYNC_CATALOG: Operation[Catalog] = Operation(
    operation_id="syncCatalog",
    request="PUT /v1/catalogs/{catalogId}/sync",
    success=(200,),
    body="CatalogSyncRequest",
    result="Catalog",
    retry_safety=RetrySafety.IDEMPOTENT,
    may_act_twice=_adds_new_items,
)
BEST_PRIOR_PRICE: Operation[list[BestPriorPrice]] = Operation(
    operation_id="bestPriorPrice",
    request="POST /v1/best_prior_price",
    success=(200,),
    body="BestPriorPriceRequest",
    result="list[BestPriorPrice]",
    retry_safety=RetrySafety.SAFE,
)


class Catalogs(EndpointGroup):
    """Change the items of catalogs, and look up the prices that they had."""

    __slots__ = ()

    async def sync_catalog(self, catalog_id: int, catalog_sync_request: CatalogSyncRequest | JSONObject) -> Catalog:
        """Add, change or remove items of a catalog, all of them or none; return the catalog with its new version.

        For a whole catalog ``aiotalonone.bulk.CatalogSync`` makes the requests. An ADD without ``replaceIfExists``
        fails if the item exists, and so would its retry: its lost response is an UNKNOWN outcome.

        Args:
            catalog_id: Talon.One's ID of the catalog.
            catalog_sync_request: 1 to 1000 actions of one type, each SKU in one of them.

        Raises:
            BadRequestError: An action cannot be carried out, and none was.
            NotFoundError: The catalog does not exist.

        API: ``syncCatalog``, PUT /v1/catalogs/{catalogId}/sync. Safe to retry, unless it adds what may not exist.
        """
        return await self._client.call(SYNC_CATALOG, catalog_id, body=catalog_sync_request)

    async def best_prior_price(
        self, best_prior_price_request: BestPriorPriceRequest | JSONObject
    ) -> list[BestPriorPrice]:
        """Return the best prices that items had within a timeframe; an item without any is left out.

        Args:
            best_prior_price_request: SKUs of the items, the timeframe, and whose prices count.

        API: ``bestPriorPrice``, POST /v1/best_prior_price. Safe to retry.
        """
        return await self._client.call(BEST_PRIOR_PRICE, body=best_prior_price_request)
