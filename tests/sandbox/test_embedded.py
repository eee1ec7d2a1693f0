import asyncio
from urllib.parse import urlsplit

import pytest

from aiotalonone.sandbox.process import SandboxStartError, sandbox_process


async def is_served(url):
    address = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_the_sandbox_serves_for_as_long_as_the_block_lasts():
    """It also ends with a block that fails."""

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


async def test_a_sandbox_that_does_not_start_is_an_error(capfd):
    """Its own complaint stands on stderr."""
    with pytest.raises(SandboxStartError):
        async with sandbox_process({"campaigns": [{"id": "one"}]}):
            pass
    assert "campaigns[0].id" in capfd.readouterr().err
