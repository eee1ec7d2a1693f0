"""One batch, sent until each of its records is accepted or rejected."""

from collections.abc import Container, Sequence
from typing import Any

from attrs import define

from aiotalonone import codec
from aiotalonone.bulk.batches import Batch, Part
from aiotalonone.bulk.refusal import named_items, reject_of
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.sending import Sender
from aiotalonone.errors import APIStatusError


@define(eq=False)
class Items:
    """Records that go out together, and their positions in the source."""

    positions: Sequence[int]
    records: list[Any]

    def __len__(self) -> int:
        return len(self.records)

    def halves(self) -> "tuple[Items, Items]":
        """The first half, and the rest."""
        middle = len(self) // 2
        return (
            Items(self.positions[:middle], self.records[:middle]),
            Items(self.positions[middle:], self.records[middle:]),
        )

    def without(self, places: Container[int]) -> "Items":
        """All but those of these places."""
        rest = [place for place in range(len(self)) if place not in places]
        return Items([self.positions[place] for place in rest], [self.records[place] for place in rest])


@define
class Delivery:
    """Finds the records that the API minds: by its own words, or else by halves."""

    sender: Sender
    batch: Batch

    async def settle(self) -> list[Reject]:
        """Send the batch; what of it was not accepted, in the order of the source.

        Raises:
            TalonOneError: The API accepts nothing at all, or cannot be reached.
            StopRequestedError: The job stops before everything is settled.
        """
        batch = self.batch
        rejects = list(batch.unfit)
        if batch.records:
            rejects += await self._settle(Items(batch.positions, batch.records), batch.content, batch.digest)
        return sorted(rejects, key=lambda reject: reject.position)

    async def _settle(self, items: Items, content: bytes | None = None, digest: bytes | None = None) -> list[Reject]:
        if not items.records:
            return []
        try:
            await self.sender.send(items.positions[0], content or codec.encode(items.records)[1:-1], digest)
        except APIStatusError as refusal:
            if not self.sender.subject.refuses(refusal):
                raise
            return await self._sort_out(items, refusal)
        return []

    async def _sort_out(self, items: Items, refusal: APIStatusError) -> list[Reject]:
        """The culprits among records that were refused together; the others are sent again."""
        collection = self.sender.subject.collection
        named = named_items(refusal, collection, len(items))
        if len(items) == 1:
            position, record = items.positions[0], items.records[0]
            if parts := self._parts_of(position):
                return await self._one_by_one(parts)
            return [reject_of(refusal, position, record, collection, named.get(0) or refusal.errors)]
        if not named:
            return await self._by_halves(items)
        rejects = []
        for place, details in named.items():
            position, record = items.positions[place], items.records[place]
            if parts := self._parts_of(position):
                rejects += await self._one_by_one(parts)
            else:
                rejects.append(reject_of(refusal, position, record, collection, details))
        return rejects + await self._settle(items.without(named))

    async def _by_halves(self, items: Items) -> list[Reject]:
        first, second = items.halves()
        rejects = await self._settle(first)
        if not rejects and len(second) > 1:  # it holds the culprit: sending it whole would tell nothing
            return await self._by_halves(second)
        return rejects + await self._settle(second)

    def _parts_of(self, position: int) -> Sequence[Part]:
        """What a merged record was made of, once."""
        return self.batch.parts.pop(position, ())

    async def _one_by_one(self, parts: Sequence[Part]) -> list[Reject]:
        return [reject for position, record in parts for reject in await self._settle(Items([position], [record]))]
