"""One batch, sent until each of its records is accepted or rejected."""

import re
from collections.abc import Container, Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from random import sample
from typing import Any, Final

from attrs import define

from aiotalonone import codec
from aiotalonone.bulk.batches import Batch, decode_records
from aiotalonone.bulk.rejects import Reject, pointed_records, reject_of
from aiotalonone.bulk.sender import Sender
from aiotalonone.errors import APIStatusError, ErrorDetail, NotFoundError, Outcome
from aiotalonone.pipeline.outcome import combine_outcomes

_MAX_POINTED_REJECTS: Final = 10
"""Responses that may point at rejected records, until the batch is split so that the requests become smaller."""
_CONFIRMED_POINTERS: Final = 8
"""Records that are sent alone until a job believes the API's pointers; after that, one of each batch."""
_INDEX: Final = re.compile("[0-9]{1,9}")
"""An index in a pointer; Python raises an error for a number of thousands of digits."""


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
class Suspect:
    """A record that the API points at as invalid, which it may not be."""

    position: int
    record: Any
    error: APIStatusError
    details: Sequence[ErrorDetail]


@define(eq=False)
class Findings:
    """What a job has found out about the server that it sends to."""

    believes_pointers: bool = True
    """Whether no pointer was wrong so far; without them, batches are bisected."""
    confirmed_pointers: int = 0
    """Records that were pointed at and are known to be invalid."""
    has_operation: bool = False
    """Whether a 404 is known to concern a record, rather than the operation."""


@define
class Delivery:
    """Sends a batch and finds its invalid records: those that the API points at, or else by bisection."""

    sender: Sender
    batch: Batch
    findings: Findings
    outcome: Outcome = Outcome.NOT_SENT
    """What is known of all requests for the batch so far."""

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
        suspects: list[Suspect] = []
        for _ in range(_MAX_POINTED_REJECTS):
            error = await self._send(items, digest)
            if error is None:
                return await self._judge(suspects, others_accepted=True)
            digest = None
            if len(items) == 1:
                return [*await self._judge(suspects), *await self._reject_only(items, error)]
            pointed = self._pointed(error, items)
            if not pointed:
                return [*await self._judge(suspects), *await self._bisect(items)]
            for index, details in pointed.items():
                suspects.append(Suspect(items.positions[index], items.records[index], error, details))
            items = items.without(pointed)
            if not items:
                return await self._judge(suspects)
        first, second = items.split()
        rejects = await self._judge(suspects)
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

    def _pointed(self, error: APIStatusError, items: Items) -> Mapping[int, Sequence[ErrorDetail]]:
        """Return the details of each record that an error points at, none if it points at what is not there."""
        collection = self.sender.kind.collection
        pointed = pointed_records(error, collection, len(items)) if self.findings.believes_pointers else {}
        is_credible = all(
            _has_member(items.records[index], detail) for index, details in pointed.items() for detail in details
        )
        return pointed if is_credible else {}

    async def _judge(self, suspects: list[Suspect], *, others_accepted: bool = False) -> list[Reject]:
        """Return the rejects among records that the API pointed at.

        Some of them are sent alone, to see that the API is right. A single one is known to be invalid if the others
        are accepted without it.
        """
        if others_accepted and len(suspects) == 1:
            self.findings.confirmed_pointers += 1
            return await self._reject(suspects[0])
        missing = max(1, _CONFIRMED_POINTERS - self.findings.confirmed_pointers)
        tested = set(sample(range(len(suspects)), min(missing, len(suspects))))
        rejects: list[Reject] = []
        for suspect in [suspects[index] for index in tested]:
            if await self._send(items_of([suspect.position], [suspect.record])) is None:
                self.findings.believes_pointers = False
            else:
                self.findings.confirmed_pointers += 1
                rejects += await self._reject(suspect)
        others = [suspect for index, suspect in enumerate(suspects) if index not in tested]
        if self.findings.believes_pointers:
            return rejects + [reject for suspect in others for reject in await self._reject(suspect)]
        items = items_of([suspect.position for suspect in others], [suspect.record for suspect in others])
        return rejects + await self._deliver_any(items)

    async def _send(self, items: Items, digest: bytes | None = None) -> APIStatusError | None:
        """Send items together, and return the error if the API rejected a record, or ``None`` if it accepted all."""
        try:
            await self.sender.send(items.positions[0], items.content, self._note_outcome, digest)
        except APIStatusError as error:
            if not self.sender.kind.is_record_error(error):
                raise
            if error.status == HTTPStatus.NOT_FOUND and not await self._has_operation():
                raise
            return error
        return None

    async def _has_operation(self) -> bool:
        """Return whether a request without records is answered other than with 404."""
        if not self.findings.has_operation:
            try:
                await self.sender.send(self.batch.first, [], self._note_outcome)
            except NotFoundError:
                return False
            except APIStatusError as error:
                if not self.sender.kind.is_record_error(error):
                    raise
            self.findings.has_operation = True
        return True

    def _note_outcome(self, outcome: Outcome) -> None:
        self.outcome = combine_outcomes(self.outcome, outcome)

    async def _reject_only(self, items: Items, error: APIStatusError) -> list[Reject]:
        """Return the reject for a record that was sent alone."""
        details = pointed_records(error, self.sender.kind.collection, 1).get(0, error.errors)
        return await self._reject(Suspect(items.positions[0], items.records[0], error, details))

    async def _reject(self, suspect: Suspect) -> list[Reject]:
        """Return the reject for a record; the parts of a merged record are sent one by one instead."""
        position, record = suspect.position, suspect.record
        parts = self.batch.parts.pop(position, None)
        if parts is None:
            return [reject_of(suspect.error, position, record, self.sender.kind.collection, suspect.details)]
        return [reject for position, record in parts for reject in await self._deliver(items_of([position], [record]))]


def _has_member(record: Any, detail: ErrorDetail) -> bool:
    """Return whether a record has what a detail points at."""
    value = record
    for token in (detail.pointer or "").removeprefix("/").split("/")[2:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            return False
    return True
