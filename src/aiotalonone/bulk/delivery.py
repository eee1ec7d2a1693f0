"""One batch, sent until each of its records is accepted or rejected."""

from collections.abc import Container, Sequence
from functools import cached_property
from typing import Any, Final

from attrs import define

from aiotalonone import codec
from aiotalonone.bulk.batches import Batch, decode_records
from aiotalonone.bulk.rejects import Reject, pointed_records, reject_of
from aiotalonone.bulk.sender import Sender
from aiotalonone.errors import APIStatusError, ErrorDetail

_MAX_POINTED_REJECTS: Final = 10
"""Responses that may point at rejected records, until the batch is split so that the requests become smaller."""


@define(eq=False, slots=False)
class Items:
    """Records that are sent together, and their positions in the source."""

    positions: Sequence[int]
    content: Sequence[bytes]
    """Their JSON in pieces, as in a batch."""

    def __len__(self) -> int:
        return len(self.positions)

    @cached_property
    def records(self) -> list[Any]:
        """The records, decoded: most are never looked at again."""
        return decode_records(self.content)

    def split(self) -> "tuple[Items, Items]":
        """Return the first half, and the rest."""
        middle = len(self) // 2
        return self._select(range(middle)), self._select(range(middle, len(self)))

    def without(self, indexes: Container[int]) -> "Items":
        """Return all items but those with these indexes."""
        return self._select([index for index in range(len(self)) if index not in indexes])

    def _select(self, indexes: Sequence[int]) -> "Items":
        return items_of([self.positions[index] for index in indexes], [self.records[index] for index in indexes])


def items_of(positions: Sequence[int], records: list[Any]) -> Items:
    """Return records as items that are sent together."""
    return Items(positions, [codec.encode(records)[1:-1]])


@define
class Delivery:
    """Sends a batch and finds its invalid records: those that the API points at, or else by bisection."""

    sender: Sender
    batch: Batch

    async def deliver(self) -> list[Reject]:
        """Send the batch, and return its rejects in the order of the source.

        Raises:
            TalonOneError: The API rejects the request itself, or cannot be reached.
            StopRequestedError: The job stopped before each record was accepted or rejected.
        """
        batch = self.batch
        rejects = list(batch.invalid)
        if batch.content:
            rejects += await self._deliver(Items(batch.positions, batch.content), batch.digest)
        return sorted(rejects, key=lambda reject: reject.position)

    async def _deliver(self, items: Items, digest: bytes | None = None) -> list[Reject]:
        """Send items, again without those that the API points at, and return the rejects."""
        rejects: list[Reject] = []
        for _ in range(_MAX_POINTED_REJECTS):
            error = await self._send(items, digest)
            if error is None:
                return rejects
            digest = None
            pointed = pointed_records(error, self.sender.kind.collection, len(items))
            if not pointed and len(items) > 1:
                return rejects + await self._bisect(items)
            invalid = pointed or {0: list(error.errors)}
            for index, details in invalid.items():
                rejects += await self._reject(items.positions[index], items.records[index], error, details)
            items = items.without(invalid)
            if not items:
                return rejects
        first, second = items.split()
        return [*rejects, *await self._deliver_any(first), *await self._deliver_any(second)]

    async def _deliver_any(self, items: Items) -> list[Reject]:
        return await self._deliver(items) if items else []

    async def _bisect(self, items: Items) -> list[Reject]:
        """Deliver items that were rejected together, if the API does not say which of them is invalid."""
        first, second = items.split()
        rejects = await self._deliver(first)
        if not rejects and len(second) > 1:  # it holds the invalid record: sending it whole would tell nothing new
            return await self._bisect(second)
        return rejects + await self._deliver(second)

    async def _send(self, items: Items, digest: bytes | None) -> APIStatusError | None:
        """Send items together, and return the error if the API rejected a record, or ``None`` if it accepted all."""
        try:
            await self.sender.send(items.positions[0], items.content, digest)
        except APIStatusError as error:
            if not self.sender.kind.is_record_error(error):
                raise
            return error
        return None

    async def _reject(
        self, position: int, record: Any, error: APIStatusError, details: Sequence[ErrorDetail]
    ) -> list[Reject]:
        """Return the reject for a record; the parts of a merged record are sent one by one instead."""
        parts = self.batch.parts.pop(position, None)
        if parts is None:
            return [reject_of(error, position, record, self.sender.kind.collection, details)]
        return [reject for position, record in parts for reject in await self._deliver(items_of([position], [record]))]
