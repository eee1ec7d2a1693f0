"""A program that forks while its client is open: ``python -m tests.support.fork_program URL TRANSPORT``.

The child ends as those of ``multiprocessing`` do, by ``os._exit``: any other exit closes the parent's event loop.
"""

import asyncio
import gc
import os
import sys
import warnings
import weakref

import pytest

from aiotalonone import AsyncIntegrationClient, ClientStateError, Outcome
from tests.support.clients import library_of
from tests.support.scripted_api import close_session


def main(url, transport):
    """Call, fork, and call again."""
    with asyncio.Runner() as its_loop:
        its_loop.run(asyncio.sleep(0))  # an httpx client looks for the loop it is made on
        http_client = None if transport == "own" else library_of(transport).AsyncClient(trust_env=False)
        client = AsyncIntegrationClient(url, api_key="k", http_client=http_client)
        clients = [its_loop.run(client.open())]
        del client, http_client
        its_loop.run(close_session(clients[0]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the threads that loaded modules are idle
            child = os.fork()
        if not child:
            os._exit(exit_code_of(clients))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        its_loop.run(go_on(clients[0]))


async def go_on(client):
    """What the parent does after the fork."""
    await close_session(client)
    await client.aclose()
    if client._lifecycle._external_client:
        await client._lifecycle._external_client.aclose()


def exit_code_of(clients):
    """0 where all is as promised; what is not stands on stderr."""
    try:
        misuse(clients)
    except BaseException:  # noqa: BLE001 - nothing may leave the child but by its exit
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def misuse(clients):
    """Try in the child whatever a program might try."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        asyncio.run(raises_state_error(clients[0]))
        forgotten = weakref.ref(clients.pop())
        gc.collect()
        assert forgotten() is None
    of_ours = [str(warning.message) for warning in told if "client" in str(warning.message)]
    assert not of_ours, of_ours  # asyncio may tell of sockets, which are closed in the parent


async def raises_state_error(client):
    """No call is made, and closing leaves the sockets alone."""
    for attempt in (lambda: close_session(client), client.open):
        with pytest.raises(ClientStateError, match="opened before this process was forked") as caught:
            await attempt()
        assert caught.value.outcome is Outcome.NOT_SENT
    await client.aclose()


if __name__ == "__main__":
    main(*sys.argv[1:])
