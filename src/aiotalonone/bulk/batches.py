"""Records as they are sent: cut into requests by number and size, at the same positions each time a source is read."""

from asyncio import sleep
from collections import defaultdict
from collections.abc import AsyncGenerator, Hashable, Iterable, Iterator, Sequence
from contextlib import aclosing
from functools import cached_property, reduce
from hashlib import sha256
from typing import Any, Final

from attrs import define, field

from aiotalonone import codec
from aiotalonone.bulk.kinds import RecordKind
from aiotalonone.bulk.rejects import Reject
from aiotalonone.bulk.source import Source, chunked

MAX_RECORDS: Final = 1000
CHUNK_SIZE: Final = 100  # records encoded at once: divides MAX_RECORDS, and bounds the memory that large records take

Part = tuple[int, Any]
"""A record and its position in the source."""


@define(eq=False)
class Chunk:
    """Records that were encoded together."""

    positions: Sequence[int]
    entities: Sequence[str]
    targets: Sequence[Hashable]
    """What each record updates."""
    content: bytes
    """Their JSON, without the brackets of the array."""
    invalid: list[Reject]
    """Records that cannot be sent."""
    group: Hashable = None
    """What the records of one request must have in common."""

    @property
    def size(self) -> int:
        """Number of records, invalid ones included."""
        return len(self.positions) + len(self.invalid)


@define(eq=False, slots=False)
class Batch:
    """Consecutive records of the source that are sent in one request."""

    first: int
    """Position of the first record in the source, from 0."""
    size: int
    """Number of records in the source, merged and invalid ones included."""
    positions: Sequence[int]
    """Position of each record that is sent; that of a merged record is its last part's."""
    content: Sequence[bytes]
    """The JSON of those records in pieces, to be joined with commas. The records themselves are not kept: a batch of
    them does not fit into the processor's cache, which would cost a quarter of the speed."""
    entities: set[str]
    """The customers, or the items of a catalog, that the batch updates."""
    invalid: list[Reject]
    """Records that cannot be sent."""
    parts: dict[int, Sequence[Part]] = field(factory=dict)
    """The records that each merged record was made of, by its position."""

    @cached_property
    def digest(self) -> bytes:
        """Hash of the content, by which a later run recognises the batch."""
        return digest_of([*self.content, *(f"{reject.position} {reject.message}".encode() for reject in self.invalid)])


def digest_of(content: Iterable[bytes]) -> bytes:
    """Return the hash of a content in pieces."""
    digest = sha256()
    for piece in content:
        digest.update(piece)
        digest.update(b"\n")
    return digest.digest()


async def build_batches(source: Source, kind: RecordKind, max_request_bytes: int) -> AsyncGenerator[Batch, None]:
    """Yield the batches of a source, of at most 1000 records and ``max_request_bytes``; a larger record goes alone."""
    max_bytes = max_request_bytes - len(f'{{"{kind.collection}":[]}}')
    builder = _BatchBuilder(kind, max_bytes)
    async with aclosing(chunked(source, CHUNK_SIZE)) as chunks:
        async for records in chunks:
            for chunk in _encode(kind, builder.end, records, max_bytes):
                if not builder.fits(chunk):
                    yield builder.build()
                builder.add(chunk)
                if builder.is_full:  # the next record may be long in coming
                    yield builder.build()
            await sleep(0)  # lets requests progress between two chunks, since a source in memory never waits
    if builder.chunks:
        yield builder.build()


@define
class _BatchBuilder:
    """Collects chunks until they fill a batch."""

    kind: RecordKind
    max_bytes: int
    """Of the records of one request."""
    end: int = 0
    """Position of the next chunk."""
    chunks: list[Chunk] = field(factory=list)
    _start: int = 0

    @property
    def is_full(self) -> bool:
        """Whether the batch can take no further record."""
        return self.end - self._start >= MAX_RECORDS

    def fits(self, chunk: Chunk) -> bool:
        """Return whether the batch can take another chunk; an empty batch takes any."""
        records = self.end - self._start
        size = sum(len(one.content) + 1 for one in [*self.chunks, chunk])  # a comma after each
        is_alike = len({one.group for one in [*self.chunks, chunk] if one.content}) <= 1
        return not self.chunks or (is_alike and records + chunk.size <= MAX_RECORDS and size <= self.max_bytes)

    def add(self, chunk: Chunk) -> None:
        """Add a chunk to the batch."""
        self.chunks.append(chunk)
        self.end += chunk.size

    def build(self) -> Batch:
        """Return the batch, and start the next one."""
        first, self._start = self._start, self.end
        chunks, self.chunks = self.chunks, []
        entities = {entity for chunk in chunks for entity in chunk.entities}
        targets = [target for chunk in chunks for target in chunk.targets]
        invalid = [reject for chunk in chunks for reject in chunk.invalid]
        size = len(targets) + len(invalid)
        batch = Batch(
            first=first,
            size=size,
            positions=range(first, first + size) if not invalid else _flatten(chunk.positions for chunk in chunks),
            content=[chunk.content for chunk in chunks if chunk.content],
            entities=entities,
            invalid=invalid,
        )
        return batch if len(set(targets)) == len(targets) else _merge(self.kind, batch, targets)


def _flatten(positions: Iterable[Sequence[int]]) -> list[int]:
    return [position for some in positions for position in some]


def _encode(kind: RecordKind, first: int, records: list[Any], max_bytes: int) -> Iterator[Chunk]:
    """Yield records as one chunk, or as smaller ones if they are too large together or one of them is invalid."""
    try:
        entities = kind.entities(records)
        content = codec.encode_records(kind.model, records)[1:-1]
    except (TypeError, ValueError) as error:
        if len(records) == 1:
            yield Chunk([], [], [], b"", [Reject(position=first, message=str(error), record=records[0])])
            return
    else:
        if len(content) < max_bytes or len(records) == 1:
            targets = kind.targets(records, entities)
            positions = range(first, first + len(records))
            yield Chunk(positions, entities, targets, content, [], kind.group(records))
            return
    middle = len(records) // 2
    yield from _encode(kind, first, records[:middle], max_bytes)
    yield from _encode(kind, first + middle, records[middle:], max_bytes)


def _merge(kind: RecordKind, batch: Batch, targets: Sequence[Hashable]) -> Batch:
    """Return the batch with one record for each target, at the position of the last."""
    parts: defaultdict[Hashable, list[Part]] = defaultdict(list)
    for target, position, record in zip(targets, batch.positions, decode_records(batch.content), strict=True):
        parts[target].append((position, record))
    by_position = {parts_of[-1][0]: parts_of for parts_of in parts.values()}
    batch.positions = sorted(by_position)
    batch.parts = {position: parts_of for position, parts_of in by_position.items() if len(parts_of) > 1}
    merged = [reduce(kind.merge, [record for _, record in by_position[position]]) for position in batch.positions]
    batch.content = [codec.encode(merged)[1:-1]]
    return batch


def decode_records(content: Sequence[bytes]) -> list[Any]:
    """Return the records of a content in pieces."""
    records: list[Any] = codec.loads_exact_numbers(b"[%b]" % b",".join(content))
    return records
