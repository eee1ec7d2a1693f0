"""Idempotency keys: one for each call, given once, and good for resuming what was lost."""

import pickle
from uuid import UUID

import httpx
import pytest

from aiotalonone import NotFoundError, Outcome, ResponseDecodeError, RetryPolicy, TransportError
from aiotalonone.pipeline.idempotency import KEY_TTL_SECONDS, resumable
from tests.contract.calls import EACH_OPERATION
from tests.support.clients import TRANSPORTS
from tests.support.scripted_api import close_session, create_referral, scripted_client
from tests.support.virtual_time import in_virtual_time

KEYED = {"updateCustomerSessionV2", "updateCustomerProfileV2", "updateCustomerProfilesV2"}
ONE_ATTEMPT = RetryPolicy(attempts=1)
both_transports = pytest.mark.parametrize("transport", TRANSPORTS)


@in_virtual_time
async def test_every_call_has_a_key_of_its_own():
    """128 random bits, in the form of a UUID without its dashes."""
    async with scripted_client("own", 200) as (client, script):
        for _ in range(100):
            await close_session(client)
    assert len(set(script.keys)) == 100
    assert all(UUID(key).hex == key for key in script.keys)


@in_virtual_time
async def test_a_key_of_the_caller_s_own_is_sent():
    """An order's number survives a crash, ours do not."""
    async with scripted_client("own", 503, 200) as (client, script):
        await close_session(client.with_options(idempotency_key="order-4711"))
    assert script.keys == ["order-4711", "order-4711"]


@in_virtual_time
async def test_a_given_key_is_for_one_call():
    """With another body the API would answer what it answered to the first."""
    async with scripted_client("own", 200) as (client, script):
        once = client.with_options(idempotency_key="order-4711")
        await close_session(once)
        with pytest.raises(ValueError, match="for one call"):
            await close_session(once)
        await close_session(client)
    assert len(script.requests) == 2
    assert script.keys[1] != "order-4711"


@in_virtual_time
async def test_a_derived_client_does_not_inherit_a_key():
    """Other options are for other calls."""
    async with scripted_client("own", 200) as (client, script):
        await close_session(client.with_options(idempotency_key="order-4711").with_options(deadline=5))
    assert script.keys[0] != "order-4711"


@in_virtual_time
async def test_an_operation_that_honours_no_key_rejects_one():
    """The caller would feel safe, and would not be."""
    async with scripted_client("own", 200) as (client, script):
        once = client.with_options(idempotency_key="order-4711")
        with pytest.raises(ValueError, match="createReferral does not honour an idempotency key"):
            await create_referral(once)
        await close_session(once)
    assert script.keys == ["order-4711"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\nb", "kä", "a\x7f"])
async def test_a_key_that_no_header_carries_is_rejected(client, key):
    """Before anything is sent; the message does not repeat it."""
    with pytest.raises(ValueError, match="idempotency_key must be 1 to 255 printable ASCII"):
        client.with_options(idempotency_key=key)


async def test_a_key_of_another_type_is_rejected(client):
    """An order's number may be an int; its key is a text."""
    with pytest.raises(TypeError, match="must be a str, not int"):
        client.with_options(idempotency_key=4711)


def test_the_longest_key(client):
    """255 characters."""
    client.with_options(idempotency_key="x" * 255)


async def test_the_header_has_one_way_in(client):
    """A key among the headers would be sent with every call."""
    with pytest.raises(ValueError, match="set by the client"):
        client.with_options(headers={"Idempotency-Key": "order-4711"})


@in_virtual_time
async def test_an_endpoint_without_a_method_here_takes_a_key():
    """A caller who gives a key knows that the endpoint honours it, so a lost response is retried."""
    async with scripted_client("own", httpx.ReadError, 200) as (client, script):
        await client.with_options(idempotency_key="return-1").request(
            "POST", "/v2/customer_sessions/s/returns", body={}
        )
        await client.request("POST", "/v1/other", body={})
    assert script.keys == ["return-1", "return-1", None]


@both_transports
@in_virtual_time
async def test_resuming_repeats_body_and_key_and_returns_the_answer(transport):
    """The API knows the key: it carries the call out once, and answers as it did or would have."""
    async with scripted_client(transport, httpx.ReadError, 200, retry=ONE_ATTEMPT) as (client, script):
        with pytest.raises(TransportError) as caught:
            await close_session(client)
        assert caught.value.outcome is Outcome.UNKNOWN
        state = await client.resume(caught.value)
    assert state.effects == []
    assert script.keys == [caught.value.idempotency_key] * 2
    assert script.requests[0].content == script.requests[1].content
    assert script.requests[0].url == script.requests[1].url


@in_virtual_time
async def test_resuming_may_fail_again_and_be_resumed_again():
    """The key and the age of the call stay what they were."""
    async with scripted_client("own", httpx.ReadError, httpx.ReadError, 200, retry=ONE_ATTEMPT) as (client, script):
        with pytest.raises(TransportError) as first:
            await close_session(client)
        with pytest.raises(TransportError) as second:
            await client.resume(first.value)
        await client.resume(second.value)
    assert second.value.call.created_at == first.value.call.created_at
    assert len(set(script.keys)) == 1


@in_virtual_time
async def test_an_answer_that_was_lost_half_way_is_asked_for_again():
    """A call whose response could not be decoded was carried out, and resuming it returns the stored response."""
    broken = httpx.Response(200, content=b"<html>")
    async with scripted_client("own", broken, 200) as (client, _):
        with pytest.raises(ResponseDecodeError) as caught:
            await close_session(client)
        assert (await client.resume(caught.value)).effects == []


@in_virtual_time
async def test_what_may_act_twice_is_not_resumed():
    """No key protects it."""
    async with scripted_client("own", httpx.ReadError) as (client, script):
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
        with pytest.raises(ValueError, match="may act twice"):
            await client.resume(caught.value)
    assert len(script.requests) == 1


@in_virtual_time
async def test_what_was_rejected_is_not_resumed():
    """Nothing is lost: it can be called again."""
    async with scripted_client("own", 404) as (client, _):
        with pytest.raises(NotFoundError) as caught:
            await close_session(client)
        with pytest.raises(ValueError, match="the outcome is rejected"):
            await client.resume(caught.value)


@in_virtual_time
async def test_a_key_holds_for_24_hours():
    """Later the API has forgotten it, and would act again."""
    async with scripted_client("own", httpx.ReadError, retry=ONE_ATTEMPT) as (client, _):
        with pytest.raises(TransportError) as caught:
            await close_session(client)
    made = caught.value.call.created_at
    assert resumable(caught.value, made + KEY_TTL_SECONDS - 1) is caught.value.call
    with pytest.raises(ValueError, match="older than the 24 h"):
        resumable(caught.value, made + KEY_TTL_SECONDS)


@in_virtual_time
async def test_a_pickled_error_has_its_key_and_not_its_call():
    """The body does not travel with it; who has the body can call again with the key."""
    async with scripted_client("own", httpx.ReadError, 200, retry=ONE_ATTEMPT) as (client, script):
        with pytest.raises(TransportError) as caught:
            await close_session(client)
        twin = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
        with pytest.raises(ValueError, match="pickled"):
            await client.resume(twin)
        await close_session(client.with_options(idempotency_key=twin.idempotency_key))
    assert len(set(script.keys)) == 1


@EACH_OPERATION
async def test_the_operations_that_honour_keys_send_one(operation):
    """Some operations honour a key; a key on another would promise what it does not keep."""
    assert (operation.retry_safety.name == "IDEMPOTENCY_KEY") is (operation.operation_id in KEYED)
