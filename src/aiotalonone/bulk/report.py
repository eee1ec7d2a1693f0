"""What a job has come to, in the end and meanwhile."""

from collections import deque
from math import ceil
from typing import Final

from attrs import define, field, frozen

_KEPT_LATENCIES: Final = 512


@frozen(kw_only=True)
class Report:
    """What became of the records of a source, over all runs of the job.

    ``records`` is always the sum of ``accepted``, ``rejected`` and ``not_attempted``.
    """

    job: str
    records: int
    """That were read, or that the source has where it has a length."""
    accepted: int
    rejected: int
    """Each is a line of the file of rejects."""
    not_attempted: int
    """Or attempted without an answer: another run of the job sends them."""
    settled_before: int
    """How many of the accepted and rejected ones an earlier run has settled."""
    merged: int
    """How many of the accepted ones went out within a later record of the same customer."""
    requests: int
    """How many this run sent, repeated ones included."""
    retries: int
    seconds: float
    finished: bool
    """Whether the whole source was read and settled."""


@frozen(kw_only=True)
class Snapshot:
    """How far a job has come."""

    records: int
    """That were read."""
    accepted: int
    rejected: int
    total: int | None
    """How many there may be in all, where the source says so."""
    seconds: float
    """Since the run began."""
    rate: float
    """Records settled in a second by this run."""
    eta: float | None
    """Seconds to the end, where the total is known."""
    concurrency: int
    """How many requests may be under way at once."""
    p50: float | None
    """Seconds that half of the latest requests took at most; ``None`` before the first answer."""
    p95: float | None
    requests: int
    retries: int


@define
class Tally:
    """The figures of a run, as they grow."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    settled_before: int = 0
    merged: int = 0
    requests: int = 0
    retries: int = 0
    _latencies: deque[float] = field(factory=lambda: deque(maxlen=_KEPT_LATENCIES))

    @property
    def settled(self) -> int:
        """Accepted or rejected, by whichever run."""
        return self.accepted + self.rejected

    def answered(self, seconds: float) -> None:
        """A request was accepted after so long."""
        self._latencies.append(seconds)

    def report(self, job: str, *, length: int | None, seconds: float, finished: bool) -> Report:
        """The figures in the end."""
        records = self.read if length is None else max(self.read, length)
        return Report(
            job=job,
            records=records,
            accepted=self.accepted,
            rejected=self.rejected,
            not_attempted=records - self.settled,
            settled_before=self.settled_before,
            merged=self.merged,
            requests=self.requests,
            retries=self.retries,
            seconds=seconds,
            finished=finished,
        )

    def snapshot(self, *, total: int | None, seconds: float, concurrency: int) -> Snapshot:
        """The figures at this moment."""
        rate = (self.settled - self.settled_before) / seconds if seconds else 0.0
        return Snapshot(
            records=self.read,
            accepted=self.accepted,
            rejected=self.rejected,
            total=total,
            seconds=seconds,
            rate=rate,
            eta=max(0.0, (total - self.settled) / rate) if rate and total is not None else None,
            concurrency=concurrency,
            p50=self._percentile(50),
            p95=self._percentile(95),
            requests=self.requests,
            retries=self.retries,
        )

    def _percentile(self, percent: int) -> float | None:
        if not self._latencies:
            return None
        return sorted(self._latencies)[ceil(len(self._latencies) * percent / 100) - 1]
