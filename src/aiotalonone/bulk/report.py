"""The figures of a job: at the end, and while it runs."""

from collections import deque
from math import ceil
from typing import Final

from attrs import define, field, frozen

_KEPT_LATENCIES: Final = 512


@frozen(kw_only=True)
class Report:
    """The result of a job over all its runs.

    ``records`` is always the sum of ``accepted``, ``rejected`` and ``not_attempted``.
    """

    job: str
    records: int
    """Number of records in the source, or read so far if its length is unknown."""
    accepted: int
    rejected: int
    """Records that were rejected, each a line of the rejects file."""
    not_attempted: int
    """Records that were not sent, or whose request got no response; another run of the job sends them."""
    resumed: int
    """Records that an earlier run had processed, among the accepted and rejected ones."""
    merged: int
    """Accepted records that were sent as part of a later record of the same customer."""
    requests: int
    """Requests sent by this run, retries included."""
    retries: int
    seconds: float
    """Duration of this run."""
    finished: bool
    """Whether the whole source was read and processed."""


@frozen(kw_only=True)
class Snapshot:
    """The progress of a job."""

    records: int
    """Records read so far."""
    accepted: int
    rejected: int
    total: int | None
    """Estimated number of records in the source; ``None`` if the source gives no estimate."""
    seconds: float
    """Time since the run started."""
    rate: float
    """Records per second that this run has processed."""
    eta: float | None
    """Estimated seconds until the end; ``None`` if it is unknown."""
    concurrency: int
    """Current limit of requests in flight."""
    p50: float | None
    """Median latency of the latest requests in seconds; ``None`` before the first response."""
    p95: float | None
    """95th percentile of the same."""
    requests: int
    retries: int


@define
class Counters:
    """The figures of a run while they grow."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    resumed: int = 0
    merged: int = 0
    requests: int = 0
    retries: int = 0
    _latencies: deque[float] = field(factory=lambda: deque(maxlen=_KEPT_LATENCIES))

    @property
    def processed(self) -> int:
        """Records accepted or rejected, in this run or an earlier one."""
        return self.accepted + self.rejected

    def add_latency(self, seconds: float) -> None:
        """Note how long an accepted request took."""
        self._latencies.append(seconds)

    def report(self, job: str, *, length: int | None, seconds: float, finished: bool) -> Report:
        """Return the final figures."""
        records = self.read if length is None else max(self.read, length)
        return Report(
            job=job,
            records=records,
            accepted=self.accepted,
            rejected=self.rejected,
            not_attempted=records - self.processed,
            resumed=self.resumed,
            merged=self.merged,
            requests=self.requests,
            retries=self.retries,
            seconds=seconds,
            finished=finished,
        )

    def snapshot(self, *, total: int | None, seconds: float, concurrency: int) -> Snapshot:
        """Return the current figures."""
        rate = (self.processed - self.resumed) / seconds if seconds else 0.0
        return Snapshot(
            records=self.read,
            accepted=self.accepted,
            rejected=self.rejected,
            total=total,
            seconds=seconds,
            rate=rate,
            eta=max(0.0, (total - self.processed) / rate) if rate and total is not None else None,
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
