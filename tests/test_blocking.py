"""What a client does on the event loop of a service: nothing that the service would have to wait for."""

import asyncio
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from blockbuster import BlockingError, blockbuster_ctx

from aiotalonone.endpoints import OPERATIONS
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.every_call import FAULTS, SHOP, client_of, make_every_call
from tests.scripted import TRANSPORTS, close_cart
from tests.support.sandbox_server import serving

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0
both_transports = pytest.mark.parametrize("transport", TRANSPORTS)


@asynccontextmanager
async def shop():
    """A sandbox that fails some calls, and its URL."""
    sandbox = Sandbox(SHOP)
    for operation_id, fault in FAULTS.items():
        sandbox.faults.add(operation_id, Fault(fault), seconds=0)
    async with serving(sandbox.app) as server:
        yield sandbox, server.url


def watched():
    """Whatever blocks is an error, where our code is on the stack; the sandbox may."""
    return blockbuster_ctx("aiotalonone", excluded_modules=["aiotalonone.sandbox"])


@both_transports
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_no_call_blocks_the_event_loop(transport):
    """From `open` to `aclose`: every operation, repetitions, errors, a large answer, and a call resumed."""
    called = set()

    async def note(exchange, call_next):
        called.add(exchange.operation)
        return await call_next(exchange)

    async with shop() as (sandbox, url):
        with watched():
            async with client_of(transport, url, call_middleware=[note]) as client:
                await make_every_call(client)
        assert called >= set(OPERATIONS)
        assert {triggered.fault.value for triggered in sandbox.faults.triggered} == set(FAULTS.values())


@pytest.mark.parametrize("block", [lambda: time.sleep(0.001), lambda: Path(__file__).read_bytes()])
async def test_what_blocks_is_caught(block):
    """A step that sleeps or reads a file is what the watch is for."""

    async def blocking(exchange, call_next):
        block()
        return await call_next(exchange)

    async with shop() as (_, url), client_of("own", url, middleware=[blocking]) as client:
        with watched(), pytest.raises(BlockingError):
            await close_cart(client)


@both_transports
async def test_no_call_loads_a_module(transport):
    """The first call reads no files either: `open` has loaded everything, in a thread."""
    async with shop() as (sandbox, url):
        program = [sys.executable, "-m", "tests.every_call", url, transport]
        process = await asyncio.create_subprocess_exec(*program, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        async with asyncio.timeout(PATIENCE):
            loaded, _ = await process.communicate()
        assert process.returncode == 0
        assert loaded.decode().split() == []
        assert len(sandbox.faults.triggered) == len(FAULTS)
