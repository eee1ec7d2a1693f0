"""After calls of every ending, no marked value of a request or response is in logs, telemetry or errors."""

import asyncio
import json
import logging
import socket
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import define
from opentelemetry.trace import SpanKind

from aiotalonone import (
    APIStatusError,
    AsyncIntegrationClient,
    ClientStateError,
    DeadlineExceededError,
    Outcome,
    RetryPolicy,
    TalonOneError,
    TransportError,
)
from aiotalonone.pipeline.idempotency import SingleUseKey
from tests.support.canaries import (
    CALLS,
    CANARY,
    COOKIE,
    ENDINGS,
    GIVEN_KEY,
    HEADERS,
    NUMBER,
    SECRET,
    SESSION,
    STATE,
    TOKEN,
    canaries_in,
    echo,
    marked,
    problem,
)
from tests.support.clients import TRANSPORTS, make_client
from tests.support.inspect import inspect
from tests.support.leak_surfaces import PACKAGE, capture_logs, surfaces_of, telemetry_text, traceback_of
from tests.support.otel import Telemetry, in_memory_exporters
from tests.support.raw_server import ReceivedRequest, http_response, raw_server

pytestmark = pytest.mark.filterwarnings(r"ignore:.* \(V1\) is deprecated:DeprecationWarning")
both_transports = pytest.mark.parametrize("transport", TRANSPORTS)


@define
class Scene:
    """A client whose every secret is marked, and all that observes it."""

    client: AsyncIntegrationClient
    log: Any
    telemetry: Telemetry
    exchanges: list[Any]

    def assert_nothing_is_seen(self, *errors: BaseException) -> None:
        """Check that no surface shows a canary."""
        surfaces = {f"exchange {number}": repr(exchange) for number, exchange in enumerate(self.exchanges)}
        for number, error in enumerate(errors):
            surfaces |= {f"{name} of error {number}": text for name, text in surfaces_of(error).items()}
        surfaces |= {"log": self.log.text, "telemetry": telemetry_text(self.telemetry)}
        assert canaries_in(surfaces) == {}


@asynccontextmanager
async def scene(transport, answer, **options):
    """Open an observed client of a server that responds as ``answer`` says."""

    async def reply(heard, writer):
        content = answer(heard)
        if content is None:
            await asyncio.Event().wait()
        writer.write(content)

    async with raw_server(reply) as url, observed_client(transport, url, **options) as on_scene:
        yield on_scene


@asynccontextmanager
async def observed_client(transport, url, **options):
    """Open a client, and collect its logs, its telemetry and its exchanges."""
    exchanges = []

    async def keep(exchange, call_next):
        exchanges.append(exchange)
        return await call_next(exchange)

    with capture_logs() as log, in_memory_exporters() as telemetry:
        options = {
            "api_key": SECRET,
            "management_token": TOKEN,
            "headers": HEADERS,
            "retry": RetryPolicy(attempts=2, initial_backoff=0.001),
            "middleware": [telemetry.middleware, telemetry.middleware.attempt, keep],
            **options,
        }
        async with make_client(transport, url, **options) as client:
            yield Scene(client, log, telemetry, exchanges)


async def error_of(awaitable):
    """Return the error that an awaitable raises, or ``None``."""
    try:
        await awaitable
    except TalonOneError as error:
        return error
    return None


async def failure_of(awaitable, kind):
    """Return the error of a kind that an awaitable raises."""
    with pytest.raises(kind) as caught:
        await awaitable
    return caught.value


@both_transports
@pytest.mark.parametrize("ending", ENDINGS)
async def test_no_ending_shows_a_marked_value(transport, ending):
    """No log, span, metric or part of an error shows a value that was sent or received, however a call ends."""
    told = ENDINGS[ending]
    async with scene(transport, told.answer, **told.options) as on_scene:
        errors = {name: await error_of(call(on_scene.client)) for name, call in CALLS.items()}
        failed = {name: error for name, error in errors.items() if error}
        assert set(errors) - set(failed) == set(told.satisfies)
        assert {type(error) for error in failed.values()} == {told.error}
        on_scene.assert_nothing_is_seen(*failed.values())


@both_transports
async def test_a_success_shows_nothing(transport):
    """A successful call shows no marked value, not even at DEBUG and not the response's cookies."""
    async with scene(transport, lambda _: http_response(200, STATE, COOKIE)) as on_scene:
        state = await CALLS["updateCustomerSessionV2"](on_scene.client)
        assert state.customer_profile.integration_id == marked("id")
        assert "returned 200" in on_scene.log.text
        if transport != "own":  # whose library logs each step at DEBUG
            assert "receive_response_headers.complete" in on_scene.log.text
        on_scene.assert_nothing_is_seen()


@both_transports
async def test_a_closed_port_shows_nothing(transport):
    """A call whose attempts cannot connect shows no marked value."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    async with observed_client(transport, url) as on_scene:
        error = await failure_of(CALLS["updateCustomerSessionV2"](on_scene.client), TransportError)
        assert error.outcome is Outcome.NOT_SENT
        on_scene.assert_nothing_is_seen(error)


@both_transports
@pytest.mark.parametrize(
    "start", [b"", http_response(200, f"[{CANARY}".encode(), COOKIE, length=1000)], ids=["no response", "half a body"]
)
async def test_a_cancellation_shows_nothing(transport, start):
    """A call that is cancelled before the response, or within its body, shows no marked value."""
    answered = asyncio.Event()

    async def respond(_heard, writer):
        writer.write(start)
        answered.set()
        await asyncio.Event().wait()

    async with raw_server(respond) as url, observed_client(transport, url) as on_scene:
        call = asyncio.create_task(CALLS["updateCustomerSessionV2"](on_scene.client))
        await answered.wait()
        await asyncio.sleep(0.01)  # for what was written to be read
        call.cancel()
        error = await failure_of(call, asyncio.CancelledError)
        assert error.__traceback__.tb_next is not None
        on_scene.assert_nothing_is_seen(error)
        assert on_scene.telemetry.span.attributes["error.type"] == "CancelledError"


@both_transports
async def test_waiting_in_a_lane_shows_nothing(transport):
    """Calls that wait for a session's lane until the deadline show no marked value."""
    async with scene(transport, lambda _: None, deadline=0.02) as on_scene:
        calls = [failure_of(CALLS["updateCustomerSessionV2"](on_scene.client), DeadlineExceededError) for _ in range(2)]
        on_scene.assert_nothing_is_seen(*await asyncio.gather(*calls))


@both_transports
async def test_a_resumed_call_shows_nothing(transport):
    """A resumed call and the error that it is resumed from show no marked value, whether it succeeds or fails."""
    script = [ENDINGS["broken off"].answer, problem(409), lambda _: http_response(200, STATE)]

    def answer(heard):
        return script.pop(0)(heard)

    async with scene(transport, answer, retry=RetryPolicy(attempts=1)) as on_scene:
        first = await failure_of(CALLS["keyed session"](on_scene.client), TransportError)
        second = await failure_of(on_scene.client.resume(first), APIStatusError)
        assert (await on_scene.client.resume(first)).effects == []
        on_scene.assert_nothing_is_seen(first, second)


async def test_a_client_that_is_not_open_shows_nothing():
    """The error of a client that is not open shows no marked value."""
    client = AsyncIntegrationClient("http://127.0.0.1:1", api_key=SECRET, management_token=TOKEN, headers=HEADERS)
    error = await failure_of(CALLS["updateCustomerSessionV2"](client), ClientStateError)
    assert canaries_in(surfaces_of(error)) == {}


@both_transports
async def test_a_request_that_cannot_be_built_shows_no_secret(transport):
    """The error about a URL that is too long shows neither the key nor a header."""
    async with scene(transport, lambda _: http_response(200, STATE)) as on_scene:
        with pytest.raises(ValueError, match="the URL of the request is too long") as caught:
            await on_scene.client.request("GET", "/v1/" + "x" * 70_000)
    assert canaries_in(surfaces_of(caught.value)) == {}


@both_transports
async def test_no_repr_shows_anything(transport):
    """The reprs of the client, a derived one and their parts show no marked value."""
    async with scene(transport, lambda _: http_response(200, STATE)) as on_scene:
        client = on_scene.client
        derived = client.with_options(headers=HEADERS, idempotency_key=GIVEN_KEY)
        await CALLS["updateCustomerSessionV2"](client)
        [exchange] = on_scene.exchanges
        things = [client, derived, SingleUseKey(GIVEN_KEY), *inspect(client).parts, *inspect(derived).parts]
        things += [client.coupons, client.customers, client.events, client.referrals, client.sessions]
        things += [exchange, exchange.call, exchange.call.entity, exchange.operation, on_scene.telemetry.middleware]
        assert canaries_in({f"{number}: {type(thing)}": repr(thing) for number, thing in enumerate(things)}) == {}


class TestEverySurfaceIsSearched:
    """A canary that is let out on purpose is found, so the tests above cannot pass for lack of a search."""

    def test_a_canary_in_a_log_is_found(self):
        """The search finds a canary in a log's line, argument or traceback, of any logger."""
        for logger in ("aiotalonone", "httpx", "httpcore.http11"):
            with capture_logs() as log:
                logging.getLogger(logger).debug("sent %s", CANARY)
            assert canaries_in({"log": log.text})

    def test_a_canary_in_an_error_is_found(self):
        """The search finds a canary in an error's text, and thereby in its repr and pickle."""
        error = TalonOneError(CANARY, operation_id="trackEvent", outcome=Outcome.UNKNOWN)
        assert canaries_in(surfaces_of(error)).keys() == {
            *("str", "repr", "args", "traceback", "formatted", "dict", "pickle")
        }

    @pytest.mark.parametrize("module", ["pipeline/runtime.py", "client.py"])
    def test_a_canary_in_a_traceback_is_found(self, module):
        """The search finds a canary in a local variable of our frames, of an error or of its cause."""
        code = compile(f"held = {marked('local')!r}\nraise OSError", str(PACKAGE / module), "exec")
        with pytest.raises(OSError) as caught:  # noqa: PT011 - it has no words
            exec(code, {})  # noqa: S102 - our own
        assert canaries_in({"traceback": traceback_of(caught.value)})
        error = TalonOneError("no", operation_id="trackEvent", outcome=Outcome.UNKNOWN)
        error.__cause__ = caught.value
        assert canaries_in({"traceback": traceback_of(error)})

    def test_a_canary_in_telemetry_is_found(self):
        """The search finds a canary in a span's attributes and events, and in a metric's attributes."""
        with in_memory_exporters() as telemetry:
            span = telemetry.tracer.start_span("call", kind=SpanKind.CLIENT)
            span.record_exception(ValueError(CANARY))
            span.end()
            assert canaries_in({"telemetry": telemetry_text(telemetry)})
        with in_memory_exporters() as telemetry:
            telemetry.middleware._retries.add(1, {"id": CANARY})
            assert canaries_in({"telemetry": telemetry_text(telemetry)})

    def test_the_echoing_server_repeats_every_value(self):
        """The servers of these tests do repeat path, query, body and credential."""
        heard = ReceivedRequest(
            b"PUT /c4n4ry-path HTTP/1.1\r\nAuthorization: ApiKey-v1 k\r\n\r\n", json.dumps(SESSION).encode()
        )
        for told in ("c4n4ry-path", marked("coupon"), str(NUMBER), "ApiKey-v1 k"):
            assert told in echo(heard)
