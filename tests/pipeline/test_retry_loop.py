"""The retry loop of one exchange: what counts as a failure, what is noted, and what is taken from the budget."""

import asyncio

import httpx
import pytest

from aiotalonone import RetryPolicy
from aiotalonone.endpoints.customers import DELETE_CUSTOMER_DATA, GET_CUSTOMER_INVENTORY
from aiotalonone.endpoints.referrals import CREATE_REFERRAL
from aiotalonone.errors import Outcome, TransportError, TransportTimeoutError
from aiotalonone.pipeline.retry import Retry, last_result, retry_after_failure
from aiotalonone.pipeline.retry_rules import RetryBudget
from tests.pipeline.factories import ScriptedSender, error_of, exchange_of
from tests.support.virtual_time import in_virtual_time

NOT_SENT, REJECTED, UNKNOWN, APPLIED = Outcome.NOT_SENT, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.APPLIED


def now():
    return asyncio.get_running_loop().time()


def inventory(**options):
    return exchange_of(GET_CUSTOMER_INVENTORY, "c-1", **options)


def deletion():
    return exchange_of(DELETE_CUSTOMER_DATA, "c-1")


def referral():
    return exchange_of(CREATE_REFERRAL, content=b"{}")


def retry(sender, budget=None, **policy):
    return Retry(RetryPolicy(**policy), RetryBudget(100) if budget is None else budget, sender)


@in_virtual_time
async def test_an_attempt_that_was_not_sent_costs_no_budget():
    """A retry after an attempt that was not sent takes nothing from the budget."""
    budget = RetryBudget(0)
    sender = ScriptedSender(error_of(NOT_SENT, TransportTimeoutError), error_of(NOT_SENT), 200)
    response = await retry(sender, budget).run(inventory())
    assert (response.status_code, sender.sent) == (200, 3)


@in_virtual_time
async def test_an_attempt_that_was_sent_is_not_retried_without_budget():
    """Without budget an attempt that was sent is not retried, and the error says so."""
    exchange, sender = inventory(), ScriptedSender(error_of(UNKNOWN), 200)
    with pytest.raises(TransportError):
        await retry(sender, RetryBudget(0)).run(exchange)
    assert sender.sent == 1
    assert exchange.retry_budget_exhausted


@in_virtual_time
async def test_the_last_attempt_takes_nothing_from_the_budget():
    """The last failed attempt takes nothing from the budget, since no retry follows."""
    budget = RetryBudget(1)
    with pytest.raises(TransportError):
        await retry(ScriptedSender(error_of(UNKNOWN)), budget, attempts=2).run(inventory())
    assert budget._tokens == 0
    with pytest.raises(TransportError):
        await retry(ScriptedSender(error_of(UNKNOWN)), budget, attempts=1).run(exchange := inventory())
    assert not exchange.retry_budget_exhausted


@pytest.mark.parametrize("outcome", [NOT_SENT, UNKNOWN])
async def test_a_permanent_failure_is_not_retried(outcome):
    """An untrusted certificate is not retried, although nothing was sent."""
    sender = ScriptedSender(error_of(outcome, permanent=True), 200)
    with pytest.raises(TransportError):
        await retry(sender).run(inventory())
    assert sender.sent == 1


@pytest.mark.parametrize("make_exchange", [inventory, referral, deletion])
@pytest.mark.parametrize("earlier", [[], [429], [429, 429]])
@in_virtual_time
async def test_an_error_of_another_call_is_not_retried(make_exchange, earlier):
    """An error of another client's call, raised by a middleware, does not make this call be sent again."""
    theirs = error_of(NOT_SENT)
    theirs.call = inventory().call

    async def audit(exchange):
        exchange._progress.status = 201
        raise theirs

    exchange, sender = make_exchange(), ScriptedSender(*earlier, audit, 200)
    with pytest.raises(TransportError) as caught:
        await retry(sender, attempts=9).run(exchange)
    assert caught.value is theirs
    assert sender.sent == len(earlier) + 1
    assert exchange.outcome is APPLIED


@in_virtual_time
async def test_a_middlewares_error_does_not_lower_the_outcome():
    """A referral whose response came is not sent again if a middleware then fails with NOT_SENT."""

    async def fail_after_response(exchange):
        exchange._progress.status = 201
        raise error_of(NOT_SENT)

    exchange, sender = referral(), ScriptedSender(fail_after_response, 201)
    with pytest.raises(TransportError):
        await retry(sender).run(exchange)
    assert (sender.sent, exchange.outcome) == (1, APPLIED)


@in_virtual_time
async def test_a_response_made_by_a_middleware_counts_by_its_status():
    """A 503 that a middleware made leaves open whether the call was applied."""

    async def gateway(_exchange):
        return httpx.Response(503)

    exchange = referral()
    response = await retry(gateway).run(exchange)
    assert (response.status_code, exchange.attempts, exchange.outcome) == (503, 0, UNKNOWN)


@pytest.mark.parametrize(
    ("first", "status", "outcome"), [(UNKNOWN, 204, UNKNOWN), (APPLIED, 204, APPLIED), (NOT_SENT, 404, REJECTED)]
)
@in_virtual_time
async def test_a_404_in_a_retried_deletion_is_success(first, status, outcome):
    """A 404 counts as success only if an earlier attempt may have deleted what it names."""
    exchange = deletion()
    response = await retry(ScriptedSender(error_of(first), 404)).run(exchange)
    assert response.status_code == status
    assert exchange.outcome is outcome


@pytest.mark.parametrize(("resumed", "status"), [(NOT_SENT, 404), (REJECTED, 404), (UNKNOWN, 204), (APPLIED, 204)])
async def test_a_404_in_a_resumed_deletion_is_success(resumed, status):
    """In a resumed deletion a 404 is success, as the call that is resumed counts as an attempt."""
    exchange = deletion()
    exchange.raise_outcome(resumed)
    response = await retry(ScriptedSender(404)).run(exchange)
    assert response.status_code == status


@in_virtual_time
async def test_what_may_act_twice_survives_failures_before_it_is_sent():
    """An unsafe call is retried after 429 and after attempts that were not sent, in any order."""
    sender = ScriptedSender(429, error_of(NOT_SENT), 429, 201)
    response = await retry(sender, attempts=4).run(referral())
    assert (response.status_code, sender.sent) == (201, 4)


@in_virtual_time
async def test_the_outcome_of_a_call_is_that_of_its_worst_attempt():
    """A rejected attempt does not lower the outcome of an attempt before it."""
    exchange = inventory()
    response = await retry(ScriptedSender(error_of(UNKNOWN), 400)).run(exchange)
    assert (response.status_code, exchange.outcome) == (400, UNKNOWN)


@pytest.mark.parametrize("status", [408, 425, 499, 500, 503, 520, 527])
@in_virtual_time
async def test_a_gateway_that_gave_up_is_tried_again(status):
    """A read is retried after every status of a server or gateway that failed or stopped waiting."""
    response = await retry(ScriptedSender(status, 200)).run(inventory())
    assert response.status_code == 200


@in_virtual_time
async def test_a_pause_that_would_outlive_the_deadline_is_not_started():
    """A pause that would outlast the deadline is not started, and takes nothing from the budget."""
    budget, sender = RetryBudget(1), ScriptedSender(503, 200)
    response = await retry(sender, budget, initial_backoff=1e9, max_backoff=1e9).run(inventory(deadline=0.001))
    assert (response.status_code, sender.sent, now()) == (503, 1, 0)
    assert budget.take()


@in_virtual_time
async def test_a_cancellation_ends_the_loop():
    """A call that is cancelled during its second attempt makes no third."""

    async def hang(_exchange):
        await asyncio.Event().wait()

    sender = ScriptedSender(503, hang, 200)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(20):
            await retry(sender).run(inventory())
    assert sender.sent == 2


@in_virtual_time
async def test_the_helper_starts_with_the_failure_it_is_given():
    """Attempts are counted from the failed one, and the last result is returned even if it is a failure."""
    seen, results = [], iter(["second", "third"])

    async def attempt():
        return next(results)

    result = await retry_after_failure(
        "first",
        attempt,
        retry=lambda _: True,
        wait=lambda _: 1.0,
        stop=lambda state: state.attempt_number >= 3,
        before_sleep=lambda state: seen.append((state.attempt_number, last_result(state))),
    )
    assert (result, seen, now()) == ("third", [(1, "first"), (2, "second")], 2)


async def test_the_helper_makes_no_attempt_if_the_failure_is_final():
    """A failure that must not be retried is returned without a retry."""
    result = await retry_after_failure("final", None, retry=lambda _: False, wait=None, stop=None, before_sleep=None)
    assert result == "final"
