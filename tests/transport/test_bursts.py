"""More calls at once than connections: a healthy server serves all of them, a stuck one is sent no late request."""

import asyncio

import pytest

from aiotalonone import DeadlineExceededError, Outcome, Timeouts, deadline
from tests.support.clients import api_client
from tests.support.raw_server import read_request, response, serving
from tests.support.virtual_time import in_virtual_time


@in_virtual_time
async def test_1000_calls_on_100_connections():
    """Calls that wait for their turn longer than any attempt may take have their results, and lose no retry."""
    requests = []

    async def slow(reader, writer):
        while True:
            await read_request(reader)
            requests.append(writer)
            await asyncio.sleep(0.3)
            writer.write(response(b"{}"))

    async with serving(slow, backlog=2000) as port, api_client(port, timeouts=None) as client:
        calls = [client.customers.get_customer_inventory(f"c-{number}") for number in range(1000)]
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert len(requests) == 1000
    assert len(set(requests)) == 100


@pytest.mark.asyncio(loop_factories=["asyncio"])
async def test_4000_calls_with_one_deadline():
    """At their common deadline all calls end: those that were sent are unknown, all others are never sent."""
    requests = []

    async def stuck(reader, writer):
        await read_request(reader)
        requests.append(writer)
        await reader.read()

    async with (
        serving(stuck, backlog=2000) as port,
        api_client(port, timeouts=Timeouts(pool=None), max_connections=50) as client,
    ):
        with deadline(2.0):
            calls = [client.request("POST", f"/v1/x/{number}", body={}) for number in range(4000)]
            results = await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.sleep(0.05)
    assert {type(result) for result in results} == {DeadlineExceededError}
    outcomes = [result.outcome for result in results]
    assert len(requests) <= outcomes.count(Outcome.UNKNOWN) <= 50
    assert outcomes.count(Outcome.NOT_SENT) >= 3950
