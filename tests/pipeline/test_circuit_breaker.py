"""The circuit breaker: what opens it, who may probe, and what is told of it."""

import asyncio
import logging
from contextlib import suppress

import httpx
import pytest

from aiotalonone import CircuitBreaker, CircuitOpenError, RetryPolicy
from aiotalonone.endpoints.customers import GET_CUSTOMER_INVENTORY, UPDATE_CUSTOMER_PROFILE_V2
from aiotalonone.errors import (
    DeadlineExceededError,
    Outcome,
    ResponseDecodeError,
    TransportError,
    TransportTimeoutError,
)
from aiotalonone.pipeline.circuit_breaker import Circuit, CircuitState
from aiotalonone.pipeline.deadline import CallsInFlight
from aiotalonone.pipeline.lanes import Lanes
from aiotalonone.pipeline.middleware import chain
from aiotalonone.pipeline.retry import Retry
from aiotalonone.pipeline.retry_rules import RetryBudget
from aiotalonone.pipeline.runtime import CallPipeline
from tests.pipeline.factories import ScriptedSender, error_of, exchange_of
from tests.support.virtual_time import in_virtual_time

CLOSED, OPEN, HALF_OPEN = CircuitState.CLOSED, CircuitState.OPEN, CircuitState.HALF_OPEN
LOST, NOT_SENT, HALF_A_RESPONSE = map(error_of, (Outcome.UNKNOWN, Outcome.NOT_SENT, Outcome.APPLIED))
NO_RESPONSE_IN_TIME = error_of(Outcome.UNKNOWN, DeadlineExceededError)
NO_TIME_TO_SEND = error_of(Outcome.NOT_SENT, DeadlineExceededError)
POOL_TIMEOUT = error_of(Outcome.NOT_SENT, TransportTimeoutError)
POOL_TIMEOUT.__cause__ = httpx.PoolTimeout("no connection became free")
THEIRS = error_of(Outcome.NOT_SENT)
THEIRS.call = exchange_of(GET_CUSTOMER_INVENTORY, "c-1").call


async def hang(_exchange):
    await asyncio.Event().wait()


class Api:
    """Calls through a circuit breaker, two failures of which open it for 10 s."""

    def __init__(self, *script, attempts=1, lanes=None):
        self.sender = ScriptedSender(*script)
        self.circuit = Circuit(CircuitBreaker(failures=2, open_for=10.0))
        retry = Retry(RetryPolicy(attempts=attempts), RetryBudget(None), chain((self.circuit,), self.sender))
        self.pipeline = CallPipeline(CallsInFlight(), lanes, retry, self.circuit)
        self.exchanges = []

    async def call(self, operation=GET_CUSTOMER_INVENTORY, deadline=15.0):
        """Make a call, and return its status or the class of its error."""
        loop = asyncio.get_running_loop()
        exchange = exchange_of(operation, "c-1", deadline=loop.time() + deadline)
        self.exchanges.append(exchange)
        try:
            return (await self.pipeline.run(exchange)).status_code
        except Exception as error:  # noqa: BLE001 - which one is what the tests ask
            exchange.end(error, loop.time())
            self.error = error
            return type(error)

    async def calls(self, count):
        """Make calls one after the other."""
        return [await self.call() for _ in range(count)]


async def after(seconds):
    await asyncio.sleep(seconds)


@pytest.mark.parametrize(
    "failure", [LOST, error_of(Outcome.NOT_SENT), error_of(Outcome.APPLIED), 500, 503, 527, 408, 499]
)
@in_virtual_time
async def test_failures_in_a_row_open_it(failure):
    """After as many failures as set, calls fail at once and nothing is sent."""
    api = Api(failure)
    await api.calls(2)
    assert await api.calls(3) == [CircuitOpenError] * 3
    assert api.sender.sent == 2


@pytest.mark.parametrize("response", [200, 204, 307, 400, 404, 409])
@in_virtual_time
async def test_any_other_response_resets_the_count(response):
    """An API that responds, and be it with a rejection, is there."""
    api = Api(503, response, 503, response, 503, 503, 200)
    await api.calls(6)
    assert api.circuit.state is OPEN
    assert api.sender.sent == 6


@pytest.mark.parametrize("neutral", [429, POOL_TIMEOUT, NO_TIME_TO_SEND, THEIRS])
@in_virtual_time
async def test_what_says_nothing_of_the_api_neither_counts_nor_resets(neutral):
    """A rate limit, a wait for a connection and another call's error leave the count as it is."""
    api = Api(503, neutral, neutral, neutral, 503)
    await api.calls(4)
    assert api.circuit.state is CLOSED
    await api.call()
    assert api.circuit.state is OPEN


@in_virtual_time
async def test_an_unreadable_success_is_a_success():
    """A response of success that is too large to read came from an API that works."""

    async def too_large(_exchange):
        raise ResponseDecodeError("too large", operation_id="op", status=200, request_id=None, content=b"")

    api = Api(503, too_large, 503)
    await api.calls(3)
    assert api.circuit.state is CLOSED


@in_virtual_time
async def test_a_response_that_does_not_come_before_the_deadline_is_a_failure():
    """A call whose deadline ends its wait for the response counts."""
    api = Api(hang)
    assert [await api.call(deadline=1), await api.call(deadline=1)] == [DeadlineExceededError] * 2
    assert api.circuit.state is OPEN


@in_virtual_time
async def test_a_deadline_before_the_request_is_sent_is_not_a_failure():
    """A call that was still waiting for a connection at its deadline says nothing of the API."""

    async def wait_for_connection(exchange):
        exchange._progress.written = False
        await asyncio.Event().wait()

    api = Api(wait_for_connection)
    for _ in range(5):
        assert await api.call(deadline=1) is DeadlineExceededError
    assert api.circuit.state is CLOSED


@in_virtual_time
async def test_a_deadline_in_a_lane_is_not_a_failure():
    """A call that waited for another update of its profile says nothing of the API."""
    lanes = Lanes(1)
    api = Api(hang, lanes=lanes)
    lanes.try_enter(exchange_of(UPDATE_CUSTOMER_PROFILE_V2, "c-1").call.entity)
    for _ in range(5):
        assert await api.call(UPDATE_CUSTOMER_PROFILE_V2, deadline=1) is DeadlineExceededError
    assert api.circuit.state is CLOSED


@in_virtual_time
async def test_a_cancelled_call_is_not_a_failure():
    """A caller that loses interest says nothing of the API."""
    api = Api(hang)
    for _ in range(5):
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await api.call()
    assert api.circuit.state is CLOSED


@in_virtual_time
async def test_the_error_says_when_the_next_probe_is():
    """Its outcome is NOT_SENT and no attempt is counted if the call made no attempt."""
    api = Api(503)
    await api.calls(2)
    await after(1.5)
    await api.call()
    error = api.error
    assert (error.retry_after, error.outcome, error.attempts) == (8.5, Outcome.NOT_SENT, 0)
    assert str(error) == "getCustomerInventory failed: the circuit breaker is open, next probe in 8.5 s (not sent)"


@in_virtual_time
async def test_the_error_keeps_the_outcome_of_earlier_attempts():
    """A retry that the circuit prevents leaves the call as the attempts before left it."""
    api = Api(503, attempts=5)
    assert await api.call() is CircuitOpenError
    assert api.sender.sent == 2
    assert (api.error.outcome, api.error.attempts) == (Outcome.UNKNOWN, 2)


@in_virtual_time
async def test_calls_fail_at_once_even_if_their_lane_is_occupied():
    """An open circuit does not let calls queue for a lane first."""
    lanes = Lanes(1)
    api = Api(503, lanes=lanes)
    await api.calls(2)
    lanes.try_enter(exchange_of(UPDATE_CUSTOMER_PROFILE_V2, "c-1").call.entity)
    assert await api.call(UPDATE_CUSTOMER_PROFILE_V2) is CircuitOpenError
    assert asyncio.get_running_loop().time() == 0


@in_virtual_time
async def test_one_call_at_a_time_probes():
    """While a probe is in flight other calls fail at once; its success closes the circuit."""
    api = Api(503, 503, hang, 200)
    release = asyncio.Event()

    async def slow(_exchange):
        await release.wait()
        return httpx.Response(200)

    api.sender.script = (503, 503, slow, 200)
    await api.calls(2)
    await after(10)
    probe = asyncio.create_task(api.call())
    await after(1)
    assert api.circuit.state is HALF_OPEN
    assert await api.calls(2) == [CircuitOpenError] * 2
    assert api.error.retry_after == 0
    assert "a probe is in flight" in str(api.error)
    release.set()
    assert await probe == 200
    assert api.circuit.state is CLOSED
    assert await api.calls(2) == [200, 200]


@in_virtual_time
async def test_a_failed_probe_opens_it_again():
    """One failure is enough then, and lasts as long as the first."""
    api = Api(503)
    await api.calls(2)
    await after(10)
    assert await api.calls(2) == [503, CircuitOpenError]
    await after(9.9)
    assert await api.call() is CircuitOpenError
    await after(0.2)
    assert await api.call() == 503
    assert api.sender.sent == 4


@pytest.mark.parametrize("how", ["cancelled", "rate limited", "broken"])
@in_virtual_time
async def test_a_probe_without_a_verdict_gives_its_place_back(how):
    """After a probe that was cancelled or said nothing of the API, the next call probes."""

    async def broken(_exchange):
        raise ZeroDivisionError

    ending = {"cancelled": hang, "rate limited": 429, "broken": broken}[how]
    api = Api(503, 503, ending, 200)
    await api.calls(2)
    await after(10)
    probe = asyncio.create_task(api.call())
    await after(1)
    probe.cancel()
    await asyncio.wait([probe])
    assert api.circuit.state is HALF_OPEN
    assert await api.call() == 200
    assert api.circuit.state is CLOSED


@pytest.mark.parametrize("late", [200, 503])
@in_virtual_time
async def test_attempts_from_before_it_opened_decide_nothing(late):
    """A response that comes after the circuit opened neither closes it nor keeps it open for longer."""

    async def slow(_exchange):
        await after(5)
        return httpx.Response(late)

    api = Api(slow, 503, 503, 200)
    early = asyncio.create_task(api.call())
    await asyncio.sleep(0)
    await api.calls(2)
    await early
    assert api.circuit.state is OPEN
    await after(5)
    assert await api.call() == 200


@in_virtual_time
async def test_each_change_is_a_line_of_the_log(caplog):
    """Opening is a warning; the rest is information."""
    caplog.set_level(logging.INFO, logger="aiotalonone")
    api = Api(503, 503, 200)
    await api.calls(2)
    await after(10)
    await api.call()
    lines = [(record.levelname, record.getMessage()) for record in caplog.records if "circuit" in record.getMessage()]
    assert lines == [
        ("WARNING", "circuit breaker open after 2 failed attempts in a row, for 10 s"),
        ("INFO", "circuit breaker half-open"),
        ("INFO", "circuit breaker closed"),
    ]


@in_virtual_time
async def test_the_call_that_caused_a_change_knows_it():
    """A done callback, such as OpenTelemetry's, finds the changes on the exchange."""
    api = Api(503, 503, 200)
    await api.calls(2)
    await after(10)
    await api.call()
    assert [exchange.circuit_states for exchange in api.exchanges] == [(), ("open",), ("half-open", "closed")]


@in_virtual_time
async def test_an_open_circuit_is_never_retried():
    """The call ends with CircuitOpenError without a pause."""
    api = Api(503, attempts=3)
    await api.call()
    start = asyncio.get_running_loop().time()
    assert await api.call() is CircuitOpenError
    assert asyncio.get_running_loop().time() == start


INVALID = [
    ({"failures": 0}, ValueError),
    ({"failures": "5"}, TypeError),
    ({"failures": 1.5}, TypeError),
    ({"open_for": 0}, ValueError),
    ({"open_for": float("nan")}, ValueError),
    ({"open_for": "10"}, TypeError),
    ({"open_for": None}, TypeError),
]


@pytest.mark.parametrize(("option", "error"), INVALID)
def test_settings_are_validated(option, error):
    """A setting that cannot be used is an error that names it."""
    with pytest.raises(error, match=f"^{next(iter(option))} must be"):
        CircuitBreaker(**option)


def test_transport_error_is_unrelated():
    """Code that catches TransportError does not take an open circuit for a failure of the network."""
    assert not issubclass(CircuitOpenError, TransportError)
