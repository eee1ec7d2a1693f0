"""What holds in every test of reliability: nothing of ours blocks the event loop."""

import pytest

from tests.test_blocking import watched


@pytest.fixture(autouse=True)
def unblocked():
    """A call that blocks is an error."""
    with watched():
        yield
