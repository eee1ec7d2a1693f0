"""Retries as callers see them: the transport is scripted, and time is virtual."""

import asyncio

import httpx
import pytest

from aiotalonone import (
    APIStatusError,
    BadRequestError,
    CircuitBreaker,
    CircuitOpenError,
    ConflictError,
    MiddlewareError,
    NotFoundError,
    Outcome,
    RateLimitError,
    RetryPolicy,
    ServerError,
    TransportError,
)
from tests.support.clients import TRANSPORTS
from tests.support.scripted_api import close_session, create_referral, scripted_client
from tests.support.virtual_time import in_virtual_time

LOST = httpx.ReadError
ONCE = RetryPolicy(attempts=1)
both_transports = pytest.mark.parametrize("transport", TRANSPORTS)


@both_transports
@pytest.mark.parametrize("failure", [LOST, httpx.ReadTimeout, 500, 502, 503, 520, 429, 409, 408, 425, 499])
@in_virtual_time
async def test_a_call_with_a_key_succeeds_after_two_failures(transport, failure):
    """A call with an idempotency key is retried with the same key and body until it succeeds."""
    async with scripted_client(transport, failure, failure, 200) as (client, script):
        assert (await close_session(client)).effects == []
    assert len(set(script.keys)) == 1
    assert script.keys[0]
    assert len({request.content for request in script.requests}) == 1
    assert len(script.requests) == 3


@both_transports
@pytest.mark.parametrize(
    ("failure", "error", "outcome"),
    [
        (LOST, TransportError, Outcome.UNKNOWN),
        (500, ServerError, Outcome.UNKNOWN),
        (408, APIStatusError, Outcome.UNKNOWN),
        (499, APIStatusError, Outcome.UNKNOWN),
        (425, APIStatusError, Outcome.REJECTED),
        (409, ConflictError, Outcome.REJECTED),
    ],
)
@in_virtual_time
async def test_what_may_act_twice_is_sent_once(transport, failure, error, outcome):
    """An unsafe call whose response was lost is not retried."""
    async with scripted_client(transport, failure, 200) as (client, script):
        with pytest.raises(error) as caught:
            await create_referral(client)
    assert len(script.requests) == caught.value.attempts == 1
    assert caught.value.outcome is outcome
    assert script.keys == [None]


@both_transports
@in_virtual_time
async def test_a_429_is_retried_for_every_operation(transport):
    """A 429 is retried for every operation, since nothing was done."""
    referral = {"id": 1, "created": "2026-01-01T00:00:00Z", "code": "R", "usageCounter": 0, "usageLimit": 1,
                "campaignId": 1, "advocateProfileIntegrationId": "c-1"}  # fmt: skip
    async with scripted_client(transport, 429, httpx.Response(201, json=referral)) as (client, script):
        assert (await create_referral(client)).code == "R"
    assert len(script.requests) == 2


@both_transports
@pytest.mark.parametrize("status", [307, 400, 401, 403, 404, 418])
@in_virtual_time
async def test_a_final_rejection_is_not_retried(transport, status):
    """A rejection that a retry cannot change is not retried."""
    async with scripted_client(transport, status, 200) as (client, script):
        with pytest.raises(Exception, match=str(status)):
            await close_session(client)
    assert len(script.requests) == 1


@both_transports
@in_virtual_time
async def test_the_error_of_the_last_attempt_counts_all(transport):
    """The error is that of the last attempt, and counts all attempts."""
    async with scripted_client(transport, 500, 502, 503) as (client, script):
        with pytest.raises(ServerError) as caught:
            await close_session(client)
    error = caught.value
    assert (error.status, error.attempts) == (503, 3)
    assert error.idempotency_key == script.keys[0]
    assert error.elapsed == pytest.approx(sum(script.pauses))
    assert str(error) == "updateCustomerSessionV2 failed: 503 Service Unavailable (3 attempts, unknown)"


@both_transports
@in_virtual_time
async def test_a_rejection_after_a_lost_response_is_unknown(transport):
    """A retry that is rejected after a lost response leaves the outcome UNKNOWN."""
    async with scripted_client(transport, LOST, 400) as (client, _):
        with pytest.raises(BadRequestError) as caught:
            await close_session(client)
    assert caught.value.outcome is Outcome.UNKNOWN


@both_transports
@in_virtual_time
async def test_pauses_are_random_within_a_doubling_span(transport):
    """Pauses are random between 0 and a span that doubles with each attempt."""
    policy = RetryPolicy(attempts=5, initial_backoff=1, max_backoff=3)
    runs = []
    for _ in range(20):
        async with scripted_client(transport, 500, retry=policy, deadline=None) as (client, script):
            with pytest.raises(ServerError):
                await close_session(client)
        runs.append(script.pauses)
    for pauses in runs:
        assert all(0 <= pause <= span for pause, span in zip(pauses, (1, 2, 3, 3), strict=True))
    assert max(pauses[0] for pauses in runs) - min(pauses[0] for pauses in runs) > 0.2
    assert any(pauses[2] > 1.5 for pauses in runs)


@both_transports
@pytest.mark.parametrize(("header", "pause"), [("2", 2), ("9.5", 9.5), ("3600", 10)])
@in_virtual_time
async def test_a_retry_after_is_obeyed_up_to_a_cap(transport, header, pause):
    """A pause is as long as ``Retry-After`` says, up to a maximum, plus a random part."""
    slow_down = httpx.Response(429, headers={"Retry-After": header})
    async with scripted_client(transport, slow_down, 200) as (client, script):
        await close_session(client)
    assert pause <= script.pauses[0] <= pause + 0.2


@both_transports
@pytest.mark.parametrize("header", ["0", "0.0", "Thu, 01 Jan 2026 00:00:00 GMT", "soon"])
@in_virtual_time
async def test_a_retry_after_of_no_time_leaves_the_usual_pause(transport, header):
    """A ``Retry-After`` of 0 seconds, or in the past, leaves the usual random pause."""
    slow_down = httpx.Response(429, headers={"Retry-After": header})
    pauses = []
    for _ in range(10):
        async with scripted_client(transport, slow_down, 200) as (client, script):
            await close_session(client)
        pauses += script.pauses
    assert all(0 <= pause <= 0.2 for pause in pauses)
    assert max(pauses) - min(pauses) > 0.02


@both_transports
@in_virtual_time
async def test_no_pause_is_started_that_would_outlive_the_deadline(transport):
    """A call fails at once with its last error if the next pause would outlast the deadline."""
    slow_down = httpx.Response(429, headers={"Retry-After": "5"})
    async with scripted_client(transport, slow_down, 200, deadline=4.0) as (client, script):
        with pytest.raises(RateLimitError) as caught:
            await close_session(client)
    assert len(script.requests) == 1
    assert caught.value.elapsed == 0
    assert caught.value.retry_after == 5


@both_transports
@in_virtual_time
async def test_a_spent_budget_ends_the_retries(transport):
    """A spent retry budget ends the retries, and the error says so."""
    async with scripted_client(transport, 503, retry=RetryPolicy(budget=3)) as (client, script):
        errors = await asyncio.gather(*(close_session(client, f"cart-{n}") for n in range(10)), return_exceptions=True)
    assert len(script.requests) == 10 + 3
    assert sum(error.retry_budget_exhausted for error in errors) >= 8
    assert any("retry budget exhausted" in str(error) for error in errors)


@both_transports
@in_virtual_time
async def test_a_404_on_retrying_a_deletion_is_success(transport):
    """A 404 is success for a deletion whose first attempt lost its response."""
    async with scripted_client(transport, LOST, 404) as (client, script):
        await client.customers.delete_customer_data("c-1")
    assert len(script.requests) == 2


@both_transports
@pytest.mark.parametrize("before", [None, 429])
@in_virtual_time
async def test_a_404_without_an_earlier_deletion_is_an_error(transport, before):
    """A 404 is NotFoundError for a deletion of which no earlier attempt was sent."""
    endings = [404] if before is None else [before, 404]
    async with scripted_client(transport, *endings) as (client, _):
        with pytest.raises(NotFoundError) as caught:
            await client.customers.delete_customer_data("c-1")
    assert caught.value.outcome is Outcome.REJECTED


@both_transports
@in_virtual_time
async def test_a_404_on_retrying_an_update_is_an_error(transport):
    """A 404 is NotFoundError for an update, whatever the attempts before came to."""
    async with scripted_client(transport, LOST, 404) as (client, _):
        with pytest.raises(NotFoundError) as caught:
            await client.coupons.create_coupon_reservation("SUMMER", {"integrationIDs": ["c-1"]})
    assert caught.value.outcome is Outcome.UNKNOWN


@both_transports
@in_virtual_time
async def test_a_dry_call_is_retried(transport):
    """A dry call stores nothing, so it is retried without a key."""
    async with scripted_client(transport, LOST, 200) as (client, script):
        await client.sessions.update_customer_session_v2("cart-1", {"customerSession": {}}, dry=True)
    assert script.keys == [None, None]


@both_transports
@in_virtual_time
async def test_a_policy_of_one_attempt_makes_no_retry(transport):
    """A policy of one attempt makes no retry."""
    async with scripted_client(transport, 503, 200) as (client, script):
        with pytest.raises(ServerError):
            await close_session(client.with_options(retry=RetryPolicy(attempts=1)))
    assert len(script.requests) == 1


@in_virtual_time
async def test_middleware_sees_attempts_and_call_middleware_calls():
    """Middleware is called for every attempt, call middleware once for the call."""
    log = []

    async def attempt(exchange, call_next):
        log.append(f"attempt {exchange.attempts + 1}")
        return await call_next(exchange)

    async def call(exchange, call_next):
        response = await call_next(exchange)
        log.append(f"{exchange.operation.operation_id}: {response.status_code} after {exchange.attempts}")
        return response

    async with scripted_client("own", 503, 200, middleware=[attempt], call_middleware=[call]) as (client, _):
        await close_session(client)
    assert log == ["attempt 1", "attempt 2", "updateCustomerSessionV2: 200 after 2"]


@in_virtual_time
async def test_an_error_that_is_not_ours_is_not_retried():
    """An exception of a middleware that is not ours ends the call without a retry, as the cause of our error."""

    async def broken(_exchange, _proceed):
        raise ZeroDivisionError

    async with scripted_client("own", 200, middleware=[broken]) as (client, script):
        with pytest.raises(MiddlewareError, match="a middleware raised ZeroDivisionError") as caught:
            await close_session(client)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert (script.requests, caught.value.outcome) == ([], Outcome.NOT_SENT)


@both_transports
@in_virtual_time
async def test_a_circuit_breaker_is_shared_by_derived_clients(transport):
    """A client and those derived from it share one circuit breaker."""
    breaker = CircuitBreaker(failures=2, open_for=5)
    async with scripted_client(transport, 503, 503, 200, circuit_breaker=breaker, retry=ONCE) as (client, script):
        derived = client.with_options(deadline=3)
        for one in (client, derived):
            with pytest.raises(ServerError):
                await close_session(one)
        for one in (client, derived):
            with pytest.raises(CircuitOpenError):
                await close_session(one)
        await asyncio.sleep(5)
        await close_session(derived)
    assert len(script.requests) == 3


@in_virtual_time
async def test_without_a_circuit_breaker_every_call_is_sent():
    """Without a circuit breaker, which is the default, every call is sent."""
    async with scripted_client("own", 503, retry=ONCE) as (client, script):
        for _ in range(30):
            with pytest.raises(ServerError):
                await close_session(client)
    assert len(script.requests) == 30
