"""Sentry's integration of httpx notes the requests of both kinds of clients."""

import httpx
import pytest
import sentry_sdk
from sentry_sdk.integrations.httpx import HttpxIntegration

from aiotalonone import BadRequestError
from tests.support.canaries import CANARY
from tests.support.clients import make_client
from tests.support.scripted_api import close_session

both_clients = pytest.mark.parametrize("transport", ["own", "external"])


@pytest.fixture(scope="module")
def events():
    """Return what would be sent to Sentry; the integration, which is installed once for a process, is undone."""
    events = []

    def keep(event, _hint):
        events.append(event)

    methods = httpx.Client.send, httpx.AsyncClient.send
    sentry_sdk.init(
        dsn="http://key@127.0.0.1:9/1",
        traces_sample_rate=1.0,
        before_send=keep,
        before_send_transaction=keep,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[HttpxIntegration()],
    )
    try:
        yield events
    finally:
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)
        httpx.Client.send, httpx.AsyncClient.send = methods


@both_clients
async def test_a_request_has_span_and_breadcrumb_and_tells_the_server(transport, server, events):
    """The transaction has a span of the request, the event a breadcrumb, the server the trace, on one connection."""
    with sentry_sdk.isolation_scope():
        with sentry_sdk.start_transaction(name="checkout") as transaction:
            async with make_client(transport, server.url) as client:
                for _ in range(2):
                    await close_session(client)
        sentry_sdk.capture_message("after the checkout")
    traced, message = events[-2:]
    url = f"{server.url}/v2/customer_sessions/cart-1"
    assert [(span["op"], span["data"]["url"]) for span in traced["spans"]] == [("http.client", url)] * 2
    assert [crumb["data"]["http.response.status_code"] for crumb in message["breadcrumbs"]["values"]] == [200] * 2
    assert all(header.startswith(transaction.trace_id) for header in server.headers("sentry-trace"))
    assert server.connections == 1


async def test_an_error_is_titled_by_its_line(events):
    """Sentry titles an error by its own line, and its event has no word of the API's."""
    answer = httpx.MockTransport(lambda _: httpx.Response(400, json={"message": f"{CANARY} is invalid"}))
    async with make_client("external", "https://shop.talon.one", http_options={"transport": answer}) as client:
        with pytest.raises(BadRequestError) as caught:
            await close_session(client)
    sentry_sdk.capture_exception(caught.value)
    [shown] = events[-1]["exception"]["values"]
    line = "updateCustomerSessionV2 failed: 400 Bad Request, API message withheld (1 attempt, rejected)"
    assert (shown["type"], shown["value"]) == ("BadRequestError", line)
    assert CANARY not in repr(events[-1])
