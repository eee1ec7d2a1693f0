import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aiotalonone.sandbox import SHOP, process
from aiotalonone.sandbox.process import SandboxStartError, blocking_sandbox_process, sandbox_process

ROOT = Path(__file__).parents[2]


async def is_served(url):
    address = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_process_serves_as_long_as_its_block():
    """The process serves until its block ends, also if the block fails."""

    async def fail_while_it_serves():
        async with sandbox_process({}) as url:
            served.append((url, await is_served(url)))
            raise LookupError

    served = []
    with pytest.raises(LookupError):
        await fail_while_it_serves()
    [(url, was_served)] = served
    assert was_served
    assert not await is_served(url)


async def test_process_that_does_not_start_is_an_error(capfd):
    """A process that does not start raises SandboxStartError, and the reason is on stderr."""
    with pytest.raises(SandboxStartError):
        async with sandbox_process({"campaigns": [{"id": "one"}]}):
            pass
    assert "campaigns[0].id" in capfd.readouterr().err


def test_process_serves_code_that_cannot_await():
    """The process serves a campaign file for as long as a block of code that cannot await, also if the block fails."""

    def fail_while_it_serves():
        with blocking_sandbox_process(SHOP) as url:
            served.append((url, asyncio.run(is_served(url))))
            raise LookupError

    served = []
    with pytest.raises(LookupError):
        fail_while_it_serves()
    [(url, was_served)] = served
    assert was_served
    assert not asyncio.run(is_served(url))


@pytest.mark.parametrize(("campaigns", "seconds"), [({"campaigns": [{"id": "one"}]}, 30), ({}, 0.001)])
def test_process_that_does_not_start_in_time_is_an_error(monkeypatch, campaigns, seconds):
    """A process that ends, or does not listen in time, raises SandboxStartError in code that cannot await as well."""
    monkeypatch.setattr(process, "_SECONDS_TO_START", seconds)
    with pytest.raises(SandboxStartError), blocking_sandbox_process(campaigns):
        pass


INTERRUPTED = """
import asyncio, os, signal, sys
from aiotalonone.sandbox.process import sandbox_process
from tests.sandbox.test_process import is_served

async def main():
    signal.signal(signal.SIGINT, lambda *_: None)
    async with sandbox_process({}) as url:
        os.killpg(0, signal.SIGINT)
        await asyncio.sleep(0.5)  # enough for it to end
        sys.exit(not await is_served(url))

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
async def test_ctrl_c_does_not_reach_the_process():
    """Ctrl-C on a terminal does not end the process, since the program that started it may have calls in flight."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", INTERRUPTED, cwd=ROOT, start_new_session=True)
    assert await process.wait() == 0


WAITING = """
import asyncio
from aiotalonone.sandbox.process import sandbox_process

async def main():
    async with sandbox_process({}) as url:
        print(url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_process_ends_with_the_program_that_started_it():
    """If the program that started the process is killed, the process ends as well, and closes the stderr of both."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WAITING, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )  # fmt: skip
    assert await is_served((await program.stdout.readline()).decode().strip())
    program.kill()
    async with asyncio.timeout(20):
        assert await program.stderr.read() == b""
    await program.wait()
