"""Records as they are sent: cut into requests by number and size, always in the same places of the same source."""

from asyncio import sleep
from collections import defaultdict
from collections.abc import AsyncGenerator, Hashable, Iterable, Iterator, Sequence
from functools import cached_property, reduce
from hashlib import sha256
from typing import Any, Final

from attrs import define, field

from aiotalonone import codec
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.source import Source, portions_of
from aiotalonone.bulk.subject import Subject

MOST_RECORDS: Final = 1000
PORTION: Final = 100  # what is encoded at once: divides MOST_RECORDS, and bounds what large records take in memory

Part = tuple[int, Any]
"""A record and its position in the source."""


@define(eq=False)
class Portion:
    """Records that were encoded together."""

    positions: Sequence[int]
    customers: Sequence[str]
    targets: Sequence[Hashable]
    """What each of them updates."""
    content: bytes
    """Their JSON, between the brackets of an array."""
    unfit: list[Reject]
    """Those which cannot be sent."""


@define(eq=False, slots=False)
class Batch:
    """Consecutive records of the source that go out in one request."""

    first: int
    """Position of its first record in the source, from 0."""
    size: int
    """How many records of the source it stands for."""
    positions: Sequence[int]
    """Of each record that is sent; of a merged one, that of the last it was made of."""
    content: Sequence[bytes]
    """The JSON of those records in pieces, commas between them make it an array's. They themselves are let go: a whole
    batch of them would take a quarter of the speed, since it does not fit in the processor's cache."""
    customers: set[str]
    unfit: list[Reject]
    parts: dict[int, Sequence[Part]] = field(factory=dict)
    """What merged records were made of."""

    @cached_property
    def digest(self) -> bytes:
        """What its content is known by."""
        return digest_of([*self.content, *(f"{reject.position} {reject.message}".encode() for reject in self.unfit)])


def digest_of(content: Iterable[bytes]) -> bytes:
    """What pieces are known by."""
    digest = sha256()
    for piece in content:
        digest.update(piece)
        digest.update(b"\n")
    return digest.digest()


async def batches_of(source: Source, subject: Subject, most_bytes: int) -> AsyncGenerator[Batch, None]:
    """The batches of a source, of at most 1000 records and so many bytes; a larger record goes alone."""
    room = most_bytes - len(f'{{"{subject.collection}":[]}}')
    cutter = _Cutter(subject, room)
    async for records in portions_of(source, PORTION):
        for portion in _encoded(subject, cutter.end, records, room):
            if not cutter.has_room_for(portion):
                yield cutter.cut()
            cutter.add(portion)
        await sleep(0)  # answers are heard between two portions: a plain source would not let anybody else run
    if cutter.portions:
        yield cutter.cut()


@define
class _Cutter:
    """Collects portions until they are a batch."""

    subject: Subject
    room: int
    """How many bytes the records of one request may take."""
    end: int = 0
    """Where the next portion begins."""
    portions: list[Portion] = field(factory=list)
    _begin: int = 0

    def has_room_for(self, portion: Portion) -> bool:
        """Whether a portion still fits."""
        records = sum(len(one.positions) + len(one.unfit) for one in self.portions)
        size = sum(len(one.content) + 1 for one in [*self.portions, portion])  # a comma after each
        added = len(portion.positions) + len(portion.unfit)
        return not self.portions or (records + added <= MOST_RECORDS and size <= self.room)

    def add(self, portion: Portion) -> None:
        """Collect it."""
        self.portions.append(portion)
        self.end += len(portion.positions) + len(portion.unfit)

    def cut(self) -> Batch:
        """What has been collected."""
        first, self._begin = self._begin, self.end
        portions, self.portions = self.portions, []
        customers = {customer for portion in portions for customer in portion.customers}
        targets = [target for portion in portions for target in portion.targets]
        unfit = [reject for portion in portions for reject in portion.unfit]
        size = len(targets) + len(unfit)
        batch = Batch(
            first=first,
            size=size,
            positions=range(first, first + size) if not unfit else _joined(portion.positions for portion in portions),
            content=[portion.content for portion in portions if portion.content],
            customers=customers,
            unfit=unfit,
        )
        return batch if len(set(targets)) == len(targets) else _merged(self.subject, batch, targets)


def _joined(positions: Iterable[Sequence[int]]) -> list[int]:
    return [position for some in positions for position in some]


def _encoded(subject: Subject, first: int, records: list[Any], room: int) -> Iterator[Portion]:
    """Records as portions: one, or as many as it takes where they are too large together."""
    try:
        customers = subject.customers(records)
        content = codec.encode(records)[1:-1]
    except (TypeError, ValueError) as failure:
        if len(records) == 1:
            yield Portion([], [], [], b"", [Reject(position=first, message=str(failure), record=records[0])])
            return
    else:
        if len(content) < room or len(records) == 1:
            targets = subject.targets(records, customers)
            yield Portion(range(first, first + len(records)), customers, targets, content, [])
            return
    middle = len(records) // 2
    yield from _encoded(subject, first, records[:middle], room)
    yield from _encoded(subject, first + middle, records[middle:], room)


def _merged(subject: Subject, batch: Batch, targets: Sequence[Hashable]) -> Batch:
    """The batch with one record for each target, at the place of the last."""
    parts: defaultdict[Hashable, list[Part]] = defaultdict(list)
    for target, position, record in zip(targets, batch.positions, records_of(batch.content), strict=True):
        parts[target].append((position, record))
    by_position = {parts_of[-1][0]: parts_of for parts_of in parts.values()}
    batch.positions = sorted(by_position)
    batch.parts = {position: parts_of for position, parts_of in by_position.items() if len(parts_of) > 1}
    merged = [reduce(subject.merged, [record for _, record in by_position[position]]) for position in batch.positions]
    batch.content = [codec.encode(merged)[1:-1]]
    return batch


def records_of(content: Sequence[bytes]) -> list[Any]:
    """Records, read back from their pieces."""
    records: list[Any] = codec.loads_exact_numbers(b"[%b]" % b",".join(content))
    return records
