"""What the tests of mocks and instruments share."""

import pytest

from tests.support.keep_alive_server import keep_alive_server


@pytest.fixture
async def server():
    """Run a server on loopback that counts its connections."""
    async with keep_alive_server() as server:
        yield server
