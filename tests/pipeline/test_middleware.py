"""The contract of middleware: each step decides what becomes of the exchange."""

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


async def test_without_steps_the_way_is_the_wire():
    """No middleware costs nothing: what is called is the last step itself."""
    send = wire(lambda _: httpx.Response(204)).send
    assert chain((), send) is send
    assert (await send(exchange())).status_code == 204


async def test_a_step_may_answer_by_itself():
    """A cache need not ask the API; the steps within it and the wire are not reached."""

    async def cached(_exchange, _proceed):
        return httpx.Response(203)

    async def unreachable(_exchange, _proceed):
        pytest.fail("a step behind one that answers was reached")

    answer = await chain((cached, unreachable), wire(unreachable).send)(exchange())
    assert answer.status_code == 203


async def test_a_step_may_proceed_again():
    """The same exchange can be sent twice, body and all: what a retry needs."""
    statuses = iter([503, 200])

    async def once_more(exchange, call_next):
        answer = await call_next(exchange)
        return answer if answer.is_success else await call_next(exchange)

    answer = await chain((once_more,), wire(lambda _: httpx.Response(next(statuses))).send)(exchange())
    assert answer.status_code == 200


async def test_the_wire_reads_the_whole_answer():
    """A failed answer is read and its connection given back before anyone judges it."""
    answer = await wire(lambda _: httpx.Response(500, stream=httpx.ByteStream(b"half and half"))).send(exchange())
    assert answer.is_closed
    assert answer.content == b"half and half"


async def test_a_body_that_cannot_be_decoded_leaves_its_status():
    """A page that is not the gzip it claims to be still counts as a response: its status decides the outcome."""
    broken = httpx.Response(404, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))
    answer = await wire(lambda _: broken).send(exchange())
    assert (answer.status_code, answer.content) == (404, b"")
    assert broken.is_closed


class Breaking(httpx.AsyncByteStream):
    """A body that ends before its time, and knows whether it was closed."""

    closed = False

    async def __aiter__(self):
        yield b"half"
        raise httpx.ReadError("gone")

    async def aclose(self):
        """Note it."""
        self.closed = True


async def test_a_body_that_breaks_off_is_a_transport_error():
    """The head of a success came, so it was carried out; the rest is closed, so that its connection is not lost."""
    body = Breaking()
    with pytest.raises(TransportError, match="read error") as caught:
        await wire(lambda _: httpx.Response(200, stream=body)).send(exchange())
    assert caught.value.outcome is Outcome.APPLIED
    assert body.closed
