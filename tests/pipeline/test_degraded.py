import logging

import httpx
import pytest

from aiotalonone import (
    AuthenticationError,
    BadRequestError,
    CircuitBreaker,
    ConflictError,
    DeadlineExceededError,
    MiddlewareError,
    Outcome,
    ResponseDecodeError,
    RetryPolicy,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
    deadline,
    or_none,
)
from tests.support.told_api import HANG, ToldApi
from tests.support.virtual_time import in_virtual_time

OPEN = {"customerSession": {"profileId": "ada"}}
CLOSED = {"customerSession": {"profileId": "ada", "state": "closed"}}


@pytest.fixture
def api():
    return ToldApi()


@pytest.fixture
async def client(api):
    async with api.create_client(circuit_breaker=CircuitBreaker(failures=2, open_for=60)) as client:
        yield client


def update(client, session, *, dry=None):
    return client.sessions.update_customer_session_v2("cart-1", session, dry=dry)


async def test_a_result_is_returned(client):
    """A call that succeeds returns its result."""
    state = await or_none(update(client, OPEN))
    assert state is not None
    assert state.effects == []


@pytest.mark.parametrize(
    "result", [408, 425, 429, 499, 500, 502, 503, 504, httpx.ConnectError, httpx.ReadError, httpx.ReadTimeout]
)
@pytest.mark.parametrize(
    "call",
    [
        lambda client: update(client, OPEN),
        lambda client: update(client, {"customerSession": {"state": "open"}}),
        lambda client: update(client, CLOSED, dry=True),
        lambda client: client.customers.get_customer_inventory("ada"),
    ],
    ids=["update of an open session", "opening", "dry call", "read"],
)
async def test_what_changes_nothing_for_good_is_dispensable(api, client, result, call):
    """Reads, dry calls and updates of an open session are ``None`` while the API is slow, down or overloaded."""
    api.result = result
    assert await or_none(call(client)) is None


@pytest.mark.parametrize("result", [408, 499, 500, 503, httpx.ReadError, httpx.ReadTimeout])
@pytest.mark.parametrize(
    "call",
    [
        lambda client: update(client, CLOSED),
        lambda client: update(client, {"customerSession": {"state": "cancelled"}}),
        lambda client: client.customers.update_customer_profile_v2("ada", {"attributes": {"Name": "Ada"}}),
        lambda client: client.referrals.create_referral({"campaignId": 1, "advocateProfileIntegrationId": "ada"}),
        lambda client: client.request("PUT", "/v2/customer_sessions/cart-1", body=OPEN),
    ],
    ids=["closing", "cancelling", "profile", "referral", "request"],
)
async def test_a_write_that_may_be_done_is_raised(api, client, result, call):
    """A write that may have been carried out is not passed over, since it is to be resumed."""
    api.result = result
    with pytest.raises(TalonOneError) as caught:
        await or_none(call(client))
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("result", [425, 429])
async def test_a_write_that_is_not_done_is_dispensable(api, client, result):
    """A write that the API put off is ``None``: it was not carried out."""
    api.result = result
    assert await or_none(update(client, CLOSED)) is None


async def test_a_write_that_was_not_sent_is_dispensable(api, client):
    """A write that did not leave, since the circuit breaker is open, is ``None``."""
    api.result = httpx.ReadError
    for _ in range(2):
        with pytest.raises(TransportError):
            await update(client, CLOSED)
    assert await or_none(update(client, CLOSED)) is None


async def test_an_attempt_that_may_be_done_counts_with_an_open_circuit(api, client):
    """A closing whose first attempt was lost is raised though the circuit breaker stopped the second one."""
    api.result = httpx.ReadError
    again = client.with_options(retry=RetryPolicy(attempts=3, initial_backoff=0))
    with pytest.raises(TalonOneError) as caught:
        await or_none(update(again, CLOSED))
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("result", "kind"), [(400, BadRequestError), (401, AuthenticationError), (409, ConflictError), (301, TalonOneError)]
)
async def test_a_defect_is_raised(api, client, result, kind):
    """An invalid request, a wrong key and a conflict are raised: the API is well."""
    api.result = result
    with pytest.raises(kind):
        await or_none(update(client, OPEN))


async def test_an_unreadable_success_is_raised(api, client):
    """A success that is not JSON is raised, since waiting does not mend it."""
    api.body = "<html>"
    with pytest.raises(ResponseDecodeError):
        await or_none(update(client, OPEN))


async def test_an_error_of_the_callers_own_is_raised(api):
    """An error that a middleware raised is a defect of the caller's."""

    async def broken(_exchange, _call_next):
        raise LookupError

    async with api.create_client(middleware=[broken]) as other:
        with pytest.raises(MiddlewareError):
            await or_none(update(other, OPEN))


@in_virtual_time
async def test_a_call_that_takes_too_long_is_dispensable():
    """A deadline around the call is what makes a slow API count as down, though the request was sent."""
    async with ToldApi(HANG).create_client() as client:
        with deadline(0.5):
            assert await or_none(update(client, OPEN)) is None
        with deadline(0.5), pytest.raises(DeadlineExceededError) as caught:
            await or_none(update(client, CLOSED))
    assert caught.value.outcome is Outcome.UNKNOWN


async def test_of_several_calls_the_one_that_failed_is_judged(api, client):
    """A coroutine of one's own is passed over if its failed call is dispensable, whatever it did before."""

    async def buy_and_look():
        await update(client, CLOSED)
        api.result = 503
        await client.customers.get_customer_inventory("ada")

    assert await or_none(buy_and_look()) is None
    assert api.result == 503


async def test_an_error_without_its_call_is_judged_by_its_outcome():
    """An error that was restored without its call, as from JSON, may have been a write."""

    async def restored(outcome):
        raise TransportTimeoutError("read timeout", "op", outcome)

    assert await or_none(restored(Outcome.NOT_SENT)) is None
    with pytest.raises(TransportTimeoutError):
        await or_none(restored(Outcome.UNKNOWN))


async def test_a_result_that_is_missing_is_logged(api, client, caplog):
    """Each call that is passed over is a line at WARNING, without an ID."""
    api.result = 503
    with caplog.at_level(logging.WARNING, "aiotalonone"):
        assert await or_none(update(client, OPEN)) is None
    assert caplog.messages == ["updateCustomerSessionV2: continued without a result (ServerError, unknown)"]
