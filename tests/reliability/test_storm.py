"""Very many callers at once, some of whom cancel their calls, against an API that fails now and then."""

import asyncio
import random
from collections import Counter

import pytest

from aiotalonone import RetryPolicy, TalonOneError
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.reliability.matrix import PURCHASE
from tests.reliability.support import PATIENT, assert_all_free, sandbox_client, warmed
from tests.support.campaigns import CAMPAIGNS
from tests.support.clients import TRANSPORTS
from tests.support.sandbox_server import serving

FAULTS = (Fault.DROP_AFTER_COMMIT, Fault.DROP_BEFORE_READING, Fault.HALF_A_BODY, Fault.STATUS_503, Fault.STATUS_429)
CLOSE, READ = "updateCustomerSessionV2", "getCustomerInventory"
IMPATIENT = 0.3


def faulty_shop():
    """Return a sandbox that fails a tenth of its calls, each fault as often as the others."""
    sandbox = Sandbox(CAMPAIGNS)
    for operation_id in (CLOSE, READ):
        for place, fault in enumerate(FAULTS):
            sandbox.faults.add(operation_id, fault, calls=range(7 + 10 * place, 100_000, 10 * len(FAULTS)), seconds=0)
    return sandbox


def call_of(client, number, turn):
    """Read or buy, in turn."""
    if turn % 2:
        return client.sessions.update_customer_session_v2(f"cart-{number}-{turn}", PURCHASE)
    return client.customers.get_customer_inventory("ada")


async def storm(client, callers, calls, patience):
    """Return how many calls succeeded, failed or were cancelled."""
    script = random.Random(830)
    ends = Counter()

    async def caller(number):
        for turn in range(calls):
            task = asyncio.create_task(call_of(client, number, turn))
            if script.random() < IMPATIENT:
                await asyncio.sleep(script.random() * patience)
                task.cancel()
            await asyncio.wait([task])
            ends["cancelled" if task.cancelled() else "failed" if task.exception() else "succeeded"] += 1
            if not task.cancelled() and task.exception():
                assert isinstance(task.exception(), TalonOneError)

    await asyncio.gather(*map(caller, range(callers)))
    return ends


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("callers", "calls", "patience"), [(30, 4, 0.05), pytest.param(500, 10, 1.0, marks=pytest.mark.soak)]
)
async def test_a_storm_leaves_everything_as_it_was(transport, callers, calls, patience):
    """After a storm every call is accounted for, nothing was done twice, and no slot or lane is lost."""
    sandbox = faulty_shop()
    async with (
        serving(sandbox.app) as server,
        sandbox_client(transport, server.url, timeouts=PATIENT, deadline=60, retry=RetryPolicy(budget=None)) as client,
    ):
        await warmed(client)
        ends = await storm(client, callers, calls, patience)
        sandbox.faults.clear()
        await assert_all_free(sandbox, client)
    assert sum(ends.values()) == callers * calls
    assert ends["succeeded"] > ends["failed"]
    assert ends["cancelled"]
    assert len(sandbox.faults.triggered) > callers * calls / 20
    assert sandbox.applied(CLOSE) <= callers * calls / 2
