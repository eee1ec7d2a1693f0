"""What a job makes of a server that fails, errs or asks it to wait: when it retries, what it tells and believes."""

import asyncio
import errno
import json
import logging
import re
import ssl
from collections.abc import Callable, Iterable
from email.utils import formatdate

import httpx
import pytest
from attrs import define, field

from aiotalonone import AsyncIntegrationClient, CircuitBreaker, Outcome, RetryPolicy
from aiotalonone.bulk import AudienceSync, JobStoppedError, ProfileSync
from tests.bulk.recording_api import FAST_RETRY, RecordingApi, action, make_client, profile, read_rejects
from tests.support.sandbox_server import until
from tests.support.virtual_time import in_virtual_time

RECORDS = [profile(f"c-{n}", n=n) for n in range(10)]
THOUSANDS = [profile(f"c-{n}", n=n) for n in range(3000)]


async def sync(transport, records, folder, kind=ProfileSync, **options):
    """Run a job and return its report."""
    async with make_client(transport) as client:
        options = {"retry": FAST_RETRY, **options}
        return await kind(client, job="j", rejects=folder / "rejects.ndjson", **options).run(records)


class Server:
    """A transport that gives a list of responses or errors in order, the last of them for ever."""

    def __init__(self, *results):
        self.results = list(results)
        self.requests = []

    def __call__(self, request):
        """Give the next one."""
        self.requests.append(request)
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        if isinstance(result, Exception):
            raise result
        return httpx.Response(result) if isinstance(result, int) else result

    def transport(self):
        """Return it as a transport."""
        return httpx.MockTransport(self)


def not_connected(reason):
    """Return what httpx raises if no connection could be made."""
    error = httpx.ConnectError("no connection")
    error.__cause__ = reason
    return error


def no_connection():
    return not_connected(ConnectionRefusedError(errno.ECONNREFUSED, "no"))


def untrusted(code):
    reason = ssl.SSLCertVerificationError(1, "certificate verify failed")
    reason.verify_code = code
    return not_connected(reason)


PAGE = b"<!DOCTYPE html><html><body>Please sign in</body></html>"


@pytest.mark.parametrize("kind", [ProfileSync, AudienceSync])
@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "Text/HTML; charset=utf-8",
        "application/xhtml+xml",
        None,
        "text/plain",
        "application/octet-stream",
        "application/json",
    ],
)
@pytest.mark.parametrize("content", [PAGE, b"OK", b'"<html></html>"', b"\xff\xfe<\x00"])
async def test_what_is_not_the_api_stops_the_job(tmp_path, kind, content_type, content):
    """A response of success that is neither JSON nor empty stops the job, whatever its content type says."""
    headers = {} if content_type is None else {"content-type": content_type}
    server = Server(httpx.Response(200, content=content, headers=headers))
    records = RECORDS if kind is ProfileSync else [action("add", f"c-{n}", 1) for n in range(10)]
    with pytest.raises(JobStoppedError, match="such as a web page in place of the API") as caught:
        await sync(server.transport(), records, tmp_path, kind, concurrency=1)
    assert caught.value.report.accepted == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(204),
        httpx.Response(200),
        httpx.Response(200, content=b" \n"),
        httpx.Response(200, json={}),
        httpx.Response(200, json=[]),
        httpx.Response(200, content=b"null"),
        httpx.Response(201, content=b'{"integrationStates": []}', headers={"content-type": "text/plain"}),
    ],
)
async def test_json_or_nothing_is_a_success(tmp_path, response):
    """A response of success that is JSON or empty accepts a batch, whatever its content type says."""
    report = await sync(Server(response).transport(), RECORDS, tmp_path)
    assert (report.accepted, report.finished) == (10, True)


@pytest.mark.parametrize("header", ["3600", "99999999999", "1" * 400, formatdate(9e9, usegmt=True), "86400.5"])
@pytest.mark.parametrize("status", [429, 503, 409, 500])
@in_virtual_time
async def test_a_retry_after_is_obeyed_up_to_its_limit(tmp_path, header, status):
    """However long a response asks to wait, and in whatever form, the job waits no longer than its policy says."""
    loop = asyncio.get_running_loop()
    server = Server(httpx.Response(status, headers={"retry-after": header}), 204)
    started = loop.time()
    policy = RetryPolicy(attempts=3, initial_backoff=0.0, max_backoff=0.0, max_retry_after=7.0)
    report = await sync(server.transport(), RECORDS, tmp_path, retry=policy, concurrency=1)
    assert report.finished
    assert loop.time() - started == pytest.approx(7.0, abs=1.0)


@in_virtual_time
async def test_a_stop_is_heard_while_a_rate_is_kept(tmp_path):
    """A stop ends the wait for the next request of a slow rate."""
    loop = asyncio.get_running_loop()
    async with make_client(Server(204).transport()) as client:
        job = ProfileSync(client, job="j", rejects=tmp_path / "r", rate=0.001, max_request_bytes=200)
        loop.call_later(5, job.stop)
        report = await job.run(THOUSANDS)
    assert not report.finished
    assert loop.time() < 100


async def test_only_the_first_records_stop_a_job_as_hopeless(tmp_path):
    """A later batch that is rejected whole before the first one is accepted does not stop the job."""
    rejected, all_rejected = set(), asyncio.Event()

    async def respond(request):
        numbers = [record["attributes"]["n"] for record in json.loads(request.content)["customerProfiles"]]
        if numbers[0] // 100 == 1:
            rejected.update(numbers if len(numbers) == 1 else ())
            if len(rejected) == 100:
                all_rejected.set()
            return httpx.Response(400)
        await all_rejected.wait()
        await asyncio.sleep(0.05)  # until the job has judged the batch
        return httpx.Response(204)

    report = await sync(httpx.MockTransport(respond), THOUSANDS[:300], tmp_path, max_request_bytes=6000)
    assert (report.accepted, report.rejected, report.finished) == (200, 100, True)


async def test_a_batch_that_cannot_be_sent_does_not_stop_a_good_job(tmp_path):
    """A thousand records that cannot be sent are rejected, though they land before the first batch is accepted."""
    answered = []

    async def respond(request):
        for _ in range(50):
            await asyncio.sleep(0.001)
        answered.append(request)
        return httpx.Response(204)

    records = [*THOUSANDS[:1000], *({"attributes": {"n": n}} for n in range(1000)), *THOUSANDS[1000:2000]]
    report = await sync(httpx.MockTransport(respond), records, tmp_path)
    assert (report.accepted, report.rejected, report.finished) == (2000, 1000, True)
    assert len(answered) == 2


async def test_first_records_that_are_rejected_leave_the_others_to_the_next_run(tmp_path):
    """If the first batch is rejected whole, later ones that were rejected before it are not recorded either."""
    rejects, checkpoint = tmp_path / "rejects.ndjson", tmp_path / "job.sqlite"
    records = [profile(f"c-{n}", shoeSize=n) for n in range(1000)]
    options = {"checkpoint": checkpoint, "max_request_bytes": 8000, "concurrency": 4}
    with pytest.raises(JobStoppedError, match="all of its first") as caught:
        await sync(RecordingApi(points_at_records=False), records, tmp_path, **options)
    assert caught.value.report.not_attempted == 1000
    assert read_rejects(rejects) == []


async def test_outcomes_of_earlier_attempts_count(tmp_path):
    """A request whose response was lost, and that then found no connection, may have been carried out."""
    server = Server(httpx.ReadError("lost"), no_connection())
    with pytest.raises(JobStoppedError, match=r"records not attempted: 10 \(unknown\)") as caught:
        await sync(server.transport(), RECORDS, tmp_path)
    assert caught.value.outcome is Outcome.UNKNOWN
    server = Server(httpx.ReadError("lost"), 401)
    with pytest.raises(JobStoppedError) as caught:
        await sync(server.transport(), RECORDS, tmp_path)
    assert caught.value.outcome is Outcome.UNKNOWN


async def test_outcomes_of_other_requests_in_flight_count(tmp_path):
    """A job that stops while another request waits for its retry tells the worst that is known of both."""
    calls = 0

    async def respond(request):
        nonlocal calls
        calls += 1
        if b'"c-0"' in request.content:
            raise httpx.ReadTimeout("lost")
        await until(lambda: job.snapshot().retries > 0)
        return httpx.Response(401)

    async with make_client(httpx.MockTransport(respond)) as client:
        slow = RetryPolicy(attempts=3, initial_backoff=60.0, max_backoff=60.0)
        job = ProfileSync(client, job="j", rejects=tmp_path / "r", retry=slow)
        with pytest.raises(JobStoppedError) as caught:
            await job.run(THOUSANDS[:2000])
    assert caught.value.__cause__.outcome is Outcome.REJECTED
    assert caught.value.outcome is Outcome.UNKNOWN


async def test_a_batch_that_was_applied_in_part_counts_as_applied(tmp_path):
    """If the job stops while it bisects a batch, the part that was accepted is told."""
    server = Server(400, 204, 401)
    with pytest.raises(JobStoppedError) as caught:
        await sync(server.transport(), RECORDS, tmp_path)
    assert caught.value.outcome is Outcome.APPLIED
    assert caught.value.report.accepted == 0


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (untrusted(20), "certificate not trusted"),
        (untrusted(62), "certificate is for another host"),
        (untrusted(10), "certificate expired"),
        (not_connected(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")), ""),
        (501, "501"),
        (505, "505"),
        (404, "404"),
        (405, "405"),
    ],
)
@pytest.mark.parametrize("kind", [ProfileSync, AudienceSync])
async def test_what_cannot_heal_is_not_retried(tmp_path, kind, result, reason):
    """A certificate that is not trusted, or an operation that is not there, stops the job at the first request."""
    if isinstance(result, Exception) and not reason:
        result.__cause__.reason = "WRONG_VERSION_NUMBER"
        reason = "does not speak TLS"
    records = RECORDS if kind is ProfileSync else [action("add", f"c-{n}", 1) for n in range(10)]
    server = Server(result)
    with pytest.raises(JobStoppedError, match=reason):
        await sync(server.transport(), records, tmp_path, kind, concurrency=1)
    assert len(server.requests) == 1


async def test_an_operation_that_is_not_there_rejects_no_audience(tmp_path):
    """A 404 that also a request without records gets is about the operation: it stops the job after two requests."""
    server = Server(httpx.Response(404, json={"message": "Resource not found"}))
    with pytest.raises(JobStoppedError, match="404"):
        await sync(server.transport(), [action("add", f"c-{n}", 1) for n in range(1000)], tmp_path, AudienceSync)
    assert len(server.requests) == 2
    assert read_rejects(tmp_path / "rejects.ndjson") == []


@in_virtual_time
async def test_a_retry_says_why_at_once_and_while_it_waits(tmp_path, caplog):
    """A job that cannot connect tells the reason in a snapshot at once, in those while it waits, and in the log."""
    server = Server(no_connection(), no_connection(), 204)
    policy = RetryPolicy(attempts=8, initial_backoff=8.0, max_backoff=8.0)
    loop = asyncio.get_running_loop()
    caplog.set_level(logging.INFO, "aiotalonone")
    async with make_client(server.transport()) as client:
        job = ProfileSync(client, job="j", rejects=tmp_path / "r", retry=policy)
        started = loop.time()
        running = asyncio.create_task(job.run(RECORDS))
        told = [
            (loop.time() - started, snapshot.retry)
            async for snapshot in job.progress(every=1.0)
            if snapshot.retry is not None
        ]
        report = await running
    assert (report.accepted, report.retries) == (10, 2)
    assert told[0][0] < 0.5
    assert told[0][1].attempts == 1
    assert {notice.reason for _, notice in told} == {"cannot connect: connection refused"}
    assert re.fullmatch(r"retrying in \d s: cannot connect: connection refused", str(told[0][1]))
    assert job.snapshot().retry is None
    waiting = [notice.seconds for _, notice in told if notice.attempts == 1]
    assert waiting == sorted(waiting, reverse=True)
    lines = [record.getMessage() for record in caplog.records if "retrying" in record.getMessage()]
    assert len(lines) == 2
    assert "attempt 1 failed (cannot connect: connection refused), retrying in" in lines[0]


@in_virtual_time
async def test_many_retries_do_not_flood_the_progress(tmp_path):
    """However often requests are retried, a progress yields no more than two snapshots in its interval."""
    calls = 0

    def respond(_):
        nonlocal calls
        calls += 1
        return httpx.Response(503 if calls % 2 else 204)

    async with make_client(httpx.MockTransport(respond)) as client:
        policy = RetryPolicy(attempts=8, initial_backoff=0.1, max_backoff=0.1)
        job = ProfileSync(client, job="j", rejects=tmp_path / "r", retry=policy, max_request_bytes=900, concurrency=1)
        running = asyncio.create_task(job.run(THOUSANDS))
        times = [asyncio.get_running_loop().time() async for _ in job.progress(every=1.0)]
        await running
    assert len(times) <= 2 * (times[-1] - times[0]) + 4


@in_virtual_time
async def test_an_open_circuit_pauses_the_job(tmp_path):
    """While the client's circuit breaker is open the job waits for the next probe, as for a connection."""
    failing = [httpx.Response(503)] * 3
    server = Server(*failing, 204)
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(transport=server.transport()) as http_client:
        client = AsyncIntegrationClient(
            "http://localhost",
            api_key="k",
            http_client=http_client,
            circuit_breaker=CircuitBreaker(failures=3, open_for=9.0),
        )
        async with client:
            policy = RetryPolicy(attempts=8, initial_backoff=0.1, max_backoff=0.1, max_retry_after=30.0)
            started = loop.time()
            job = ProfileSync(client, job="j", rejects=tmp_path / "r", retry=policy)
            report = await job.run(THOUSANDS)
    assert (report.accepted, report.finished) == (3000, True)
    assert 9.0 <= loop.time() - started < 12.0
    assert report.requests == len(server.requests)


@define
class PointingApi(RecordingApi):
    """An API that says which records are invalid, rightly or wrongly."""

    points_at: Callable[[list[int], int], Iterable[int]] = field(default=lambda invalid, _: invalid, kw_only=True)
    """Makes indexes of the invalid ones and the number of records."""
    member: str = field(default="/attributes/shoeSize", kw_only=True)

    async def _respond(self, request):
        records = json.loads(request.content)["customerProfiles"]
        invalid = [index for index, record in enumerate(records) if "shoeSize" in record["attributes"]]
        if not invalid:
            return await super()._respond(request)
        details = {"title": "Unknown", "details": "shoeSize"}
        pointers = [f"/customerProfiles/{index}{self.member}" for index in self.points_at(invalid, len(records))]
        errors = [{**details, "source": {"pointer": pointer}} for pointer in pointers]
        return httpx.Response(400, json={"message": "The submitted data was invalid", "errors": errors})


LIES = {
    "the next one": lambda invalid, size: [(index + 1) % size for index in invalid],
    "the first one": lambda _, __: [0],
    "the last one": lambda _, size: [size - 1],
    "all of them": lambda _, size: range(size),
    "its neighbours too": lambda invalid, size: [n for n in range(size) if {n - 1, n, n + 1} & set(invalid)],
    "a record that is not there": lambda _, size: [size + 5],
    "half of them": lambda _, size: range(0, size, 2),
    "only the first of them": lambda invalid, _: invalid[:1],
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("member", ["/attributes/shoeSize", "/attributes/name"])
async def test_wrong_pointers_reject_no_good_record(tmp_path, lie, member):
    """Whatever records a server points at, the invalid ones alone are rejected, in a bounded number of requests."""
    api = PointingApi(points_at=LIES[lie], member=member)
    invalid = [3, 4, 150, 1499]
    records = [profile(f"c-{n}", n=n, name="x", **({"shoeSize": 1} if n in invalid else {})) for n in range(1500)]
    report = await sync(api, records, tmp_path)
    assert sorted(reject["position"] for reject in read_rejects(tmp_path / "rejects.ndjson")) == invalid
    assert (report.accepted, report.rejected) == (1496, 4)
    assert len(api.requests) <= 2 + 4 * 22 + 2 * 10


@pytest.mark.parametrize("at_once", [1, 3, 1000])
async def test_right_pointers_are_tested_a_few_times_only(tmp_path, at_once):
    """Of many records that the API points at rightly, a few are sent alone, and the others are believed."""
    api = PointingApi(points_at=lambda invalid, _: invalid[:at_once])
    records = [profile(f"c-{n}", n=n, **({"shoeSize": 1} if n % 20 == 3 else {})) for n in range(2000)]
    report = await sync(api, records, tmp_path)
    assert (report.accepted, report.rejected) == (1900, 100)
    answers = 100 // at_once + 2
    assert len(api.requests) <= 2 + 1.3 * answers + 2 * 8


async def test_a_pointer_into_a_name_with_a_slash_is_understood(tmp_path):
    """A pointer's escapes are read as JSON pointers have them."""
    pointer = "/customerProfiles/{}/attributes/a~1b~0c"

    def respond(request):
        records = json.loads(request.content)["customerProfiles"]
        wrong = [index for index, record in enumerate(records) if "a/b~c" in record["attributes"]]
        details = [{"title": "Unknown", "source": {"pointer": pointer.format(n)}} for n in wrong]
        return httpx.Response(400, json={"message": "no", "errors": details}) if wrong else httpx.Response(204)

    records = [profile(f"c-{n}", **({"a/b~c": 1} if n == 5 else {"n": 1})) for n in range(100)]
    report = await sync(httpx.MockTransport(respond), records, tmp_path)
    assert (report.rejected, report.requests) == (1, 2)


@pytest.mark.parametrize("member", ["9" * 5000, "٣", "-1", "1e1", ""])
async def test_a_pointer_into_a_list_that_is_no_index_is_not_believed(tmp_path, member):
    """A pointer at an entry that a list cannot have, however long its number, is one at what is not there."""
    pointer = f"/customerProfiles/0/attributes/name/{member}"
    detail = {"title": "no", "source": {"pointer": pointer}}
    server = Server(httpx.Response(400, json={"message": "no", "errors": [detail]}), 204)
    records = [profile(f"c-{n}", name=["a", "b", "c", "d"]) for n in range(10)]
    report = await sync(server.transport(), records, tmp_path)
    assert (report.accepted, report.rejected) == (10, 0)


async def test_what_a_reject_keeps_of_the_apis_words_is_bounded(tmp_path):
    """A response of a megabyte does not become a megabyte for each rejected record."""
    detail = {"title": "t" * 300_000, "details": "d" * 300_000}
    detail["source"] = {"pointer": "/customerProfiles/0/attributes/" + "p" * 300_000}
    server = Server(httpx.Response(400, json={"message": "m" * 100_000, "errors": [detail]}))
    await sync(server.transport(), RECORDS, tmp_path)
    rejects = read_rejects(tmp_path / "rejects.ndjson")
    assert len(rejects) == 10
    assert {(len(reject["message"]), len(reject["pointer"])) for reject in rejects} == {(2000, 500)}


async def test_a_missing_member_is_found_by_bisection(tmp_path):
    """A pointer at a member that a record does not have is not believed, and the record is found all the same."""

    def respond(request):
        records = json.loads(request.content)["customerProfiles"]
        wrong = [index for index, record in enumerate(records) if "Name" not in record["attributes"]]
        pointers = [{"pointer": f"/customerProfiles/{index}/attributes/Name"} for index in wrong]
        details = [{"title": "required", "source": pointer} for pointer in pointers]
        return httpx.Response(400, json={"message": "no", "errors": details}) if wrong else httpx.Response(204)

    records = [profile(f"c-{n}", **({"n": 1} if n == 42 else {"Name": "x"})) for n in range(100)]
    report = await sync(httpx.MockTransport(respond), records, tmp_path)
    assert (report.accepted, report.rejected) == (99, 1)
    assert 2 < report.requests <= 1 + 22


async def test_a_stop_before_the_first_record_ends_the_job(tmp_path):
    """A stop that comes before the source has given anything ends the job without a request."""

    async def nothing():
        await asyncio.Event().wait()
        yield RECORDS[0]

    api = RecordingApi()
    async with make_client(api) as client:
        job = ProfileSync(client, job="j", rejects=tmp_path / "r")
        running = asyncio.create_task(job.run(nothing()))
        await until((tmp_path / "r").exists)
        job.stop()
        report = await running
    assert (report.records, report.requests, report.finished) == (0, 0, False)
