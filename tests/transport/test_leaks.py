"""What calls leave behind: no memory, no descriptor, no task, and nothing for the garbage collector."""

import asyncio
import gc
import tracemalloc
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from aiotalonone import TalonOneError, Timeouts
from tests.support.clients import MEBIBYTE, api_client, pool_client, url_of
from tests.support.raw_server import (
    chunked,
    descriptors,
    read_request,
    responding,
    response,
    server_context,
    serving,
    silent,
    tunnelling,
    until,
)
from tests.support.strategies import drain_loop

soak = pytest.mark.soak
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted on Linux")
encrypted_or_not = pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
OURS = ("aiotalonone", "httpx", "httptools")
ALLOWED_BYTES = 300_000


@pytest.fixture(autouse=True)
def nothing_older():
    """Keep the garbage collector from all that is there already, such as the thousands of other tests."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def no_collector():
    """Leave nothing to the garbage collector."""
    gc.collect()
    gc.disable()
    yield
    tracemalloc.stop()
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@contextmanager
def garbage():
    """Yield a list that holds, in the end, what of the client was left to the garbage collector."""
    found = []
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        kinds = (f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.garbage)
        found += [kind for kind in kinds if kind.startswith(OURS)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


class Footprint:
    """What this process holds."""

    def __init__(self):
        gc.collect()
        self.descriptors = descriptors()
        self.tasks = asyncio.all_tasks()
        tracemalloc.stop()
        tracemalloc.start()

    async def assert_unchanged(self):
        """Check that nothing has been added, without a look of the garbage collector."""
        memory, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert memory < ALLOWED_BYTES
        await until(lambda: asyncio.all_tasks() <= self.tasks)
        await until(lambda: descriptors() <= self.descriptors)


async def make_calls(client, number):
    """Make calls, one after the other."""
    for turn in range(number):
        with suppress(TalonOneError):
            await client.request("GET", f"/v1/x/{turn}")


RESPONSES = {
    "a length": response(b'{"is": "here"}'),
    "chunks": chunked(b'{"is": "', b'here"}'),
    "an interim response": b"HTTP/1.1 103 x\r\n\r\n" + response(b'{"is": "here"}'),
    "close": response(b'{"is": "here"}', 200, b"connection: close"),
    "surplus": response(b'{"is": "here"}') + b"x",
}


@pytest.mark.usefixtures("no_collector")
@encrypted_or_not
@pytest.mark.parametrize("data", RESPONSES.values(), ids=RESPONSES)
async def test_no_cycles(data, tls):
    """A call that succeeds leaves nothing behind that only the garbage collector would find."""
    async with (
        serving(responding(data), server_context() if tls else None) as port,
        api_client(port, tls=tls) as client,
    ):
        await make_calls(client, 5)
        with garbage() as found:
            await make_calls(client, 20)
        assert found == []


@pytest.mark.usefixtures("no_collector")
@encrypted_or_not
async def test_no_cycles_of_tunnels(tls):
    """A tunnel that is opened, and one that is cancelled, leave nothing that only the garbage collector would find."""
    closing = responding(RESPONSES["close"])
    async with (
        serving(closing, server_context()) as port,
        serving(tunnelling([]), server_context() if tls else None) as proxy_port,
        api_client(port, tls=True, proxy=url_of(proxy_port, tls=tls)) as client,
    ):
        await make_calls(client, 2)
        with garbage() as found:
            await make_calls(client, 3)
            for turns in range(8):
                call = asyncio.create_task(make_calls(client, 1))
                for _ in range(turns):
                    await asyncio.sleep(0)
                call.cancel()
                await asyncio.wait([call])
            await drain_loop()
        assert [kind for kind in found if kind.startswith("aiotalonone.transport")] == []


@pytest.mark.usefixtures("no_collector")
async def test_no_cycles_of_failed_requests():
    """A request that fails leaves nothing of the transport behind that only the garbage collector would find."""
    async with serving(responding(b"garbage")) as port, pool_client(port) as client:
        with garbage() as found:
            for _ in range(10):
                with suppress(Exception):
                    await client.get("/")
        assert [kind for kind in found if kind.startswith("aiotalonone")] == []


@pytest.mark.usefixtures("no_collector")
async def test_idle_connection_keeps_no_response():
    """What was received stays no longer than its receiver wants: an idle connection holds nothing of it."""
    async with serving(responding(response(bytes(4 * MEBIBYTE)))) as port, pool_client(port) as client:
        await client.get("/")
        tracemalloc.start()
        await client.get("/")
        await asyncio.sleep(0)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert held < MEBIBYTE


@needs_proc
@pytest.mark.usefixtures("no_collector")
@encrypted_or_not
@pytest.mark.parametrize("number", [2000, pytest.param(200_000, marks=soak)])
async def test_calls_leave_nothing(number, tls):
    """Thousands of calls leave memory, descriptors and tasks as they were."""
    served = responding(response(b'{"is": "here"}'))
    async with (
        serving(served, server_context() if tls else None) as port,
        api_client(port, tls=tls, max_connections=10, deadline=None) as client,
    ):
        await asyncio.gather(*(make_calls(client, 20) for _ in range(10)))
        footprint = Footprint()
        await asyncio.gather(*(make_calls(client, number // 10) for _ in range(10)))
        await footprint.assert_unchanged()


@needs_proc
@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("number", [200, pytest.param(10_000, marks=soak)])
async def test_cancelled_handshakes_leave_nothing(number):
    """Handshakes that are cancelled leave descriptors and tasks as they were, and no socket to the collector."""
    accepted = []

    async def silent_from_now_on(reader, writer):
        accepted.append(None)
        await silent(reader, writer)

    async def cancel_some(client, number):
        for _ in range(number):
            started = len(accepted)
            call = asyncio.create_task(client.request("GET", "/v1/x"))
            await until(lambda started=started: len(accepted) > started)
            call.cancel()
            await asyncio.wait([call])

    timeouts = Timeouts(connect=5)
    async with (
        serving(silent_from_now_on) as port,
        api_client(port, tls=True, timeouts=timeouts, max_connections=20) as client,
    ):
        await cancel_some(client, 20)
        await until(lambda: len(asyncio.all_tasks()) == 1)
        before = descriptors()
        await asyncio.gather(*(cancel_some(client, number // 20) for _ in range(20)))
        await until(lambda: len(asyncio.all_tasks()) == 1)
        await until(lambda: descriptors() <= before)
    assert len(accepted) >= number // 10


async def fail(reader, writer):
    """Respond in turn with what may happen: a result, a rejection, a failure, garbage, an end."""
    for number in range(50):
        await read_request(reader)
        writer.write([response(b"{}"), response(b"{}", 404), response(b"{}", 503)][number % 3])
    await read_request(reader)
    writer.write(b"garbage")


@needs_proc
@pytest.mark.parametrize("number", [400, pytest.param(50_000, marks=soak)])
async def test_failing_calls_leave_nothing(number):
    """Calls that fail and are retried leave nothing once the garbage collector has passed."""
    async with serving(fail) as port:
        for calls in (200, number):
            footprint = Footprint()
            async with api_client(port, max_connections=10, deadline=None) as client:
                await asyncio.gather(*(make_calls(client, calls // 10) for _ in range(10)))
            del client
            gc.collect()
            if calls == number:
                await footprint.assert_unchanged()
