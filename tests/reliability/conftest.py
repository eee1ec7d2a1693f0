"""What holds in every test of reliability: it runs on each event loop, and nothing of ours blocks that loop."""

import pytest

from tests.support.blocking import watched
from tests.support.event_loops import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories", "unblocked"]


@pytest.fixture(autouse=True)
def unblocked():
    """Make a blocking call an error."""
    with watched():
        yield
