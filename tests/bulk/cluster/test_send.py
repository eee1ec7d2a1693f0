"""One partition of a job's records, as a worker of a cluster sends it."""

import asyncio
import json
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import pairwise

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient
from aiotalonone.bulk import CheckpointError, JobStoppedError, SourceChangedError
from aiotalonone.bulk.cluster.send import send_partition
from aiotalonone.bulk.cluster.totals import reject_row
from aiotalonone.bulk.concurrency import AdaptiveConcurrency, Stop
from aiotalonone.bulk.pace import Schedule
from aiotalonone.sandbox import Sandbox
from tests.support.virtual_time import in_virtual_time

EXACT = Decimal("12345678901234567890.10")
POISON = {"integrationId": "p-1", "attributes": {"Kids": "two"}}
CAMPAIGNS = {"attributes": {"CustomerProfile": {"Name": "string", "Kids": "number"}}}


class MemoryStore:
    """A store that keeps what it is given."""

    def __init__(self):
        self.saved = {}

    def load(self, key):
        """Return what was saved under a key, or None."""
        return self.saved.get(key)

    def save(self, key, content):
        """Save a content."""
        self.saved[key] = content


@pytest.fixture
def sandbox():
    """Have a sandbox whose customers have a name and a number of children."""
    return Sandbox(CAMPAIGNS)


@asynccontextmanager
async def open_client(sandbox, api_key="sandbox-key"):
    """Open a client on a sandbox."""
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app)) as http_client,
        AsyncIntegrationClient("http://localhost", api_key=api_key, http_client=http_client) as client,
    ):
        yield client


@pytest.fixture
async def client(sandbox):
    """Open a client on the sandbox."""
    async with open_client(sandbox) as client:
        yield client


def limit_of(pace=None):
    """Return how many requests may be in flight, and when they start."""
    return AdaptiveConcurrency(16, pace, Stop())


async def send(records, client, **options):
    """Send a partition, with a limit of its own unless a test shares one."""
    return await send_partition(records, client, **{"limit": limit_of(), **options})


def customers(number):
    """Return records of different customers."""
    return [{"integrationId": f"c-{n}", "attributes": {"Name": f"Customer {n}"}} for n in range(number)]


async def test_a_partition_is_sent_and_each_reject_returned(sandbox, client):
    """Each record is accepted or returned with its position and the API's reason, in the order of the records."""
    records = [*customers(1500), POISON, *({**one, "attributes": {"Kids": 2}} for one in customers(10)), {"x": 1}]
    result = await send(records, client, key="run/0")
    assert (result.report.records, result.report.accepted, result.report.rejected) == (1512, 1510, 2)
    assert result.report.finished
    assert [reject["position"] for reject in result.rejects] == [1500, 1511]
    assert result.rejects[0]["record"] == POISON
    assert result.rejects[0]["pointer"] == "/attributes/Kids"
    assert result.rejects[0]["status"] == 400
    assert sandbox.state.profiles["c-3"].attributes == {"Name": "Customer 3", "Kids": 2}


async def test_redacted_rejects_hold_no_values(client):
    """A redacted reject has the names of the members alone."""
    result = await send([POISON], client, key="run/0", redact=True)
    assert "p-1" not in repr(result.rejects)
    assert "two" not in repr(result.rejects)
    assert result.rejects[0]["record"]["attributes"] == {"Kids": "…"}


async def test_a_partition_that_is_sent_again_has_the_same_idempotency_keys(sandbox, client):
    """A worker that takes over sends what the API has applied with the same keys: nothing is applied twice."""
    await send(customers(2500), client, key="run/7")
    applied = sandbox.applied("updateCustomerProfilesV2")
    await send(customers(2500), client, key="run/7")
    assert sandbox.applied("updateCustomerProfilesV2") == applied
    await send(customers(2500), client, key="run/8")
    assert sandbox.applied("updateCustomerProfilesV2") == 2 * applied


async def test_a_partition_that_the_store_knows_is_not_sent_again(sandbox, client):
    """The figures and rejects of a partition that was processed come from the store."""
    store, records = MemoryStore(), [*customers(1200), POISON]
    first = await send(records, client, key="run/0", store=store)
    applied = sandbox.applied("updateCustomerProfilesV2")
    again = await send(records, client, key="run/0", store=store)
    assert sandbox.applied("updateCustomerProfilesV2") == applied
    assert again.rejects == first.rejects
    assert (again.report.accepted, again.report.rejected, again.report.resumed) == (1200, 1, 1201)
    assert again.report.requests == 0


@pytest.mark.parametrize("records", [customers(1199), customers(1201), customers(1200)[::-1]])
async def test_other_records_under_a_known_key_are_an_error(client, records):
    """A key whose partition was processed with other records sends nothing."""
    store = MemoryStore()
    await send(customers(1200), client, key="run/0", store=store)
    with pytest.raises(SourceChangedError):
        await send(records, client, key="run/0", store=store)


async def test_numbers_of_a_reject_stay_exact(client):
    """The record of a reject has its digits, also from the store, and as the row of a cluster."""
    store, record = MemoryStore(), {"integrationId": "p", "attributes": {"Name": Decimal("1E+400"), "Kids": [EXACT]}}
    for _ in range(2):
        result = await send([record], client, key="run/0", store=store)
        assert [reject["record"] for reject in result.rejects] == [record]
        assert f'"Kids":[{EXACT}]' in reject_row(result.rejects[0])["record"]


def saved_result(**members):
    """Return what a store has of one batch, with some other members."""
    return {"first": 0, "size": 1, "accepted": 1, "rejected": 0, "digest": "00" * 32, **members}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        {"results": [{}], "rejects": []},
        {"results": [saved_result(size="many")], "rejects": []},
        {"results": [saved_result(size=2)], "rejects": []},
        {"results": [saved_result(digest="00")], "rejects": []},
        {"results": [saved_result(digest="no digits")], "rejects": []},
        {"results": [saved_result(other=1)], "rejects": []},
        {"results": [saved_result(accepted=0, rejected=1)], "rejects": []},
        {"results": [saved_result(accepted=0, rejected=1)], "rejects": [{}]},
        {"results": [saved_result(accepted=0, rejected=1)], "rejects": ["position"]},
        {"results": [saved_result()], "rejects": [{"position": 0}]},
    ],
)
async def test_what_a_damaged_store_has_is_not_believed(client, content):
    """A result that cannot be read, or that no worker writes, is an error, and nothing is sent."""
    store = MemoryStore()
    store.saved["run/0"] = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(CheckpointError, match="is damaged"):
        await send(customers(1), client, key="run/0", store=store)


async def test_a_partition_that_was_stopped_is_not_saved(sandbox, client):
    """A stop ends a partition with what is processed; the store does not take it for whole."""
    store, limit = MemoryStore(), limit_of()
    sandbox.before_commit(lambda _: asyncio.sleep(0, limit.stop.request()))
    result = await send(customers(100_000), client, key="run/0", store=store, limit=limit)
    assert not result.report.finished
    assert 0 < result.report.accepted < 100_000
    assert result.report.records == result.report.accepted + result.report.not_attempted
    assert store.saved == {}


async def test_an_api_that_rejects_every_call_stops_the_partition(sandbox):
    """A wrong key is an error with the figures, not a reject for each record."""
    async with open_client(sandbox, api_key="wrong") as stranger:
        with pytest.raises(JobStoppedError) as caught:
            await send(customers(10), stranger, key="run/0")
    assert caught.value.report.not_attempted == 10


class SharedPace:
    """One schedule for all partitions of an event loop, and the times at which requests started."""

    def __init__(self, rate):
        self.schedule = Schedule(rate)
        self.starts = []

    async def acquire(self):
        """Wait for the next start."""
        now = asyncio.get_running_loop().time()
        [delay] = self.schedule.reserve(1, now)
        self.starts.append(now + delay)
        await asyncio.sleep(delay)

    def back_off(self, seconds):
        """Slow all of them down."""
        self.schedule.back_off(seconds, asyncio.get_running_loop().time())


@in_virtual_time
async def test_partitions_that_share_a_pace_have_one_rate():
    """Four partitions that are sent at once start their requests as far apart as one would."""
    sandbox, pace = Sandbox(CAMPAIGNS), SharedPace(20)
    async with open_client(sandbox) as client:
        records = [customers(10_000)[n::4] for n in range(4)]
        keyed = enumerate(records)
        sending = (send(some, client, key=f"run/{n}", limit=limit_of(pace)) for n, some in keyed)
        await asyncio.gather(*sending)
    assert len(sandbox.state.profiles) == 10_000
    assert len(pace.starts) == 12
    assert all(later - earlier == pytest.approx(0.05) for earlier, later in pairwise(pace.starts))
