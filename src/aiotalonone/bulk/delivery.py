"""One batch, sent until each of its records is accepted or rejected."""

from collections.abc import Container, Sequence
from functools import cached_property
from typing import Any, Final

from attrs import define

from aiotalonone import codec
from aiotalonone.bulk.batches import Batch, records_of
from aiotalonone.bulk.refusal import named_items, reject_of
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.sending import Sender
from aiotalonone.errors import APIStatusError, ErrorDetail

_MOST_SINGLED_OUT: Final = 10
"""Records that may be pointed at one after the other, until halves find the others with smaller requests."""


@define(eq=False, slots=False)
class Items:
    """Records that go out together, and their positions in the source."""

    positions: Sequence[int]
    content: Sequence[bytes]
    """Their JSON, as a batch has it."""

    def __len__(self) -> int:
        return len(self.positions)

    @cached_property
    def records(self) -> list[Any]:
        """The records, read back: few are ever looked at again."""
        return records_of(self.content)

    def halves(self) -> "tuple[Items, Items]":
        """The first half, and the rest."""
        middle = len(self) // 2
        return self._some(range(middle)), self._some(range(middle, len(self)))

    def without(self, places: Container[int]) -> "Items":
        """All but those of these places."""
        return self._some([place for place in range(len(self)) if place not in places])

    def _some(self, places: Sequence[int]) -> "Items":
        return items_of([self.positions[place] for place in places], [self.records[place] for place in places])


def items_of(positions: Sequence[int], records: list[Any]) -> Items:
    """Records that go out together."""
    return Items(positions, [codec.encode(records)[1:-1]])


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
        if batch.content:
            rejects += await self._settle(Items(batch.positions, batch.content), batch.digest)
        return sorted(rejects, key=lambda reject: reject.position)

    async def _settle(self, items: Items, digest: bytes | None = None) -> list[Reject]:
        """Send records, without those that the API points at; what was not accepted."""
        rejects: list[Reject] = []
        for _ in range(_MOST_SINGLED_OUT):
            refusal = await self._refusal_of(items, digest)
            if refusal is None:
                return rejects
            digest = None
            named = named_items(refusal, self.sender.subject.collection, len(items))
            if not named and len(items) > 1:
                return rejects + await self._by_halves(items)
            places = named or {0: list(refusal.errors)}
            for place, details in places.items():
                rejects += await self._set_aside(items.positions[place], items.records[place], refusal, details)
            items = items.without(places)
            if not items:
                return rejects
        first, second = items.halves()
        return [*rejects, *await self._settle_any(first), *await self._settle_any(second)]

    async def _settle_any(self, items: Items) -> list[Reject]:
        return await self._settle(items) if items else []

    async def _by_halves(self, items: Items) -> list[Reject]:
        """Records that were refused together, and nobody says which of them is minded."""
        first, second = items.halves()
        rejects = await self._settle(first)
        if not rejects and len(second) > 1:  # it holds the culprit: sending it whole would tell nothing
            return await self._by_halves(second)
        return rejects + await self._settle(second)

    async def _refusal_of(self, items: Items, digest: bytes | None) -> APIStatusError | None:
        """Send records together; ``None`` where they are accepted."""
        try:
            await self.sender.send(items.positions[0], items.content, digest)
        except APIStatusError as refusal:
            if not self.sender.subject.refuses(refusal):
                raise
            return refusal
        return None

    async def _set_aside(
        self, position: int, record: Any, refusal: APIStatusError, details: Sequence[ErrorDetail]
    ) -> list[Reject]:
        """A record that was refused; of a merged one, the records it was made of are sent one by one."""
        parts = self.batch.parts.pop(position, None)
        if parts is None:
            return [reject_of(refusal, position, record, self.sender.subject.collection, details)]
        return [reject for position, record in parts for reject in await self._settle(items_of([position], [record]))]
