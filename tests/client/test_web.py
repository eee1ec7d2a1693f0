import asyncio
import json
import logging

import pytest

from aiotalonone import (
    APIStatusError,
    AsyncIntegrationClient,
    AuthenticationError,
    BadRequestError,
    CircuitOpenError,
    ClientStateError,
    ConflictError,
    DeadlineExceededError,
    MiddlewareError,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RateLimitError,
    RedirectError,
    ResponseDecodeError,
    ServerError,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
)
from aiotalonone.web import error_response, open_client, request_deadline
from tests.support.told_api import HANG, ToldApi
from tests.support.virtual_time import in_virtual_time

CLOSED_PORT = "http://127.0.0.1:1"
SECRET = "ada@example.org"


def status_error(kind, status, outcome=None, **details):
    return kind("it failed", "updateCustomerSessionV2", outcome, status, api_message=SECRET, body=SECRET, **details)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (status_error(BadRequestError, 400), 422),
        (status_error(NotFoundError, 404), 404),
        (status_error(ConflictError, 409), 409),
        (status_error(AuthenticationError, 401), 500),
        (status_error(PermissionDeniedError, 403), 500),
        (status_error(RedirectError, 302), 500),
        (MiddlewareError("a middleware raised KeyError", "op"), 500),
        (TalonOneError("it failed", "op"), 500),
        (status_error(ServerError, 500), 502),
        (status_error(APIStatusError, 418), 502),
        (TransportError("the connection broke", "op"), 502),
        (ResponseDecodeError("the response cannot be decoded", "op", content=SECRET.encode()), 502),
        (status_error(ServerError, 503), 503),
        (status_error(RateLimitError, 429), 503),
        (CircuitOpenError("the circuit breaker is open", "op"), 503),
        (ClientStateError("the client is closed", "op"), 503),
        (TransportTimeoutError("read timeout", "op"), 504),
        (DeadlineExceededError("no response within the deadline", "op"), 504),
        (status_error(ServerError, 504), 504),
        (status_error(APIStatusError, 408, Outcome.UNKNOWN), 504),
        (status_error(APIStatusError, 499, Outcome.UNKNOWN), 504),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'status', '')}" if isinstance(value, Exception) else "",
)
def test_each_error_has_a_status(error, status):
    """What the caller can mend is 4xx, what this service must mend 500, and the state of the API 502 to 504."""
    response = error_response(error)
    assert (response.status, response.body["status"]) == (status, status)
    assert response.body["title"] == response.status.phrase
    assert response.body["outcome"] == error.outcome


def test_every_class_of_errors_has_a_status():
    """No class of errors is without a status or a text."""
    pending = [TalonOneError]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if kind.__module__ == "aiotalonone.errors":
            assert error_response(kind("it failed", "op")).body["detail"].startswith(("The promotion", "What the"))


@pytest.mark.parametrize("kind", [BadRequestError, NotFoundError, ConflictError])
def test_a_rejection_after_a_lost_response_is_not_the_callers(kind):
    """A rejection of a call whose earlier attempt may have been carried out is 502, with that outcome."""
    response = error_response(status_error(kind, 400, Outcome.UNKNOWN))
    assert (response.status, response.body["outcome"]) == (502, "unknown")


@pytest.mark.parametrize(
    ("seconds", "header"), [(0.0, "1"), (0.2, "1"), (2.0, "2"), (2.1, "3"), (3601.0, "3600"), (1e300, "3600")]
)
def test_retry_after_is_a_whole_number_in_bounds(seconds, header):
    """The Retry-After of a busy API is rounded up, from 1 second to an hour."""
    assert error_response(status_error(RateLimitError, 429, retry_after=seconds)).headers == {"Retry-After": header}


def test_an_open_circuit_says_when_to_come_back():
    """While the circuit breaker is open, Retry-After is the time until its next probe."""
    error = CircuitOpenError("the circuit breaker is open", "op")
    error.retry_after = 7.5
    assert error_response(error).headers == {"Retry-After": "8"}


@pytest.mark.parametrize(
    "error", [status_error(RateLimitError, 429), status_error(BadRequestError, 400, retry_after=5.0)]
)
def test_without_a_wait_there_is_no_retry_after(error):
    """A response has no Retry-After if the wait is not known, or if waiting does not help."""
    assert error_response(error).headers == {}


@pytest.mark.parametrize("kind", [BadRequestError, ServerError, AuthenticationError])
def test_nothing_of_the_api_is_in_the_response_or_the_log(kind, caplog):
    """A response and its line of the log hold no text from the API, and the response not what was called."""
    response = error_response(status_error(kind, 400))
    told = json.dumps(dict(response.body)) + str(response.headers)
    assert SECRET not in told + caplog.text
    assert "updateCustomerSessionV2" not in told


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (status_error(AuthenticationError, 401), logging.ERROR),
        (status_error(ServerError, 500), logging.WARNING),
        (TransportTimeoutError("read timeout", "op"), logging.WARNING),
    ],
)
def test_what_the_caller_cannot_mend_is_logged(error, level, caplog):
    """A 500 is logged at ERROR with its traceback, 502 to 504 at WARNING without."""
    error_response(error)
    [record] = caplog.records
    assert (record.levelno, record.message) == (level, str(error))
    assert bool(record.exc_info) is (level == logging.ERROR)


def test_what_the_caller_can_mend_is_not_logged(caplog):
    """A rejection is the caller's to know."""
    error_response(status_error(BadRequestError, 400))
    assert not caplog.records


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-wait": "250"}, 0.25),
        ({"x-wait": "5000"}, 2.0),
        ({}, 2.0),
        ({"x-wait": "0"}, 2.0),
        ({"x-wait": "-250"}, 2.0),
        ({"x-wait": "0.25"}, 2.0),
        ({"x-wait": "²"}, 2.0),
        ({"x-wait": "9" * 5000}, 2.0),
    ],
)
@in_virtual_time
async def test_the_caller_can_shorten_the_deadline(headers, seconds):
    """The milliseconds of the header shorten the time of the calls; anything else leaves it as it is."""
    async with ToldApi(HANG).create_client() as client:
        with request_deadline(headers, 2.0, header="x-wait"), pytest.raises(DeadlineExceededError) as caught:
            await client.customers.get_customer_inventory("ada")
    assert caught.value.elapsed == pytest.approx(seconds, abs=1e-3)


async def test_a_header_is_not_believed_unless_it_is_named():
    """Without a name no header has any effect, and a deadline must be above 0."""
    with request_deadline({"X-Envoy-Expected-Rq-Timeout-Ms": "1"}, 2.0):
        pass
    with pytest.raises(ValueError, match="above 0"), request_deadline({}, 0):
        pass


async def test_a_client_is_open_within_the_block_alone():
    """The client is open and warmed up within the block, and closed after it."""
    async with open_client(unreachable) as client:
        with pytest.raises(TransportError):
            await client.request("GET", "/")
    with pytest.raises(ClientStateError, match="closed"):
        await client.request("GET", "/")


def unreachable():
    return AsyncIntegrationClient(CLOSED_PORT, api_key="key")


async def test_a_service_starts_while_the_api_is_down(caplog):
    """If the API cannot be reached at the start, the service starts all the same, and a line at WARNING tells it."""
    async with open_client(unreachable):
        [message] = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert message.startswith("warm_up failed: cannot connect")
    assert message.endswith("calls are tried all the same")


async def test_a_client_is_closed_if_the_block_fails():
    """An error within the block closes the client, and is raised."""
    with pytest.raises(LookupError):
        async with open_client(unreachable) as client:
            raise LookupError
    with pytest.raises(ClientStateError, match="closed"):
        await client.request("GET", "/")


@pytest.mark.parametrize(("grace", "kind"), [(-1, ValueError), ("5", TypeError)])
async def test_an_invalid_grace_is_an_error_at_the_start(grace, kind):
    """A grace that cannot be used is an error before a client is made."""
    with pytest.raises(kind, match="grace"):
        async with open_client(pytest.fail, grace=grace):
            pass


async def test_calls_in_flight_have_the_grace():
    """Calls that do not finish within the grace are ended, with their outcome."""
    async with open_client(ToldApi(HANG).create_client, grace=0) as client:
        call = asyncio.create_task(client.customers.get_customer_inventory("ada"))
        await asyncio.sleep(0)
    with pytest.raises(TransportError) as caught:
        await call
    assert str(caught.value).startswith("getCustomerInventory failed: the client was closed before the response")
