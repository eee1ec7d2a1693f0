"""What the unit tests share: an API made of respx routes, and a client that calls it."""

from collections.abc import AsyncIterator, Iterator

import pytest
import respx
from hypothesis import settings

from aiotalonone import AsyncIntegrationClient, RetryPolicy
from tests.support.clients import API_KEY, BASE_URL

settings.register_profile("any machine", deadline=None)  # how long an example takes depends on the machine
settings.load_profile("any machine")


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    """Routes below the base URL; a request that no route expects fails, and so does a route that is not called."""
    with respx.mock(base_url=BASE_URL) as router:
        yield router


@pytest.fixture
async def client() -> AsyncIterator[AsyncIntegrationClient]:
    """A client that is open, and sends each request once."""
    async with AsyncIntegrationClient(BASE_URL, api_key=API_KEY, retry=RetryPolicy(attempts=1)) as client:
        yield client
