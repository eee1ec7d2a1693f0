"""What the tests of this room share: a client of few slots, and how to see that none of them is lost."""

import asyncio
from functools import partial

from aiotalonone import RetryPolicy, Timeouts
from tests.reliability.matrix import SLOTS, assert_unharmed
from tests.support.clients import make_client
from tests.support.sandbox_server import until

PATIENT = Timeouts(connect=5, pool=60, write=5, read=5)
sandbox_client = partial(make_client, max_connections=SLOTS, timeouts=PATIENT, retry=RetryPolicy(initial_backoff=0.001))


async def assert_all_free(sandbox, client):
    """Check that slots and lanes are free, and that no attempt is running."""
    traffic = client._lifecycle._runtime
    await until(lambda: not traffic._abandoned)
    await assert_unharmed(sandbox, client, calls=1)
    assert len(traffic.lanes) == len(traffic._in_flight) == 0
    assert not [task for task in asyncio.all_tasks() if "aiotalonone/pipeline" in str(task.get_coro())]


async def warmed(client):
    """The client after a call: its next one finds a connection."""
    await client.customers.update_customer_profile_v2("ada", {"attributes": {}})
    return client
