"""How a job reads its source: it never blocks the event loop, hears a stop at any time, and closes generators."""

import asyncio
import contextvars
import os
import threading
from collections import deque
from contextlib import suppress

import httpx
import pytest

from aiotalonone.bulk import JobStoppedError, ProfileSync
from aiotalonone.bulk import source as reading
from aiotalonone.bulk.source import chunked
from aiotalonone.sandbox.faults import Fault
from tests.bulk.recording_api import FAST_RETRY, RecordingApi, make_client, profile
from tests.support.sandbox_server import until

PATIENCE = 5.0


class WaitingSource:
    """Async records after which the source waits for ever, and whether it was closed."""

    def __init__(self, records):
        self.closed = False
        self.waits = asyncio.Event()
        self.generator = self._read(records)

    async def _read(self, records):
        try:
            for record in records:
                yield record
            self.waits.set()
            await asyncio.Event().wait()
        finally:
            self.closed = True


class BlockedSource:
    """Plain records after which the source blocks its thread until a test releases it."""

    def __init__(self, records):
        self.closed = threading.Event()
        self.waits = threading.Event()
        self.released = threading.Event()
        self.thread = None
        self.generator = self._read(records)

    def _read(self, records):
        try:
            yield from records
            self.thread = threading.current_thread()
            self.waits.set()
            self.released.wait(PATIENCE)
            yield profile("late", n=1)
        finally:
            self.closed.set()


def job_of(client, folder, **options):
    """Return a job without a checkpoint."""
    return ProfileSync(client, job="j", rejects=folder / "rejects.ndjson", retry=FAST_RETRY, **options)


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch):
    monkeypatch.setattr(reading, "CLOSE_GRACE", 0.05)


def profiles(number):
    """Return a number of records."""
    return [profile(f"c-{n}", n=n) for n in range(number)]


@pytest.mark.parametrize("source_class", [WaitingSource, BlockedSource])
async def test_a_stop_is_heard_while_the_source_waits(tmp_path, source_class):
    """Full batches are sent while the source waits for its next record, and after a stop run returns at once."""
    api, source = RecordingApi(), source_class(profiles(1500))
    async with asyncio.timeout(PATIENCE), make_client(api) as client:
        job = job_of(client, tmp_path)
        running = asyncio.create_task(job.run(source.generator))
        await until(lambda: source.waits.is_set() and job.snapshot().accepted > 0)
        job.stop()
        report = await running
    assert (report.records, report.accepted, report.finished) == (1000, 1000, False)


@pytest.mark.parametrize("source_class", [WaitingSource, BlockedSource])
@pytest.mark.parametrize(
    "response", [httpx.Response(401), httpx.Response(200, html="<h1>Please sign in</h1>"), httpx.Response(501)]
)
async def test_a_fatal_response_is_heard_while_the_source_waits(tmp_path, source_class, response):
    """An error of every call stops the job at once, even if the source waits for its next record."""
    source = source_class(profiles(2500))
    async with asyncio.timeout(PATIENCE), make_client(httpx.MockTransport(lambda _: response)) as client:
        with pytest.raises(JobStoppedError):
            await job_of(client, tmp_path).run(source.generator)


async def test_a_blocked_source_is_closed_when_it_comes_back(tmp_path):
    """A plain generator that was waiting as its job stopped is closed as soon as it comes back."""
    source = BlockedSource(profiles(100))
    async with make_client(RecordingApi()) as client:
        job = job_of(client, tmp_path)
        running = asyncio.create_task(job.run(source.generator))
        await until(source.waits.is_set)
        job.stop()
        await running
        assert not source.closed.is_set()
        source.released.set()
        assert await asyncio.to_thread(source.closed.wait, PATIENCE)
    assert source.thread is not threading.current_thread()
    assert source.thread.daemon, "a source that never comes back must not keep the process from ending"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
async def test_the_loop_goes_on_while_a_pipe_has_nothing_to_read(tmp_path):
    """A job whose source reads an empty pipe leaves the event loop to others, and can be cancelled."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def lines():
        with pipe.open("rb") as file:
            for line in file:
                yield profile(line.decode().strip(), n=1)

    async with asyncio.timeout(PATIENCE), make_client(RecordingApi()) as client:
        running = asyncio.create_task(job_of(client, tmp_path).run(lines()))
        writer = await asyncio.to_thread(pipe.open, "wb", 0)
        for _ in range(100):
            await asyncio.sleep(0)
        assert not running.done()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        writer.close()  # lets the thread end


async def end_of(ending, source, api, folder):
    """Run a job to one of its ends."""
    async with make_client(api) as client:
        job = job_of(client, folder, concurrency=1)
        running = asyncio.create_task(job.run(source))
        if ending in ("stop", "cancel"):
            await until(lambda: len(api.requests) >= 2)
            job.stop() if ending == "stop" else running.cancel()
        with suppress(asyncio.CancelledError, JobStoppedError):
            await running


@pytest.mark.parametrize("ending", ["end", "stop", "cancel", "failure"])
@pytest.mark.parametrize("is_async", [True, False])
async def test_a_generator_is_closed_when_run_returns(tmp_path, monkeypatch, ending, is_async):
    """An async or plain generator is closed when run returns or raises, however the job ends."""
    monkeypatch.setattr(reading, "CLOSE_GRACE", PATIENCE)
    closed = []

    def plain():
        try:
            yield from profiles(9000)
        finally:
            closed.append(threading.current_thread())

    async def asynchronous():
        try:
            for record in profiles(9000):
                yield record
        finally:
            await asyncio.sleep(0)
            closed.append(asyncio.current_task())

    api = RecordingApi()
    if ending == "failure":
        api.sandbox.faults.add("updateCustomerProfilesV2", Fault.NOT_JSON, calls=(2,))
    await end_of(ending, asynchronous() if is_async else plain(), api, tmp_path)
    assert len(closed) == 1


async def test_a_second_stop_does_not_cut_short_how_a_source_is_closed(tmp_path):
    """An async source that is closed as its job stops may await, also if another request fails meanwhile."""
    closed = []

    async def records():
        try:
            for record in profiles(1500):
                yield record
            await asyncio.Event().wait()
        finally:
            job.stop()
            await asyncio.sleep(0)
            closed.append(True)

    async with make_client(httpx.MockTransport(lambda _: httpx.Response(401))) as client:
        job = job_of(client, tmp_path)
        with pytest.raises(JobStoppedError):
            await job.run(records())
    assert closed == [True]


async def test_an_iterable_that_makes_generators_has_them_closed(tmp_path):
    """A generator that an iterable object makes for the job is closed as well."""
    closed = []

    class Table:
        def __iter__(self):
            try:
                yield from profiles(50)
                yield from [profile("", n=1)] * 2
            finally:
                closed.append(True)

    async with make_client(RecordingApi()) as client:
        report = await job_of(client, tmp_path).run(Table())
    assert (report.accepted, report.rejected, closed) == (50, 2, [True])


async def test_an_async_source_is_read_by_one_task(tmp_path):
    """A timeout or a context variable of an async source lasts from one record to the next, and to its end."""
    variable, tasks = contextvars.ContextVar("variable"), set()

    async def records():
        token = variable.set("of the source")
        async with asyncio.timeout(PATIENCE):
            for record in profiles(2500):
                tasks.add(asyncio.current_task())
                yield record
        variable.reset(token)

    async with make_client(RecordingApi()) as client:
        report = await job_of(client, tmp_path).run(records())
    assert report.finished
    assert len(tasks) == 1


async def test_a_plain_source_sees_the_context_of_its_caller(tmp_path):
    """A plain source is read in a thread that has the context variables of the task that runs the job."""
    variable = contextvars.ContextVar("variable", default="of no task")
    variable.set("of the caller")
    seen = set()

    def records():
        for record in profiles(150):
            seen.add((variable.get(), threading.current_thread() is threading.main_thread()))
            yield record

    async with make_client(RecordingApi()) as client:
        await job_of(client, tmp_path).run(records())
    assert seen == {("of the caller", False)}


async def test_a_source_that_cancels_itself_cancels_the_job(tmp_path):
    """A CancelledError that the source raises is not taken for the end of the source."""

    async def records():
        yield profile("a", n=1)
        raise asyncio.CancelledError

    async with make_client(RecordingApi()) as client:
        with pytest.raises(asyncio.CancelledError):
            await job_of(client, tmp_path).run(records())


async def test_records_before_a_failure_are_sent(tmp_path):
    """Whole batches that were read before the source failed are sent, and the failure is raised."""

    def records():
        yield from profiles(2100)
        raise RuntimeError("the cursor is gone")

    api = RecordingApi()
    async with make_client(api) as client:
        with pytest.raises(RuntimeError, match="the cursor is gone"):
            await job_of(client, tmp_path).run(records())
    assert len(api.attributes()) >= 1000


def one_dict():
    record = profile("", n=0)
    for n in range(500):
        record["integrationId"] = f"c-{n}"
        yield record


def one_dict_of_attributes():
    attributes = {}
    for n in range(500):
        attributes["n"] = n
        yield {"integrationId": f"c-{n}", "attributes": attributes}


def three_dicts_in_turn():
    records = [{}, {}, {}]
    for n in range(500):
        records[n % 3].update(profile(f"c-{n}", n=n))
        yield records[n % 3]


def many_dicts_in_turn():
    records = [{} for _ in range(150)]
    for n in range(500):
        records[n % 150].update(profile(f"c-{n}", n=n))
        yield records[n % 150]


def one_dict_after_a_while():
    yield from profiles(200)
    yield from one_dict()


async def as_async(records):
    for record in records:
        yield record


@pytest.mark.parametrize("records", [one_dict, one_dict_of_attributes, three_dicts_in_turn, one_dict_after_a_while])
@pytest.mark.parametrize("wrap", [iter, as_async])
async def test_a_record_that_changes_after_it_was_yielded_is_noticed(tmp_path, records, wrap):
    """A source that yields one object again and again ends the job before anything wrong is sent."""
    api = RecordingApi()
    async with make_client(api) as client:
        with pytest.raises(ValueError, match="must yield a new object for each record"):
            await job_of(client, tmp_path).run(wrap(records()))
    assert api.attributes() == {}


async def test_a_record_that_changes_as_the_thread_reads_ahead_is_noticed(tmp_path):
    """A plain source whose objects return after more records than a chunk has ends the job as well."""
    api = RecordingApi()
    async with make_client(api) as client:
        with pytest.raises(ValueError, match="must yield a new object for each record"):
            await job_of(client, tmp_path).run(many_dicts_in_turn())
    assert api.attributes() == {}


async def test_equal_objects_that_do_not_change_are_records(tmp_path):
    """Records may share an object that stays as it is, and a list may hold one record twice."""
    shared, twice = {"n": 7}, profile("twice", a=1)
    api = RecordingApi()
    async with make_client(api) as client:
        await job_of(client, tmp_path).run({"integrationId": f"c-{n}", "attributes": shared} for n in range(300))
        await job_of(client, tmp_path).run([twice, twice])
        await job_of(client, tmp_path).run(iter([twice, twice]))
    assert api.attributes() == {f"c-{n}": {"n": 7} for n in range(300)} | {"twice": {"a": 1}}


class Query:
    """A source whose length is of no use: another number than its records, or an error."""

    def __init__(self, length):
        self.length = length

    def __iter__(self):
        return iter(profiles(150))

    def __len__(self):
        if self.length is None:
            raise RuntimeError("a query may not run in an event loop")
        return self.length


@pytest.mark.parametrize("length", [None, 7, 1000])
async def test_the_records_of_a_finished_job_are_those_that_were_read(tmp_path, length):
    """What a source says of its length changes neither the figures nor how the job ends."""
    async with make_client(RecordingApi()) as client:
        job = job_of(client, tmp_path)
        report = await job.run(Query(length))
    assert (report.records, report.accepted, report.not_attempted, report.finished) == (150, 150, 0, True)
    assert job.snapshot().total == length


async def test_a_length_that_cannot_be_told_does_not_hide_how_a_job_ended(tmp_path):
    """A stopped job raises its own error, with the records that were read."""
    async with make_client(httpx.MockTransport(lambda _: httpx.Response(401))) as client:
        with pytest.raises(JobStoppedError) as caught:
            await job_of(client, tmp_path).run(Query(None))
    assert caught.value.report.not_attempted == 150


@pytest.mark.parametrize("make", [list, tuple, deque, iter, as_async])
async def test_chunks_are_full_but_the_last(make):
    """Every kind of source is read in chunks of one size, of which only the last is shorter."""
    chunks = [chunk async for chunk in chunked(make(range(2345)), 100)]
    assert [len(chunk) for chunk in chunks] == [100] * 23 + [45]
    assert [record for chunk in chunks for record in chunk] == list(range(2345))
