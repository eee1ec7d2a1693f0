"""The transport's tests run on each event loop that users have."""

import asyncio

try:
    import uvloop
except ImportError:  # there is none for Windows
    uvloop = None


def pytest_asyncio_loop_factories(config, item):
    """Return the event loops that each test of this directory runs on; hypothesis' tests make their own."""
    del config, item
    factories = {"asyncio": asyncio.new_event_loop}
    return factories | ({"uvloop": uvloop.new_event_loop} if uvloop else {})
