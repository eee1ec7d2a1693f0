"""What a call comes to whose response is broken behind its head, whenever it is given up: its status counts."""

import asyncio
import gzip
from contextlib import suppress
from itertools import count

import pytest

from aiotalonone import (
    DeadlineExceededError,
    Outcome,
    ResponseDecodeError,
    TalonOneError,
    Timeouts,
    TransportError,
    TransportTimeoutError,
)
from tests.support.await_points import cancel_at_await, interrupt_at_await
from tests.support.clients import PATIENT, api_client
from tests.support.raw_server import OK, read_request, reset, response, server_context, serving
from tests.support.scripted_api import create_referral

CREATED = b"HTTP/1.1 201 Created\r\n"
GZIP = CREATED + b"content-encoding: gzip\r\n"


def with_length(head, body, length=None):
    """Return a response with a length, which may be wrong."""
    return head + b"content-length: %d\r\n\r\n" % (len(body) if length is None else length) + body


BROKEN = {
    # bytes, whether the server leaves, what the call comes to
    "half a body": (with_length(CREATED, b'{"co', 100), "close", TransportError),
    "half a body and a reset": (with_length(CREATED, b'{"co', 100), "reset", TransportError),
    "half a body and silence": (with_length(CREATED, b'{"co', 100), "stay", TransportTimeoutError),
    "too large": (with_length(CREATED, b" " * 2000), "stay", ResponseDecodeError),
    "announced as too large": (with_length(CREATED, b"", 10**9), "stay", ResponseDecodeError),
    "a broken chunk": (CREATED + b"transfer-encoding: chunked\r\n\r\n2\r\n{}x", "stay", TransportError),
    "no last chunk": (CREATED + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", "close", TransportError),
    "an unknown transfer coding": (CREATED + b"transfer-encoding: gzip\r\n\r\n{}", "stay", TransportError),
    "broken gzip": (with_length(GZIP, b"{}"), "stay", ResponseDecodeError),
    "half of gzip": (with_length(GZIP, gzip.compress(b"{}")[:-4]), "stay", ResponseDecodeError),
    "gzip of too much": (with_length(GZIP, gzip.compress(bytes(10_000))), "stay", ResponseDecodeError),
    "an unknown content coding": (
        with_length(CREATED + b"content-encoding: br\r\n", b"{}"),
        "stay",
        ResponseDecodeError,
    ),
    "no JSON": (with_length(CREATED, b"<html>"), "stay", ResponseDecodeError),
}


def breaking(data, ending, requests):
    """Return a server that responds like this, and notes how many requests it had."""

    async def handle(reader, writer):
        while True:
            await read_request(reader)
            requests.append(writer)
            writer.write(data)
            await writer.drain()
            if ending == "stay":
                continue
            if ending == "reset":
                await asyncio.sleep(0.01)  # RST overtakes what the peer has not read
                reset(writer)
            return

    return handle


every_break = pytest.mark.parametrize(("data", "ending", "kind"), BROKEN.values(), ids=BROKEN)


@every_break
async def test_success_with_a_broken_body(data, ending, kind):
    """A status of success settles the outcome: applied, and not sent again."""
    requests = []
    timeouts = Timeouts(connect=5, read=0.05)
    async with (
        serving(breaking(data, ending, requests)) as port,
        api_client(port, max_response_bytes=1000, timeouts=timeouts) as client,
    ):
        with pytest.raises(TalonOneError) as caught:
            await create_referral(client)
    assert type(caught.value) is kind
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.APPLIED, 1)
    assert len(requests) == 1


@every_break
async def test_rejection_with_a_broken_body(data, ending, kind):
    """A status of rejection settles the outcome just as well, without its body."""
    del kind
    timeouts = Timeouts(connect=5, read=0.05)
    data = data.replace(CREATED, b"HTTP/1.1 404 Not Found\r\n")
    async with (
        serving(breaking(data, ending, [])) as port,
        api_client(port, max_response_bytes=1000, timeouts=timeouts) as client,
    ):
        with pytest.raises(TalonOneError, match="404") as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.REJECTED, 1)


class Watch:
    """A call middleware that keeps the exchange of the latest call."""

    exchange = None

    async def __call__(self, exchange, call_next):
        """Keep it."""
        self.exchange = exchange
        return await call_next(exchange)


@every_break
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
async def test_cancelled_at_every_await(data, ending, kind, tls):
    """Cancelled at any await, the exchange knows what was seen on the wire: applied as soon as the head came."""
    del kind
    requests, watch, outcomes = [], Watch(), []
    timeouts = Timeouts(connect=5, read=0.02)
    async with serving(breaking(data, ending, requests), server_context() if tls else None) as port:
        for suspension in count():
            requests.clear()
            async with api_client(
                port, tls=tls, max_response_bytes=1000, timeouts=timeouts, call_middleware=[watch]
            ) as client:
                cancelled = False
                with suppress(TalonOneError):
                    cancelled = await cancel_at_await(suspension, create_referral(client))
                outcome = watch.exchange.outcome if watch.exchange else Outcome.NOT_SENT
            assert outcome is not Outcome.NOT_SENT or not requests
            assert outcome is not Outcome.REJECTED
            outcomes.append(outcome)
            if not cancelled:
                break
    assert outcomes[-1] is Outcome.APPLIED
    assert outcomes == sorted(outcomes, key=[Outcome.NOT_SENT, Outcome.UNKNOWN, Outcome.APPLIED].index)


@every_break
@pytest.mark.asyncio(loop_factories=["asyncio"])  # whose clock can be put forward
async def test_deadline_at_every_await(data, ending, kind, monkeypatch):
    """Whenever the deadline strikes, what is called not sent never arrived, and what is applied is called applied."""
    if kind is TransportTimeoutError:
        pytest.skip("without a time-out, it never ends by itself")
    loop, outcomes = asyncio.get_running_loop(), []
    clock, passed = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: clock() + sum(passed))
    timeouts = Timeouts(connect=None, pool=None, write=None, read=None)
    requests = []
    async with serving(breaking(data, ending, requests)) as port:
        for suspension in count():
            requests.clear()
            async with api_client(port, max_response_bytes=1000, timeouts=timeouts, deadline=500) as client:
                with pytest.raises(TalonOneError) as caught:
                    await interrupt_at_await(suspension, create_referral(client), lambda: passed.append(1000))
            outcomes.append(caught.value.outcome)
            assert type(caught.value) in (DeadlineExceededError, kind)
            assert not requests or outcomes[-1] is not Outcome.NOT_SENT
            if len(passed) == suspension + 1:  # it came to its end before
                break
    assert outcomes == sorted(outcomes, key=[Outcome.NOT_SENT, Outcome.UNKNOWN, Outcome.APPLIED].index)
    assert outcomes[0] is Outcome.NOT_SENT
    assert outcomes[-1] is Outcome.APPLIED


@pytest.mark.parametrize("body", [b'{"co', b"", b" " * 500])
@pytest.mark.parametrize("coding", [b"content-length: 1000", b"transfer-encoding: chunked", b"x: y"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
async def test_deadline_within_a_body(body, coding, tls):
    """A deadline that strikes while the body is read leaves no doubt: the request was applied."""

    async def handle(reader, writer):
        await read_request(reader)
        if b"chunked" in coding:
            writer.write(CREATED + coding + b"\r\n\r\n64\r\n" + body[:90])
        else:
            writer.write(CREATED + coding + b"\r\n\r\n" + body)
        await reader.read()

    async with (
        serving(handle, server_context() if tls else None) as port,
        api_client(port, tls=tls, timeouts=PATIENT, deadline=0.2) as client,
    ):
        with pytest.raises(DeadlineExceededError) as caught:
            await create_referral(client)
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.APPLIED, 1)


async def test_resumed_call_is_not_taken_for_a_lesser_one():
    """An attempt that was applied is not forgotten if a later one, on the same exchange, is not sent."""
    requests = []

    async def handle(reader, writer):
        await read_request(reader)
        requests.append(writer)
        writer.write(with_length(OK, b"{", 100))

    async def again(exchange, call_next):
        with suppress(TransportError):
            await call_next(exchange)
        server.close()
        return await call_next(exchange)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    timeouts = Timeouts(connect=5, read=0.02)
    async with api_client(port, timeouts=timeouts, middleware=[again]) as client:
        with pytest.raises(TransportError, match="connection refused") as caught:
            await create_referral(client)
    assert caught.value.outcome is Outcome.APPLIED
    for writer in requests:
        writer.transport.abort()


async def test_surplus_behind_a_success():
    """Bytes behind a whole response of success do not make it a failure."""
    data = response(b'{"is": "here"}') + b"surplus"
    async with serving(breaking(data, "stay", [])) as port, api_client(port) as client:
        for _ in range(2):
            assert await client.request("GET", "/v1/x") == {"is": "here"}
