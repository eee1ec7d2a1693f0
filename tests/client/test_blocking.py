"""A call does nothing on the event loop that the rest of a service would have to wait for."""

import asyncio
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from blockbuster import BlockingError

from aiotalonone import MiddlewareError
from aiotalonone.endpoints import all_operations
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.support.all_operations import FAULTS, SHOP, call_all_operations
from tests.support.blocking import watched
from tests.support.clients import TRANSPORTS, make_client
from tests.support.sandbox_server import serving
from tests.support.scripted_api import close_session

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
both_transports = pytest.mark.parametrize("transport", TRANSPORTS)


@asynccontextmanager
async def shop():
    """Serve a sandbox that fails some calls; yield it and its URL."""
    sandbox = Sandbox(SHOP)
    for operation_id, fault in FAULTS.items():
        sandbox.faults.add(operation_id, Fault(fault), seconds=0)
    async with serving(sandbox.app) as server:
        yield sandbox, server.url


@both_transports
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_no_call_blocks_the_event_loop(transport):
    """From ``open`` to ``aclose``, no operation, retry, error, large response or resumed call blocks the loop."""
    called = set()

    async def note(exchange, call_next):
        called.add(exchange.operation)
        return await call_next(exchange)

    async with shop() as (sandbox, url):
        with watched():
            async with make_client(transport, url, call_middleware=[note]) as client:
                await call_all_operations(client)
        missing = [operation.operation_id for operation in all_operations() if operation not in called]
        assert not missing, "call them in tests/support/all_operations.py"
        assert {triggered.fault.value for triggered in sandbox.faults.triggered} == set(FAULTS.values())


def read_buffered():
    """Read a file in the way of `open`."""
    with Path(__file__).open("rb") as file:
        file.read()


@pytest.mark.parametrize(
    "block",
    [lambda: time.sleep(0.001), lambda: Path(__file__).read_bytes(), read_buffered],
    ids=["sleep", "read_bytes", "read_buffered"],
)
async def test_the_watch_catches_a_blocking_call(block):
    """A middleware that sleeps or reads a file meets a BlockingError, so the watch works."""

    async def blocking(exchange, call_next):
        block()
        return await call_next(exchange)

    async with shop() as (_, url), make_client("own", url, middleware=[blocking]) as client:
        with watched(), pytest.raises(MiddlewareError) as caught:
            await close_session(client)
    assert isinstance(caught.value.__cause__, BlockingError)


@both_transports
async def test_no_call_loads_a_module(transport):
    """No module is loaded by a call, since ``open`` has loaded all of them in a thread."""
    async with shop() as (sandbox, url):
        program = [sys.executable, "-m", "tests.support.all_operations", url, transport]
        process = await asyncio.create_subprocess_exec(*program, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        async with asyncio.timeout(PATIENCE):
            loaded, _ = await process.communicate()
        assert process.returncode == 0
        assert loaded.decode().split() == []
        assert len(sandbox.faults.triggered) == len(FAULTS)
