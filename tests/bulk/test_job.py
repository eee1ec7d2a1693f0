"""Jobs from start to end: whatever happens, each record is accepted, rejected or not attempted."""

import asyncio
import pickle
import ssl
from contextlib import asynccontextmanager

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, Outcome, RetryPolicy, TalonOneError, TransportError, bulk
from aiotalonone.bulk import AudienceSync, JobRunningError, JobStoppedError, ProfileSync, SourceChangedError
from aiotalonone.sandbox.faults import Fault
from tests.bulk.recording_api import FAST_RETRY, RecordingApi, action, make_client, profile, read_rejects
from tests.support.sandbox_server import until

BULK = "updateCustomerProfilesV2"
RECORDS = [profile(f"c-{n}", n=n) for n in range(5500)]


@asynccontextmanager
async def open_job(api, folder, kind=ProfileSync, **options):
    """Open a client, and return a job with a checkpoint."""
    options = {"retry": FAST_RETRY, **options}
    async with make_client(api) as client:
        yield kind(
            client, job="nightly", rejects=folder / "rejects.ndjson", checkpoint=folder / "nightly.sqlite", **options
        )


async def run(api, records, folder, **options):
    """Run a job and return its report."""
    async with open_job(api, folder, **options) as job:
        return await job.run(records)


def figures(report):
    """Return the numbers of accepted, rejected and not attempted records."""
    assert report.records == report.accepted + report.rejected + report.not_attempted
    return report.accepted, report.rejected, report.not_attempted


async def as_async(records):
    """Yield records from an async iterable."""
    for record in records:
        yield record


@pytest.mark.parametrize("source", [list, iter, as_async])
async def test_every_record_is_sent(tmp_path, source):
    """Every record of a list, an iterator or an async iterator is accepted by the API, each batch with its own key."""
    api = RecordingApi()
    report = await run(api, source(RECORDS), tmp_path)
    assert figures(report) == (5500, 0, 0)
    assert report.finished
    assert api.attributes() == {record["integrationId"]: record["attributes"] for record in RECORDS}
    assert read_rejects(tmp_path / "rejects.ndjson") == []
    assert len(set(api.keys)) == len(api.keys) == 6


async def test_a_source_is_read_as_needed(tmp_path):
    """A job reads no further ahead than its batches in flight and one that waits."""
    api, read = RecordingApi(at_once=2), 0

    def records():
        nonlocal read
        for record in RECORDS * 8:
            read += 1
            yield record

    async with open_job(api, tmp_path, concurrency=2) as job:
        running = asyncio.create_task(job.run(records()))
        while not running.done():
            await asyncio.sleep(0)
            assert read <= job.snapshot().accepted + (2 + 2) * 1000
        assert figures(await running) == (44_000, 0, 0)
    assert api.max_in_flight == 2


async def test_the_later_of_two_records_wins(tmp_path):
    """If one customer has several records, in one batch or in several, the last value of each attribute remains."""
    api = RecordingApi()
    records = [profile(f"c-{n % 700}", n=n, **({"a": n} if n < 700 else {})) for n in range(5000)]
    report = await run(api, records, tmp_path, max_request_bytes=9000)
    assert figures(report) == (5000, 0, 0)
    assert api.attributes() == {f"c-{n}": {"n": 4900 + n if n < 100 else 4200 + n, "a": n} for n in range(700)}


async def test_merged_records_are_counted(tmp_path):
    """Merged records count as accepted one by one, and the report says how many were merged."""
    report = await run(RecordingApi(), [profile("a", n=1), profile("a", n=2), profile("b", n=3)], tmp_path)
    assert figures(report) == (3, 0, 0)
    assert report.merged == 1


async def test_memberships_are_sent(tmp_path):
    """An AudienceSync lets customers join and leave audiences, without idempotency keys."""
    api = RecordingApi()
    records = [action("add", f"c-{n}", 1 + n % 2) for n in range(3000)]
    records += [action("delete", f"c-{n}", 1) for n in range(0, 3000, 3)]
    report = await run(api, records, tmp_path, kind=AudienceSync)
    assert figures(report) == (4000, 0, 0)
    expected = {f"c-{n}": {1 + n % 2} - ({1} if n % 3 == 0 else set()) for n in range(3000)}
    assert {name: held.audiences for name, held in api.sandbox.state.profiles.items()} == expected
    assert set(api.keys) == {None}


@pytest.mark.parametrize("fault", [Fault.STATUS_429, Fault.STATUS_503, Fault.STATUS_500, Fault.STATUS_409])
async def test_a_transient_error_is_retried(tmp_path, fault):
    """Requests that failed with a transient status are retried, and no record is rejected."""
    api = RecordingApi()
    api.sandbox.faults.add(BULK, fault, calls=(2, 3, 5))
    report = await run(api, RECORDS, tmp_path)
    assert figures(report) == (5500, 0, 0)
    assert report.retries == 3
    assert report.requests == 9


async def test_a_lost_response_is_retried_with_the_same_key(tmp_path):
    """A request whose response was lost is retried with the same key, so that the API applies it once."""
    api = RecordingApi()
    api.sandbox.faults.drop_after_commit(BULK, every=2)
    report = await run(api, RECORDS, tmp_path)
    assert figures(report) == (5500, 0, 0)
    assert api.sandbox.applied(BULK) == 6
    assert len(set(api.keys)) == 6
    assert len(api.keys) == report.requests > 6


async def test_backpressure_lowers_the_concurrency(tmp_path):
    """After 429 responses a job has fewer requests in flight than its maximum, and still sends every record."""
    api = RecordingApi()
    api.sandbox.faults.add(BULK, Fault.STATUS_429, calls=range(6, 12))
    async with open_job(api, tmp_path, max_request_bytes=9000) as job:
        report = await job.run(RECORDS)
        assert job.snapshot().concurrency < 16
    assert figures(report) == (5500, 0, 0)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx.Response(401, json={"message": "Invalid api key"}), "AuthenticationError"),
        (httpx.Response(403, json={"message": "no"}), "PermissionDeniedError"),
        (httpx.Response(404, html="<h1>Not here</h1>"), "NotFoundError"),
        (httpx.Response(307, headers={"location": "https://elsewhere.example/"}), "RedirectError"),
        (httpx.Response(200, html="<h1>Please sign in</h1>"), "ResponseDecodeError"),
    ],
)
async def test_an_error_of_every_call_stops_the_job(tmp_path, response, error):
    """An error that every call would get stops the job at once, and no record is rejected."""
    sent = []

    def respond(request):
        sent.append(request)
        return response

    with pytest.raises(JobStoppedError) as caught:
        await run(httpx.MockTransport(respond), RECORDS, tmp_path)
    assert type(caught.value.__cause__).__name__ == error
    assert figures(caught.value.report) == (0, 0, 5500)
    assert not caught.value.report.finished
    assert len(sent) <= 4
    assert read_rejects(tmp_path / "rejects.ndjson") == []
    assert "records not attempted: 5500" in str(caught.value)


async def test_a_lasting_outage_stops_the_job(tmp_path):
    """An outage stops the job after as many attempts as its policy has, and another run completes it."""

    def fail(_):
        raise httpx.ConnectError("connection refused")

    with pytest.raises(JobStoppedError) as caught:
        await run(httpx.MockTransport(fail), RECORDS, tmp_path, retry=RetryPolicy(attempts=2, initial_backoff=0.001))
    assert isinstance(caught.value.__cause__, TransportError)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert caught.value.report.retries >= 1
    api = RecordingApi()
    assert figures(await run(api, RECORDS, tmp_path)) == (5500, 0, 0)


@pytest.mark.parametrize("status", [408, 425, 499, 520])
async def test_a_gateway_timeout_is_retried(tmp_path, status):
    """A job retries the statuses of gateways, with the same key, by the rules of a single call."""
    sent = []

    def gateway(request):
        sent.append(request)
        return httpx.Response(status) if len(sent) == 1 else httpx.Response(204)

    report = await run(httpx.MockTransport(gateway), RECORDS[:10], tmp_path)
    assert figures(report) == (10, 0, 0)
    assert len({request.headers["idempotency-key"] for request in sent}) == 1
    assert len(sent) == 2


async def test_a_permanent_failure_stops_the_job_at_once(tmp_path):
    """An untrusted certificate stays untrusted, so that the job stops without a retry."""
    sent = []

    def untrusted(request):
        sent.append(request)
        reason = ssl.SSLCertVerificationError(1, "certificate verify failed")
        reason.verify_code = 20
        raise httpx.ConnectError("untrusted") from reason

    with pytest.raises(JobStoppedError) as caught:
        await run(httpx.MockTransport(untrusted), RECORDS[:10], tmp_path)
    assert caught.value.__cause__.permanent
    assert len(sent) == 1


async def test_a_stopped_job_is_resumed(tmp_path):
    """A stop lets the requests in flight finish, and the next run sends and rejects no record a second time."""
    api = RecordingApi()
    records = [profile(f"c-{n}", n=n, **({"shoeSize": 1} if n % 1000 == 7 else {})) for n in range(9500)]
    async with open_job(api, tmp_path, concurrency=2) as job:
        running = asyncio.create_task(job.run(records))
        await until(lambda: job.snapshot().accepted >= 2000)
        job.stop()
        stopped = await running
    assert not stopped.finished
    assert 0 < stopped.not_attempted < 9500
    assert figures(stopped)[0] + figures(stopped)[1] == len(read_rejects(tmp_path / "rejects.ndjson")) * 1000
    sent = len(api.requests)
    resumed = await run(api, records, tmp_path)
    assert figures(resumed) == (9490, 10, 0)
    assert resumed.resumed == stopped.accepted + stopped.rejected
    assert len(api.requests) - sent == 2 * (9500 - resumed.resumed + 500) // 1000
    assert sorted(reject["position"] for reject in read_rejects(tmp_path / "rejects.ndjson")) == list(
        range(7, 9500, 1000)
    )


async def test_a_stop_during_the_last_request_changes_nothing(tmp_path):
    """A job that is stopped when all its requests are in flight is finished."""
    api = RecordingApi()
    async with open_job(api, tmp_path) as job:
        running = asyncio.create_task(job.run([profile("a", n=1)]))
        await until(lambda: bool(api.requests))
        job.stop()
        report = await running
    assert report.finished
    assert figures(report) == (1, 0, 0)


async def test_a_cancelled_job_is_resumed_with_the_same_keys(tmp_path):
    """The run after a cancelled one sends the batches in flight with the same keys, so that each is applied once."""
    api = RecordingApi()
    async with open_job(api, tmp_path) as job:
        running = asyncio.create_task(job.run(RECORDS))
        await until(lambda: len(api.requests) == 4)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    before = set(api.keys)
    report = await run(api, RECORDS, tmp_path)
    assert figures(report) == (5500, 0, 0)
    assert before <= set(api.keys)
    assert len(set(api.keys)) == 6
    assert api.sandbox.applied(BULK) == 6


async def test_a_finished_job_sends_the_same_records_again(tmp_path):
    """A run after a finished one sends the same records with new keys, so that the API applies them again."""
    api = RecordingApi()
    await run(api, RECORDS, tmp_path)
    report = await run(api, RECORDS, tmp_path)
    assert report.resumed == 0
    assert len(set(api.keys)) == 12
    assert api.sandbox.applied(BULK) == 12


async def test_equal_batches_of_one_run_have_different_keys(tmp_path):
    """Two equal batches have different keys, so that the API applies the second one after what came between."""
    api = RecordingApi()
    records = [profile("a", n=1), profile("a", n=2), profile("a", n=1)]
    await run(api, records, tmp_path, max_request_bytes=80)
    assert [request[0]["attributes"]["n"] for request in api.requests] == [1, 2, 1]
    assert len(set(api.keys)) == 3
    assert api.attributes() == {"a": {"n": 1}}


async def test_a_changed_source_is_not_sent(tmp_path):
    """A resumed job sends nothing of a changed source and raises SourceChangedError; a restart accepts it."""
    api = RecordingApi()
    async with open_job(api, tmp_path, concurrency=1) as job:
        running = asyncio.create_task(job.run(RECORDS))
        await until(lambda: job.snapshot().accepted >= 2000)
        job.stop()
        await running
    sent = len(api.requests)
    changed = [profile("another customer", n=0), *RECORDS]
    with pytest.raises(SourceChangedError, match="restart=True") as caught:
        await run(api, changed, tmp_path)
    assert caught.value.__notes__ == ["before this, 0 records were accepted and 0 rejected"]
    assert len(api.requests) == sent
    async with open_job(api, tmp_path) as job:
        assert figures(await job.run(changed, restart=True)) == (5501, 0, 0)


async def test_an_error_of_the_source_ends_the_job(tmp_path):
    """An exception of the source ends the job after the requests in flight, and the next run resumes there."""
    api = RecordingApi()

    def broken():
        yield from RECORDS[:3100]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone") as caught:
        await run(api, broken(), tmp_path)
    accepted = len(api.attributes())
    assert caught.value.__notes__ == [f"before this, {accepted} records were accepted and 0 rejected"]
    assert accepted >= 2000
    report = await run(api, RECORDS, tmp_path)
    assert report.resumed == accepted
    assert figures(report) == (5500, 0, 0)


async def test_a_job_runs_in_one_process_at_a_time(tmp_path):
    """A second run of a running job raises JobRunningError and sends nothing."""
    api = RecordingApi()
    async with open_job(api, tmp_path) as first, open_job(api, tmp_path) as second:
        running = asyncio.create_task(first.run(RECORDS))
        await until(lambda: bool(api.requests))
        with pytest.raises(JobRunningError):
            await second.run([profile("x", n=1)])
        assert figures(await running) == (5500, 0, 0)
    assert "x" not in api.attributes()


async def test_a_job_object_runs_once(tmp_path):
    """A second run of the same job object raises RuntimeError, since its figures are those of one run."""
    async with open_job(RecordingApi(), tmp_path) as job:
        await job.run([])
        with pytest.raises(RuntimeError, match="runs once"):
            await job.run([])


async def test_progress_ends_with_the_finished_job(tmp_path):
    """The figures of progress only grow, and the last snapshot is that of the finished job."""
    api = RecordingApi()
    async with open_job(api, tmp_path, concurrency=2) as job:
        running = asyncio.create_task(job.run(RECORDS * 2))
        snapshots = [snapshot async for snapshot in job.progress(every=0.005)]
        await running
    processed = [snapshot.accepted + snapshot.rejected for snapshot in snapshots]
    assert processed == sorted(processed)
    assert len(snapshots) > 2
    last = snapshots[-1]
    assert (last.accepted, last.total, last.eta) == (11_000, 11_000, 0.0)
    assert last.rate > 0
    assert 0 < last.p50 <= last.p95
    assert last.requests == 11


async def test_a_full_disk_ends_the_job(tmp_path, monkeypatch):
    """A full disk ends the job with its OSError, and no record counts that is not recorded."""
    api = RecordingApi()
    async with open_job(api, tmp_path) as job:
        monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space left"):
            await job.run([profile("a", n=1), profile("b", shoeSize=1)])
        assert job.snapshot().accepted == 0


async def test_the_options_of_the_client_hold(tmp_path):
    """A job keeps the headers of its client and replaces its retry policy."""
    headers = []

    def note(request):
        headers.append(request.headers)
        return httpx.Response(503 if len(headers) == 1 else 204)

    async with make_client(httpx.MockTransport(note)) as client:
        derived = client.with_options(headers={"x-job": "nightly"}, retry=RetryPolicy(attempts=1))
        await ProfileSync(derived, job="j", rejects=tmp_path / "r", retry=FAST_RETRY).run([profile("a", n=1)])
    assert [sent["x-job"] for sent in headers] == ["nightly"] * 2


async def test_job_stopped_error_survives_pickling(tmp_path):
    """A JobStoppedError is a TalonOneError, and pickling keeps its message, outcome and report."""
    with pytest.raises(TalonOneError) as caught:
        await run(httpx.MockTransport(lambda _: httpx.Response(401)), RECORDS, tmp_path)
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert type(copy) is JobStoppedError
    assert (copy.report, str(copy), copy.outcome) == (caught.value.report, str(caught.value), Outcome.REJECTED)


async def test_public_names_exist():
    """Every public name of the package exists, and its errors have the documented base classes."""
    assert all(hasattr(bulk, name) for name in bulk.__all__)
    assert issubclass(bulk.JobStoppedError, TalonOneError)
    assert issubclass(bulk.SourceChangedError, bulk.CheckpointError)
    assert issubclass(bulk.CheckpointError, ValueError)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("job", 5, "job must be a str, not int"),
        ("redact", "no", "redact must be a bool, not str"),
        ("retry", 3, "retry must be a RetryPolicy, not int"),
        ("concurrency", "8", "concurrency must be a whole number, not str"),
        ("max_request_bytes", None, "max_request_bytes must be a whole number, not NoneType"),
    ],
)
def test_a_setting_of_another_type_is_a_type_error(tmp_path, name, value, message):
    """A setting of a job that has another type raises a TypeError in plain words when the job is made."""
    client = AsyncIntegrationClient("https://shop.talon.one", api_key="k")
    with pytest.raises(TypeError) as caught:
        ProfileSync(client, **{"job": "nightly", "rejects": tmp_path / "rejects", name: value})
    assert str(caught.value) == message
