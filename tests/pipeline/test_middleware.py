"""Middleware: each step decides what becomes of the exchange."""

import httpx
import pytest

from aiotalonone.endpoints.customers import DELETE_CUSTOMER_DATA
from aiotalonone.errors import Outcome, TransportError
from aiotalonone.pipeline.middleware import chain
from aiotalonone.pipeline.send import HttpSender
from tests.pipeline.factories import exchange_of


def exchange():
    return exchange_of(DELETE_CUSTOMER_DATA, "c-1")


def wire(handler, max_response_bytes=1000):
    return HttpSender(httpx.AsyncClient(transport=httpx.MockTransport(handler)), max_response_bytes)


async def test_without_middleware_the_sender_is_called():
    """Without middleware the pipeline calls the sender directly."""
    send = wire(lambda _: httpx.Response(204)).send
    assert chain((), send) is send
    assert (await send(exchange())).status_code == 204


async def test_a_middleware_may_return_a_response_itself():
    """A middleware that returns a response itself, like a cache, keeps the request from being sent."""

    async def cached(_exchange, _proceed):
        return httpx.Response(203)

    async def unreachable(_exchange, _proceed):
        pytest.fail("a step behind one that responds was reached")

    response = await chain((cached, unreachable), wire(unreachable).send)(exchange())
    assert response.status_code == 203


async def test_a_middleware_may_call_next_again():
    """A middleware may send the same exchange twice, body included."""
    statuses = iter([503, 200])

    async def once_more(exchange, call_next):
        response = await call_next(exchange)
        return response if response.is_success else await call_next(exchange)

    response = await chain((once_more,), wire(lambda _: httpx.Response(next(statuses))).send)(exchange())
    assert response.status_code == 200


async def test_the_sender_reads_the_whole_response():
    """An error response is read, and its connection released, before a middleware sees it."""
    response = await wire(lambda _: httpx.Response(500, stream=httpx.ByteStream(b"half and half"))).send(exchange())
    assert response.is_closed
    assert response.content == b"half and half"


async def test_a_body_that_cannot_be_decoded_leaves_its_status():
    """A response that is not the gzip it claims to be still has its status."""
    broken = httpx.Response(404, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))
    response = await wire(lambda _: broken).send(exchange())
    assert (response.status_code, response.content) == (404, b"")
    assert broken.is_closed


class Breaking(httpx.AsyncByteStream):
    """A body that ends too early, and notes whether it was closed."""

    closed = False

    async def __aiter__(self):
        yield b"half"
        raise httpx.ReadError("gone")

    async def aclose(self):
        """Note the end."""
        self.closed = True


async def test_a_body_that_breaks_off_is_a_transport_error():
    """A success whose body breaks off is a TransportError with APPLIED, and the body is closed."""
    body = Breaking()
    with pytest.raises(TransportError, match="read error") as caught:
        await wire(lambda _: httpx.Response(200, stream=body)).send(exchange())
    assert caught.value.outcome is Outcome.APPLIED
    assert body.closed
