"""Jobs from their begin to their end: whatever happens, each record is accounted for."""

import asyncio
import pickle
import ssl
from contextlib import asynccontextmanager

import httpx
import pytest

from aiotalonone import Outcome, RetryPolicy, TalonOneError, TransportError, bulk
from aiotalonone.bulk import AudienceSync, JobRunningError, JobStoppedError, ProfileSync, SourceChangedError
from aiotalonone.sandbox.faults import Fault
from tests.bulk.api import QUICK, Api, action, client_of, lines, profile
from tests.support.sandbox_server import until

BULK = "updateCustomerProfilesV2"
MANY = [profile(f"c-{n}", n=n) for n in range(5500)]


@asynccontextmanager
async def job_of(api, folder, kind=ProfileSync, **options):
    """A job with a checkpoint."""
    options = {"retry": QUICK, **options}
    async with client_of(api) as client:
        yield kind(
            client, job="nightly", rejects=folder / "rejects.ndjson", checkpoint=folder / "nightly.sqlite", **options
        )


async def run(api, records, folder, **options):
    """The report of a run."""
    async with job_of(api, folder, **options) as job:
        return await job.run(records)


def figures(report):
    """Accepted, rejected, not attempted."""
    assert report.records == report.accepted + report.rejected + report.not_attempted
    return report.accepted, report.rejected, report.not_attempted


async def awaited(records):
    """The records as an async iterable."""
    for record in records:
        yield record


@pytest.mark.parametrize("source", [list, iter, awaited])
async def test_every_record_arrives(tmp_path, source):
    """From a list, an iterator or an async one."""
    api = Api()
    report = await run(api, source(MANY), tmp_path)
    assert figures(report) == (5500, 0, 0)
    assert report.finished
    assert api.attributes() == {record["integrationId"]: record["attributes"] for record in MANY}
    assert lines(tmp_path / "rejects.ndjson") == []
    assert len(set(api.keys)) == len(api.keys) == 6


async def test_a_source_is_read_as_it_is_needed(tmp_path):
    """No more than the batches under way, and one that waits for its turn."""
    api, read = Api(), 0

    def records():
        nonlocal read
        for record in MANY * 8:
            read += 1
            yield record

    async with job_of(api, tmp_path, concurrency=2) as job:
        running = asyncio.create_task(job.run(records()))
        while not running.done():
            await asyncio.sleep(0)
            assert read <= job.snapshot().accepted + (2 + 2) * 1000
        assert figures(await running) == (44_000, 0, 0)
    assert api.most_at_once == 2


async def test_the_later_of_two_records_wins(tmp_path):
    """In one batch or in several: a customer is never under way twice."""
    api = Api()
    records = [profile(f"c-{n % 700}", n=n, **({"a": n} if n < 700 else {})) for n in range(5000)]
    report = await run(api, records, tmp_path, most_bytes=9000)
    assert figures(report) == (5000, 0, 0)
    assert api.attributes() == {f"c-{n}": {"n": 4900 + n if n < 100 else 4200 + n, "a": n} for n in range(700)}


async def test_records_that_were_merged_are_counted(tmp_path):
    """Each of them is accepted."""
    report = await run(Api(), [profile("a", n=1), profile("a", n=2), profile("b", n=3)], tmp_path)
    assert figures(report) == (3, 0, 0)
    assert report.merged == 1


async def test_audiences_are_a_job_too(tmp_path):
    """Who joins and who leaves, by the thousand."""
    api = Api()
    records = [action("add", f"c-{n}", 1 + n % 2) for n in range(3000)]
    records += [action("delete", f"c-{n}", 1) for n in range(0, 3000, 3)]
    report = await run(api, records, tmp_path, kind=AudienceSync)
    assert figures(report) == (4000, 0, 0)
    expected = {f"c-{n}": {1 + n % 2} - ({1} if n % 3 == 0 else set()) for n in range(3000)}
    assert {name: held.audiences for name, held in api.sandbox.state.profiles.items()} == expected
    assert set(api.keys) == {None}


@pytest.mark.parametrize("fault", [Fault.STATUS_429, Fault.STATUS_503, Fault.STATUS_500, Fault.STATUS_409])
async def test_a_refusal_that_passes_is_waited_for(tmp_path, fault):
    """Nothing is rejected, and nothing is sent as something else."""
    api = Api()
    api.sandbox.faults.add(BULK, fault, calls=(2, 3, 5))
    report = await run(api, MANY, tmp_path)
    assert figures(report) == (5500, 0, 0)
    assert report.retries == 3
    assert report.requests == 9


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(tmp_path):
    """The API carries nothing out twice."""
    api = Api()
    api.sandbox.faults.drop_after_commit(BULK, every=2)
    report = await run(api, MANY, tmp_path)
    assert figures(report) == (5500, 0, 0)
    assert api.sandbox.applied(BULK) == 6
    assert len(set(api.keys)) == 6
    assert len(api.keys) == report.requests > 6


async def test_fewer_requests_where_the_api_pushes_back(tmp_path):
    """And never more than asked for."""
    api = Api()
    api.sandbox.faults.add(BULK, Fault.STATUS_429, calls=range(6, 12))
    async with job_of(api, tmp_path, most_bytes=9000) as job:
        report = await job.run(MANY)
        assert job.snapshot().concurrency < 16
    assert figures(report) == (5500, 0, 0)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401, json={"message": "Invalid api key"}), "AuthenticationError"),
        (httpx.Response(403, json={"message": "no"}), "PermissionDeniedError"),
        (httpx.Response(404, html="<h1>Not here</h1>"), "NotFoundError"),
        (httpx.Response(307, headers={"location": "https://elsewhere.example/"}), "RedirectError"),
        (httpx.Response(200, html="<h1>Please sign in</h1>"), "ResponseDecodeError"),
    ],
)
async def test_what_concerns_every_call_stops_the_job(tmp_path, answer, kind):
    """At once: no record is rejected for it, and the error says what became of all."""
    asked = []

    def refuse(request):
        asked.append(request)
        return answer

    with pytest.raises(JobStoppedError) as caught:
        await run(httpx.MockTransport(refuse), MANY, tmp_path)
    assert type(caught.value.__cause__).__name__ == kind
    assert figures(caught.value.report) == (0, 0, 5500)
    assert not caught.value.report.finished
    assert len(asked) <= 4
    assert lines(tmp_path / "rejects.ndjson") == []
    assert "records not attempted: 5500" in str(caught.value)


async def test_an_outage_that_lasts_stops_the_job(tmp_path):
    """After as many attempts as its policy has; another run completes it."""

    def refuse(_):
        raise httpx.ConnectError("refused")

    with pytest.raises(JobStoppedError) as caught:
        await run(httpx.MockTransport(refuse), MANY, tmp_path, retry=RetryPolicy(attempts=2, initial_backoff=0.001))
    assert isinstance(caught.value.__cause__, TransportError)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert caught.value.report.retries >= 1
    api = Api()
    assert figures(await run(api, MANY, tmp_path)) == (5500, 0, 0)


@pytest.mark.parametrize("status", [408, 425, 499, 520])
async def test_a_gateway_that_gave_up_is_tried_again(tmp_path, status):
    """A job retries by the same rules as a single call."""
    sent = []

    def gateway(request):
        sent.append(request)
        return httpx.Response(status) if len(sent) == 1 else httpx.Response(204)

    report = await run(httpx.MockTransport(gateway), MANY[:10], tmp_path)
    assert figures(report) == (10, 0, 0)
    assert len({request.headers["idempotency-key"] for request in sent}) == 1
    assert len(sent) == 2


async def test_a_permanent_failure_stops_the_job_at_once(tmp_path):
    """An untrusted certificate stays untrusted: no attempt follows the first."""
    sent = []

    def untrusted(request):
        sent.append(request)
        reason = ssl.SSLCertVerificationError(1, "certificate verify failed")
        reason.verify_code = 20
        raise httpx.ConnectError("untrusted") from reason

    with pytest.raises(JobStoppedError) as caught:
        await run(httpx.MockTransport(untrusted), MANY[:10], tmp_path)
    assert caught.value.__cause__.permanent
    assert len(sent) == 1


async def test_a_stop_lets_what_is_under_way_finish(tmp_path):
    """And the next run goes on behind it: nothing is sent twice, each reject stands there once."""
    api = Api()
    records = [profile(f"c-{n}", n=n, **({"shoeSize": 1} if n % 1000 == 7 else {})) for n in range(9500)]
    async with job_of(api, tmp_path, concurrency=2) as job:
        running = asyncio.create_task(job.run(records))
        await until(lambda: job.snapshot().accepted >= 2000)
        job.stop()
        stopped = await running
    assert not stopped.finished
    assert 0 < stopped.not_attempted < 9500
    assert figures(stopped)[0] + figures(stopped)[1] == len(lines(tmp_path / "rejects.ndjson")) * 1000
    sent = len(api.requests)
    resumed = await run(api, records, tmp_path)
    assert figures(resumed) == (9490, 10, 0)
    assert resumed.settled_before == stopped.accepted + stopped.rejected
    assert len(api.requests) - sent == 2 * (9500 - resumed.settled_before + 500) // 1000
    assert sorted(reject["position"] for reject in lines(tmp_path / "rejects.ndjson")) == list(range(7, 9500, 1000))


async def test_a_stop_that_comes_too_late_changes_nothing(tmp_path):
    """All was under way, and is settled: the job is finished."""
    api = Api()
    async with job_of(api, tmp_path) as job:
        running = asyncio.create_task(job.run([profile("a", n=1)]))
        await until(lambda: bool(api.requests))
        job.stop()
        report = await running
    assert report.finished
    assert figures(report) == (1, 0, 0)


async def test_a_cancelled_job_goes_on_later(tmp_path):
    """The next run has the same keys for what was under way."""
    api = Api()
    async with job_of(api, tmp_path) as job:
        running = asyncio.create_task(job.run(MANY))
        await until(lambda: len(api.requests) == 4)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    before = set(api.keys)
    report = await run(api, MANY, tmp_path)
    assert figures(report) == (5500, 0, 0)
    assert before <= set(api.keys)
    assert len(set(api.keys)) == 6
    assert api.sandbox.applied(BULK) == 6


async def test_the_next_night_is_another_run(tmp_path):
    """The same records are sent again, with keys that the API has no answer to."""
    api = Api()
    await run(api, MANY, tmp_path)
    report = await run(api, MANY, tmp_path)
    assert report.settled_before == 0
    assert len(set(api.keys)) == 12
    assert api.sandbox.applied(BULK) == 12


async def test_equal_records_of_one_run_have_different_keys(tmp_path):
    """The second time is to be carried out, too: something else may have come between."""
    api = Api()
    records = [profile("a", n=1), profile("a", n=2), profile("a", n=1)]
    await run(api, records, tmp_path, most_bytes=80)
    assert [request[0]["attributes"]["n"] for request in api.requests] == [1, 2, 1]
    assert len(set(api.keys)) == 3
    assert api.attributes() == {"a": {"n": 1}}


async def test_a_changed_source_is_refused(tmp_path):
    """Nothing of it is sent; a restart takes it."""
    api = Api()
    async with job_of(api, tmp_path, concurrency=1) as job:
        running = asyncio.create_task(job.run(MANY))
        await until(lambda: job.snapshot().accepted >= 2000)
        job.stop()
        await running
    sent = len(api.requests)
    changed = [profile("somebody else", n=0), *MANY]
    with pytest.raises(SourceChangedError, match="begin anew") as caught:
        await run(api, changed, tmp_path)
    assert "0 records were accepted" in caught.value.__notes__[0]
    assert len(api.requests) == sent
    async with job_of(api, tmp_path) as job:
        assert figures(await job.run(changed, restart=True)) == (5501, 0, 0)


async def test_a_source_that_fails_ends_the_job_with_its_error(tmp_path):
    """What was under way is settled first, and the next run goes on behind it."""
    api = Api()

    def broken():
        yield from MANY[:3100]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone") as caught:
        await run(api, broken(), tmp_path)
    accepted = len(api.attributes())
    assert caught.value.__notes__ == [f"{accepted} records were accepted before, and 0 rejected"]
    assert accepted >= 2000
    report = await run(api, MANY, tmp_path)
    assert report.settled_before == accepted
    assert figures(report) == (5500, 0, 0)


async def test_one_process_at_a_time_runs_a_job(tmp_path):
    """The other one is told, and sends nothing."""
    api = Api()
    async with job_of(api, tmp_path) as first, job_of(api, tmp_path) as second:
        running = asyncio.create_task(first.run(MANY))
        await until(lambda: bool(api.requests))
        with pytest.raises(JobRunningError):
            await second.run([profile("x", n=1)])
        assert figures(await running) == (5500, 0, 0)
    assert "x" not in api.attributes()


async def test_an_object_runs_once(tmp_path):
    """Its figures are those of one run."""
    async with job_of(Api(), tmp_path) as job:
        await job.run([])
        with pytest.raises(RuntimeError, match="runs once"):
            await job.run([])


async def test_progress_is_told_until_the_end(tmp_path):
    """Snapshots that only grow, the last one of the finished job."""
    api = Api()
    async with job_of(api, tmp_path, concurrency=2) as job:
        running = asyncio.create_task(job.run(MANY * 2))
        snapshots = [snapshot async for snapshot in job.progress(every=0.005)]
        await running
    settled = [snapshot.accepted + snapshot.rejected for snapshot in snapshots]
    assert settled == sorted(settled)
    assert len(snapshots) > 2
    last = snapshots[-1]
    assert (last.accepted, last.total, last.eta) == (11_000, 11_000, 0.0)
    assert last.rate > 0
    assert 0 < last.p50 <= last.p95
    assert last.requests == 11


async def test_a_disk_that_is_full_ends_the_job(tmp_path, monkeypatch):
    """With its own error: nothing is counted that is not written down."""
    api = Api()
    async with job_of(api, tmp_path) as job:
        monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space left"):
            await job.run([profile("a", n=1), profile("b", shoeSize=1)])
        assert job.snapshot().accepted == 0


async def test_the_client_s_other_options_hold(tmp_path):
    """Only its retry policy does not count."""
    headers = []

    def note(request):
        headers.append(request.headers)
        return httpx.Response(503 if len(headers) == 1 else 204)

    async with client_of(httpx.MockTransport(note)) as client:
        derived = client.with_options(headers={"x-job": "nightly"}, retry=RetryPolicy(attempts=1))
        await ProfileSync(derived, job="j", rejects=tmp_path / "r", retry=QUICK).run([profile("a", n=1)])
    assert [sent["x-job"] for sent in headers] == ["nightly"] * 2


async def test_its_error_is_one_of_ours_and_survives_pickling(tmp_path):
    """A worker may hand it on; its report comes with it."""
    with pytest.raises(TalonOneError) as caught:
        await run(httpx.MockTransport(lambda _: httpx.Response(401)), MANY, tmp_path)
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert type(copy) is JobStoppedError
    assert (copy.report, str(copy), copy.outcome) == (caught.value.report, str(caught.value), Outcome.REJECTED)


async def test_the_public_names_are_there():
    """What the page and the examples import."""
    assert all(hasattr(bulk, name) for name in bulk.__all__)
    assert issubclass(bulk.JobStoppedError, TalonOneError)
    assert issubclass(bulk.SourceChangedError, bulk.CheckpointError)
    assert issubclass(bulk.CheckpointError, ValueError)
