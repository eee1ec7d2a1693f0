"""The event loops that users have: what must hold on each of them is tested on each of them."""

import asyncio

FACTORIES = {"asyncio": asyncio.new_event_loop}

try:
    import uvloop
except ImportError:  # there is none for Windows
    pass
else:
    FACTORIES["uvloop"] = uvloop.new_event_loop


def pytest_asyncio_loop_factories(config, item):
    """Return the event loops that each test of a directory runs on; hypothesis' tests make their own.

    A directory's ``conftest`` imports this hook.
    """
    del config, item
    return FACTORIES
