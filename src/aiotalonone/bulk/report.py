"""The figures of a job: at the end, and while it runs."""

from asyncio import Event, get_running_loop
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
    """Its name."""
    records: int
    """Number of records in the source, or read so far if its length is unknown."""
    accepted: int
    """Records that the API accepted."""
    rejected: int
    """Records that were rejected, each a line of the rejects file."""
    not_attempted: int
    """Records that were not sent, or whose request got no response; another run of the job sends them."""
    resumed: int
    """Records that an earlier run had processed, among the accepted and rejected ones."""
    merged: int
    """Accepted records that were sent as part of a later record of the same customer or item."""
    requests: int
    """Requests sent by this run, retries included."""
    retries: int
    """Those of them that were sent again."""
    seconds: float
    """Duration of this run."""
    finished: bool
    """Whether the whole source was read and processed."""


@frozen(kw_only=True)
class RetryNotice:
    """A failed request that a job sends again; as text, a line such as ``retrying in 8 s: connection refused``."""

    reason: str
    """Why it failed, without personal data."""
    attempts: int
    """How many have failed."""
    seconds: float
    """Until the next one, 0 while that is in flight."""

    def __str__(self) -> str:
        when = f"in {ceil(self.seconds)} s" if self.seconds > 0 else "now"
        return f"retrying {when}: {self.reason}"


@frozen(kw_only=True)
class Snapshot:
    """The progress of a job."""

    records: int
    """Records read so far."""
    accepted: int
    """Records that the API accepted, in this run and earlier ones."""
    rejected: int
    """Records that were rejected, in this run and earlier ones."""
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
    """Requests sent so far, retries included."""
    retries: int
    """Those of them that were sent again."""
    retry: RetryNotice | None = None
    """The retry that comes next; ``None`` while no request waits for one."""


@define
class _Pause:
    """The pause of a request before its next attempt."""

    reason: str
    attempts: int
    end: float
    """On the event loop's clock."""


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
    retry_started: Event = field(factory=Event)
    """Set when a request waits for a retry and no other one does."""
    _pauses: dict[int, _Pause] = field(factory=dict)
    """By the position of the request's first record."""
    _latencies: deque[float] = field(factory=lambda: deque(maxlen=_KEPT_LATENCIES))

    @property
    def processed(self) -> int:
        """Records accepted or rejected, in this run or an earlier one."""
        return self.accepted + self.rejected

    def add_latency(self, seconds: float) -> None:
        """Note how long an accepted request took."""
        self._latencies.append(seconds)

    def start_retry(self, position: int, reason: str, attempts: int, seconds: float) -> None:
        """Note that a request has failed and is sent again after a pause."""
        self.retries += 1
        if not self._pauses:
            self.retry_started.set()
        self._pauses[position] = _Pause(reason, attempts, get_running_loop().time() + seconds)

    def end_retries(self, position: int) -> None:
        """Note that a request has succeeded, or failed for good."""
        self._pauses.pop(position, None)

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
            retry=self._next_retry(),
        )

    def _next_retry(self) -> RetryNotice | None:
        if not self._pauses:
            return None
        pause = min(self._pauses.values(), key=lambda pause: pause.end)
        seconds = max(0.0, pause.end - get_running_loop().time())
        return RetryNotice(reason=pause.reason, attempts=pause.attempts, seconds=seconds)

    def _percentile(self, percent: int) -> float | None:
        if not self._latencies:
            return None
        return sorted(self._latencies)[ceil(len(self._latencies) * percent / 100) - 1]
