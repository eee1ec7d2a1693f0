"""How an endpoint's test looks at what was sent."""

import orjson
import pytest


@pytest.fixture
def sent():
    """The last request of a route: method, raw path with query, JSON body (``None`` where there is none)."""

    def last(route):
        request = route.calls.last.request
        body = orjson.loads(request.content) if request.content else None
        return request.method, request.url.raw_path.decode(), body

    return last
