"""The response of a call, beside its result."""

import asyncio

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, NotFoundError, RawResponse, RetryPolicy, or_none
from tests.support.clients import API_KEY, BASE_URL

INVENTORY = "/v1/customer_profiles/ada/inventory"
HEADERS = {"X-Request-ID": "r-1", "X-Region": "eu"}


async def test_a_call_has_its_response_beside_its_result(api, client):
    """``with_raw_response`` returns the result with status, headers, request ID, attempts and duration."""
    api.get(INVENTORY).respond(200, json={"coupons": []}, headers=HEADERS)
    response = await client.with_raw_response(client.customers.get_customer_inventory("ada"))
    assert isinstance(response, RawResponse)
    assert response.result == await client.customers.get_customer_inventory("ada")
    assert (response.status, response.request_id, response.attempts) == (200, "r-1", 1)
    assert response.headers["x-region"] == response.headers["X-Region"] == "eu"
    assert response.elapsed > 0


async def test_a_response_shows_neither_result_nor_headers(api, client):
    """The repr of a response shows no header and nothing of the result, and no header has the key."""
    api.get(INVENTORY).respond(200, json={"coupons": []}, headers={"X-Echo": "canary"})
    response = await client.with_raw_response(client.customers.get_customer_inventory("ada"))
    assert "canary" not in repr(response)
    assert "coupons" not in repr(response)
    assert not any(API_KEY in value for value in response.headers.values())


async def test_a_silent_call_has_a_response(api, client):
    """A call without a result has a response of status 204."""
    api.delete("/v1/customer_data/ada").respond(204)
    response = await client.with_raw_response(client.customers.delete_customer_data("ada"))
    assert (response.status, response.result, response.request_id) == (204, None, None)


async def test_client_request_has_a_response(api, client):
    """An endpoint without a method has a response, too."""
    api.get("/v1/x").respond(200, json=[1], headers=HEADERS)
    response = await client.with_raw_response(client.request("GET", "/v1/x"))
    assert (response.result, response.request_id) == ([1], "r-1")


async def test_the_last_attempt_counts(api):
    """After a retry the response is that of the last attempt."""
    api.get(INVENTORY).mock(side_effect=[_response(503), _response(200)])
    async with AsyncIntegrationClient(BASE_URL, api_key="k", retry=RetryPolicy(initial_backoff=0)) as client:
        response = await client.with_raw_response(client.customers.get_customer_inventory("ada"))
    assert (response.status, response.attempts, response.headers["x-status"]) == (200, 2, "200")


def _response(status):
    return httpx.Response(status, json={}, headers={"x-status": str(status)})


async def test_calls_at_once_have_their_own_responses(api, client):
    """Calls that are made at the same time each have their own response."""
    for number in range(20):
        path = f"/v1/customer_profiles/c-{number}/inventory"
        api.get(path).respond(200, json={}, headers={"X-Request-ID": f"r-{number}"})
    calls = [client.with_raw_response(client.customers.get_customer_inventory(f"c-{number}")) for number in range(20)]
    responses = await asyncio.gather(*calls)
    assert [response.request_id for response in responses] == [f"r-{number}" for number in range(20)]


async def test_a_middlewares_own_call_does_not_count(api):
    """The response is that of the call, whatever calls a middleware makes within it."""

    async def audit(exchange, call_next):
        response = await call_next(exchange)
        if exchange.operation.operation_id != "deleteCustomerData":
            await client.customers.delete_customer_data("audit")
        return response

    api.get(INVENTORY).respond(200, json={}, headers=HEADERS)
    api.delete("/v1/customer_data/audit").respond(204)
    async with AsyncIntegrationClient(BASE_URL, api_key="k", middleware=[audit]) as client:
        response = await client.with_raw_response(client.customers.get_customer_inventory("ada"))
    assert (response.status, response.request_id) == (200, "r-1")


async def test_a_failed_call_raises_its_error(api, client):
    """A call that fails raises the same error as without ``with_raw_response``."""
    api.get(INVENTORY).respond(404, headers=HEADERS)
    with pytest.raises(NotFoundError) as caught:
        await client.with_raw_response(client.customers.get_customer_inventory("ada"))
    assert caught.value.request_id == "r-1"


async def test_a_task_is_not_observed(api, client):
    """A task, which runs already, is a TypeError, and is left to run."""
    api.get(INVENTORY).respond(200, json={"coupons": []})
    task = asyncio.create_task(client.customers.get_customer_inventory("ada"))
    with pytest.raises(TypeError, match="not a task"):
        await client.with_raw_response(task)
    assert (await task).coupons == []


async def test_what_makes_no_call_has_no_response(api, client):
    """Awaiting something that makes no call, or none that succeeds, is a RuntimeError."""
    with pytest.raises(RuntimeError, match="made no call that succeeded"):
        await client.with_raw_response(asyncio.sleep(0))
    api.get(INVENTORY).respond(429)
    inventory = client.with_options(retry=RetryPolicy(attempts=1)).customers.get_customer_inventory("ada")
    with pytest.raises(RuntimeError, match="made no call that succeeded"):
        await client.with_raw_response(or_none(inventory))
