"""How an endpoint's test looks at what was sent."""

import orjson
import pytest


@pytest.fixture
def sent():
    """Return the last request of a route: method and path with query, and the JSON body, ``None`` without one."""

    def last(route):
        request = route.calls.last.request
        body = orjson.loads(request.content) if request.content else None
        return f"{request.method} {request.url.raw_path.decode()}", body

    return last
