"""Calls through an httpx client of the caller's, of either library: its hooks, its settings, its connections."""

import asyncio
from contextlib import asynccontextmanager

import h2.config
import h2.connection
import h2.events
import httpx
import pytest

from aiotalonone import (
    AsyncIntegrationClient,
    BadRequestError,
    ClientStateError,
    NotFoundError,
    Outcome,
    ResponseDecodeError,
    RetryPolicy,
    Timeouts,
    TransportError,
    TransportTimeoutError,
)
from tests.support.clients import API_KEY, AT_ONCE, TRANSPORTS, library_of, make_client
from tests.support.http_server import RESPONSE, http_server
from tests.support.inspect import inspect
from tests.support.raw_server import serving
from tests.support.sandbox_server import until
from tests.support.scripted_api import close_session, create_referral

EXTERNAL = [transport for transport in TRANSPORTS if transport != "own"]
both_libraries = pytest.mark.parametrize("kind", EXTERNAL)


def responding_with(status, body=b"{}"):
    """Return a server's function that responds with a status and a body."""
    head = b"HTTP/1.1 %d Word\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

    async def respond(_server, _head, _writer):
        return head % (status, len(body)) + body

    return respond


@asynccontextmanager
async def hooked(kind, url, event, hook, **options):
    """Open a client on an httpx client with one event hook."""
    async with make_client(kind, url, http_options={"event_hooks": {event: [hook]}}, **options) as client:
        yield client


class TestHooks:
    """A failing event hook of the httpx client leaves the outcome at what our own request came to."""

    @both_libraries
    @pytest.mark.parametrize("status", [400, 401, 404, 429, 503])
    async def test_a_rejected_request_of_a_hook_decides_nothing(self, kind, status):
        """A rejection of a hook's own request is not that of our call, which is APPLIED and sent once."""
        async with http_server(responding_with(status)) as audit, http_server(responding_with(201)) as server:

            async def post(_response):
                async with library_of(kind).AsyncClient(trust_env=False) as auditor:
                    (await auditor.post(f"{audit.url}/audit")).raise_for_status()

            async with hooked(kind, server.url, "response", post) as client:
                with pytest.raises(TransportError, match="http_client raised HTTPStatusError") as caught:
                    await create_referral(client)
        assert (caught.value.outcome, caught.value.attempts) == (Outcome.APPLIED, 1)
        assert (len(server.heads), len(audit.heads)) == (1, 1)

    @both_libraries
    @pytest.mark.parametrize("name", ["PoolTimeout", "ConnectError", "ReadTimeout"])
    @pytest.mark.parametrize("call", [create_referral, close_session])
    async def test_another_request_s_failure_is_not_retried(self, kind, name, call):
        """A pool timeout of a hook's own request does not make our call be sent again."""

        async def fail(_response):
            raise getattr(library_of(kind), name)("of another request")

        async with http_server(responding_with(201)) as server, hooked(kind, server.url, "response", fail) as client:
            with pytest.raises(TransportError) as caught:
                await call(client)
        assert (caught.value.outcome, caught.value.attempts) == (Outcome.APPLIED, 1)
        assert len(server.heads) == 1

    @both_libraries
    async def test_another_call_s_error_is_not_ours(self, kind):
        """A failed call of another client in a hook leaves our call APPLIED and sent once."""
        async with AsyncIntegrationClient("http://127.0.0.1:1", api_key="k", retry=AT_ONCE) as other:

            async def call_other(_response):
                await other.customers.get_customer_inventory("c-1")

            async with (
                http_server(responding_with(201)) as server,
                hooked(kind, server.url, "response", call_other) as client,
            ):
                with pytest.raises(TransportError) as caught:
                    await create_referral(client)
        assert (caught.value.operation_id, caught.value.outcome) == ("createReferral", Outcome.APPLIED)
        assert len(server.heads) == 1

    @both_libraries
    @pytest.mark.parametrize(("status", "kind_of_error"), [(400, BadRequestError), (404, NotFoundError)])
    async def test_a_hook_may_raise_for_our_own_status(self, kind, status, kind_of_error):
        """A hook that calls ``raise_for_status`` on our response leads to our error of that status."""

        async def check(response):
            response.raise_for_status()

        respond = responding_with(status, b'{"message": "no such campaign"}')
        async with http_server(respond) as server, hooked(kind, server.url, "response", check) as client:
            with pytest.raises(kind_of_error) as caught:
                await create_referral(client)
        assert (caught.value.status, caught.value.outcome) == (status, Outcome.REJECTED)
        assert len(server.heads) == 1

    @both_libraries
    async def test_a_failing_hook_leaves_a_rejection_a_rejection(self, kind):
        """A hook that fails at a response of 400 leaves the outcome at REJECTED."""

        async def fail(_response):
            raise ZeroDivisionError

        async with http_server(responding_with(400)) as server, hooked(kind, server.url, "response", fail) as client:
            with pytest.raises(TransportError, match="http_client raised ZeroDivisionError") as caught:
                await create_referral(client)
        assert (caught.value.outcome, caught.value.attempts) == (Outcome.REJECTED, 1)

    @both_libraries
    async def test_a_hook_may_read_the_response(self, kind):
        """A response that a hook has read is decoded like any other, up to the limit of its size."""

        async def read(response):
            await response.aread()

        async with http_server() as server, hooked(kind, server.url, "response", read) as client:
            assert (await close_session(client)).effects == []
        async with http_server() as server, hooked(kind, server.url, "response", read, max_response_bytes=5) as client:
            with pytest.raises(ResponseDecodeError):
                await close_session(client)

    @both_libraries
    async def test_a_failing_request_hook_sends_nothing(self, kind):
        """A request hook that raises ends an unsafe call at once, with the outcome UNKNOWN."""

        async def fail(_request):
            raise ZeroDivisionError

        async with http_server() as server, hooked(kind, server.url, "request", fail) as client:
            with pytest.raises(TransportError, match="http_client raised ZeroDivisionError") as caught:
                await create_referral(client)
        assert (caught.value.outcome, caught.value.attempts) == (Outcome.UNKNOWN, 1)
        assert server.heads == []


class TestSettings:
    """What holds of the settings of an httpx client, and what does not."""

    @both_libraries
    async def test_its_timeouts_hold_unless_ours_are_set(self, kind):
        """The httpx client's read timeout ends an attempt, unless ``timeouts=`` is given."""

        async def respond(_server, _head, _writer):
            await asyncio.sleep(0.1)
            return RESPONSE

        http_options = {"timeout": library_of(kind).Timeout(5, read=0.02)}
        async with http_server(respond) as server, make_client(kind, server.url, http_options=http_options) as client:
            with pytest.raises(TransportTimeoutError, match="read timeout"):
                await create_referral(client)
            patient = client.with_options(timeouts=Timeouts(read=5))
            assert (await close_session(patient)).effects == []

    @both_libraries
    async def test_its_headers_travel_but_its_credential(self, kind):
        """Headers, parameters and cookies of the httpx client are sent, but not its Authorization."""
        http_options = {
            "headers": {"X-Shop": "berlin", "Authorization": "Basic anna"},
            "params": {"tenant": "1"},
            "cookies": {"taste": "sweet"},
            "auth": ("anna", "password"),
        }
        async with http_server() as server, make_client(kind, server.url, http_options=http_options) as client:
            await close_session(client)
        [head] = server.heads
        assert [line for line in head.lower().split(b"\r\n") if line.startswith(b"authorization")] == [
            b"authorization: apikey-v1 " + API_KEY.encode()
        ]
        assert b"x-shop: berlin" in head.lower()
        assert b"?tenant=1 " in head
        assert b"taste=sweet" in head

    @both_libraries
    async def test_clients_share_it(self, kind):
        """Two clients with keys of their own call through one httpx client, and neither closes it."""
        library = library_of(kind)
        async with http_server() as server, library.AsyncClient(trust_env=False) as http_client:
            for key in ("first", "second"):
                async with AsyncIntegrationClient(server.url, api_key=key, http_client=http_client) as client:
                    await close_session(client)
            assert not http_client.is_closed
        assert [b"ApiKey-v1 first" in head for head in server.heads] == [True, False]
        assert server.connections == 1

    @pytest.mark.parametrize(
        "http_client", [httpx.Client(), "https://proxy", object()], ids=["Client", "str", "object"]
    )
    def test_another_object_is_rejected(self, http_client):
        """An ``http_client`` that is not an ``AsyncClient`` of either library raises TypeError."""
        with pytest.raises(TypeError, match=r"must be an httpx.AsyncClient or an httpx2.AsyncClient, not"):
            AsyncIntegrationClient("https://shop.talon.one", api_key="k", http_client=http_client)


@both_libraries
def test_an_external_client_belongs_to_one_event_loop(kind):
    """An httpx client that was used on one event loop is rejected on another before anything is sent."""
    http_client = library_of(kind).AsyncClient(trust_env=False)
    heads = []

    async def respond(_server, _head, writer):
        writer.write(RESPONSE)
        writer.close()
        return b""

    async def call(*, closes):
        async with http_server(respond) as server:
            try:
                async with AsyncIntegrationClient(server.url, api_key="k", http_client=http_client) as client:
                    await close_session(client)
            finally:
                heads.append(len(server.heads))
                if closes:
                    await http_client.aclose()

    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(call(closes=False))
        with pytest.raises(ClientStateError, match=r"used on another event loop.*make one for each loop") as caught:
            second.run(call(closes=False))
        first.run(call(closes=True))
    assert caught.value.outcome is Outcome.NOT_SENT
    assert heads == [1, 0, 1]


async def _await_future_of(loop):
    await loop.create_future()


async def _write_to(loop):
    loop.call_soon(print)


@both_libraries
@pytest.mark.parametrize("misuse", [_await_future_of, _write_to])
async def test_what_belongs_to_another_event_loop_is_named(kind, misuse):
    """If the caller used the httpx client on another event loop by itself, the error of a call says so."""
    other = asyncio.new_event_loop()
    if misuse is _write_to:
        other.close()

    async def handle(_request):
        await misuse(other)

    transport = library_of(kind).MockTransport(handle)
    async with make_client(kind, "http://127.0.0.1:1", http_options={"transport": transport}) as client:
        with pytest.raises(TransportError, match=r"belong to another event loop: make one for each loop") as caught:
            await create_referral(client)
    other.close()
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.UNKNOWN, 1)


@both_libraries
@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "br, zstd"}])
async def test_no_encoding_is_accepted_that_is_not_decoded(kind, headers):
    """Whatever the httpx client can decode, a request asks for gzip and deflate alone."""
    async with http_server() as server, make_client(kind, server.url, http_options={"headers": headers}) as client:
        await close_session(client)
    assert server.heads[0].lower().count(b"accept-encoding") == 1
    assert b"\r\naccept-encoding: gzip, deflate\r\n" in server.heads[0].lower()


@both_libraries
async def test_a_pool_timeout_is_not_sent(kind):
    """A call that times out in the httpx client's pool is NOT_SENT and is retried."""
    gate = asyncio.Event()

    async def respond(_server, _head, _writer):
        await gate.wait()
        return RESPONSE

    async with http_server(respond) as server, make_client(kind, server.url, max_connections=1) as client:
        held = asyncio.create_task(close_session(client))
        await until(lambda: bool(server.heads))
        with pytest.raises(TransportTimeoutError, match="pool timeout") as caught:
            await create_referral(client.with_options(timeouts=Timeouts(pool=0.01)))
        gate.set()
        await held
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.NOT_SENT, 3)
    assert len(server.heads) == 1


@both_libraries
async def test_a_call_given_up_in_the_pool_is_not_sent(kind):
    """A call that is cancelled while it waits for a connection is not sent when one becomes free."""
    gate = asyncio.Event()

    async def respond(_server, _head, _writer):
        await gate.wait()
        return RESPONSE

    async with http_server(respond) as server, make_client(kind, server.url, max_connections=1) as client:
        held = asyncio.create_task(close_session(client))
        await until(lambda: bool(server.heads))
        waiting = asyncio.create_task(create_referral(client))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])
        gate.set()
        await held
        await until(lambda: not inspect(client).abandoned)
        await close_session(client)
    assert [target for target in server.targets if target != "cart-1"] == []


class Http2Server:
    """HTTP/2 without TLS: responds to each request once it may."""

    def __init__(self):
        self.may_respond = asyncio.Event()
        self.requests = 0
        self.connections = 0

    async def serve(self, reader, writer):
        """Serve one connection."""
        self.connections += 1
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        streams = []
        responding = asyncio.create_task(self.respond(connection, streams, writer))
        while data := await reader.read(65536):
            ended = [event for event in connection.receive_data(data) if isinstance(event, h2.events.StreamEnded)]
            streams += [event.stream_id for event in ended]
            self.requests += len(ended)
            if self.may_respond.is_set():
                self.flush(connection, streams, writer)
            writer.write(connection.data_to_send())
        responding.cancel()
        writer.close()

    async def respond(self, connection, streams, writer):
        """Respond to what has waited."""
        await self.may_respond.wait()
        self.flush(connection, streams, writer)
        writer.write(connection.data_to_send())

    def flush(self, connection, streams, writer):
        """Respond to all requests that have come."""
        while streams:
            stream = streams.pop()
            connection.send_headers(stream, [(":status", "200"), ("content-type", "application/json")])
            connection.send_data(stream, b'{"effects": []}', end_stream=True)
            writer.write(connection.data_to_send())


@asynccontextmanager
async def http2_client(kind):
    """Open a client on one HTTP/2 connection."""
    server = Http2Server()
    http_options = {"http1": False, "http2": True}
    async with (
        serving(server.serve) as port,
        make_client(
            kind,
            f"http://127.0.0.1:{port}",
            max_connections=1,
            retry=RetryPolicy(attempts=1),
            http_options=http_options,
        ) as client,
    ):
        yield client, server


@both_libraries
async def test_cancelled_calls_leave_an_http2_connection_usable(kind):
    """After 110 cancelled calls on an HTTP/2 connection, the next call succeeds on it."""
    async with http2_client(kind) as (client, server):
        calls = [asyncio.create_task(close_session(client, f"cart-{number}")) for number in range(110)]
        await until(lambda: server.requests >= 100)
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        assert all(call.cancelled() for call in calls)
        server.may_respond.set()
        assert (await close_session(client)).effects == []
        await until(lambda: not inspect(client).abandoned)
    assert server.connections == 1
    assert server.requests <= 101  # those that waited for a stream were not sent


@both_libraries
async def test_a_cancelled_call_does_not_break_its_http2_neighbours(kind):
    """If every other call on an HTTP/2 connection is cancelled, all others succeed."""
    async with http2_client(kind) as (client, server):
        calls = [asyncio.create_task(close_session(client, f"cart-{number}")) for number in range(60)]
        await until(lambda: server.requests == 60)
        for call in calls[::2]:
            call.cancel()
        await asyncio.sleep(0)
        server.may_respond.set()
        states = await asyncio.gather(*calls[1::2])
    assert len(states) == 30
    assert all(state.effects == [] for state in states)
