"""Idempotency keys: one for each call, sent with every attempt, and used to resume a call."""

import pickle
from uuid import UUID

import httpx
import pytest

from aiotalonone import (
    AsyncIntegrationClient,
    CircuitBreaker,
    Coupon,
    IntegrationStateV2,
    NotFoundError,
    Outcome,
    ResponseDecodeError,
    RetryPolicy,
    TalonOneError,
    TransportError,
)
from aiotalonone.pipeline.idempotency import KEY_TTL_SECONDS, resumable
from tests.contract.calls import EACH_OPERATION
from tests.support.clients import API_KEY, BASE_URL, TRANSPORTS
from tests.support.scripted_api import close_session, create_referral, scripted_client
from tests.support.virtual_time import in_virtual_time

KEYED = {
    *("updateCustomerSessionV2", "returnCartItems", "reopenCustomerSession"),
    *("updateCustomerProfileV2", "updateCustomerProfilesV2", "trackEventV2"),
}
ONE_ATTEMPT = RetryPolicy(attempts=1)
both_transports = pytest.mark.parametrize("transport", TRANSPORTS)


@in_virtual_time
async def test_every_call_has_a_key_of_its_own():
    """Each call has a key of 128 random bits, in the form of a UUID without dashes."""
    async with scripted_client("own", 200) as (client, script):
        for _ in range(100):
            await close_session(client)
    assert len(set(script.keys)) == 100
    assert all(UUID(key).hex == key for key in script.keys)


@in_virtual_time
async def test_a_key_of_the_caller_s_own_is_sent():
    """A key that the caller gives is sent instead of a random one."""
    async with scripted_client("own", 503, 200) as (client, script):
        await close_session(client.with_options(idempotency_key="order-4711"))
    assert script.keys == ["order-4711", "order-4711"]


@in_virtual_time
async def test_a_given_key_is_for_one_call():
    """A second call with the same given key raises an error before anything is sent."""
    async with scripted_client("own", 200) as (client, script):
        once = client.with_options(idempotency_key="order-4711")
        await close_session(once)
        with pytest.raises(ValueError, match="for one call"):
            await close_session(once)
        await close_session(client)
    assert len(script.requests) == 2
    assert script.keys[1] != "order-4711"


@in_virtual_time
async def test_a_derived_client_shares_a_key():
    """A key that was given is sent by a client derived from the one with the key, and by one of the two alone."""
    async with scripted_client("own", 200) as (client, script):
        once = client.with_options(idempotency_key="order-4711")
        await close_session(once.with_options(deadline=5))
        with pytest.raises(ValueError, match="for one call"):
            await close_session(once)
        await close_session(once.with_options(idempotency_key="order-4712"))
    assert script.keys == ["order-4711", "order-4712"]


@in_virtual_time
async def test_a_key_for_an_operation_without_keys_is_rejected():
    """A given key raises ValueError for an operation that does not honour keys."""
    async with scripted_client("own", 200) as (client, script):
        once = client.with_options(idempotency_key="order-4711")
        with pytest.raises(ValueError, match="createReferral does not honour an idempotency key"):
            await create_referral(once)
        await close_session(once)
    assert script.keys == ["order-4711"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\nb", "kä", "a\x7f"])
async def test_a_key_that_cannot_be_a_header_is_rejected(client, key):
    """A key that cannot be sent as a header raises ValueError, whose text does not show it."""
    with pytest.raises(ValueError, match="idempotency_key must be 1 to 255 printable ASCII"):
        client.with_options(idempotency_key=key)


async def test_a_key_of_another_type_is_rejected(client):
    """A key that is not text raises TypeError."""
    with pytest.raises(TypeError, match="must be a str, not int"):
        client.with_options(idempotency_key=4711)


def test_a_key_may_have_255_characters(client):
    """A key of 255 characters is accepted."""
    client.with_options(idempotency_key="x" * 255)


async def test_a_key_among_the_headers_is_rejected(client):
    """A key among the headers raises ValueError, since it would be sent with every call."""
    with pytest.raises(ValueError, match="set by the client"):
        client.with_options(headers={"Idempotency-Key": "order-4711"})


@in_virtual_time
async def test_request_takes_a_key():
    """``client.request`` with a key is retried after a lost response."""
    async with scripted_client("own", httpx.ReadError, 200) as (client, script):
        await client.with_options(idempotency_key="return-1").request(
            "POST", "/v2/customer_sessions/s/returns", body={}
        )
        await client.request("POST", "/v1/other", body={})
    assert script.keys == ["return-1", "return-1", None]


@both_transports
@in_virtual_time
async def test_resuming_sends_the_same_body_and_key(transport):
    """``resume`` sends the same body and key again, and returns the response."""
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
    """A resumed call that fails can be resumed again, with the same key and the time of the first call."""
    async with scripted_client("own", httpx.ReadError, httpx.ReadError, 200, retry=ONE_ATTEMPT) as (client, script):
        with pytest.raises(TransportError) as first:
            await close_session(client)
        with pytest.raises(TransportError) as second:
            await client.resume(first.value)
        await client.resume(second.value)
    assert second.value.call.created_at == first.value.call.created_at
    assert len(set(script.keys)) == 1


@in_virtual_time
async def test_a_response_that_was_lost_half_way_can_be_resumed():
    """A call that is APPLIED and whose response broke off can be resumed."""
    broken = httpx.Response(200, content=b"<html>")
    async with scripted_client("own", broken, 200) as (client, _):
        with pytest.raises(ResponseDecodeError) as caught:
            await close_session(client)
        assert (await client.resume(caught.value)).effects == []


@in_virtual_time
async def test_what_may_act_twice_is_not_resumed():
    """An unsafe call cannot be resumed, since no key protects it."""
    async with scripted_client("own", httpx.ReadError) as (client, script):
        with pytest.raises(TransportError) as caught:
            await create_referral(client)
        with pytest.raises(ValueError, match="may act twice"):
            await client.resume(caught.value)
    assert len(script.requests) == 1


@in_virtual_time
async def test_a_rejected_call_is_not_resumed():
    """A rejected call cannot be resumed, since it can be made again."""
    async with scripted_client("own", 404) as (client, _):
        with pytest.raises(NotFoundError) as caught:
            await close_session(client)
        with pytest.raises(ValueError, match="the outcome is rejected"):
            await client.resume(caught.value)


@in_virtual_time
async def test_a_key_holds_for_24_hours():
    """A call older than 24 hours cannot be resumed, since the API has dropped its key."""
    async with scripted_client("own", httpx.ReadError, retry=ONE_ATTEMPT) as (client, _):
        with pytest.raises(TransportError) as caught:
            await close_session(client)
    made = caught.value.call.created_at
    call = caught.value.call
    assert resumable(caught.value, made + KEY_TTL_SECONDS - 1, call.origin) is call
    with pytest.raises(ValueError, match="older than the 24 h"):
        resumable(caught.value, made + KEY_TTL_SECONDS, call.origin)


@in_virtual_time
async def test_a_pickled_error_is_resumed_by_a_client_of_the_same_deployment_and_key():
    """An error that was pickled is resumed with the same body and key, by another client of that deployment and key."""
    async with scripted_client("own", httpx.ReadError, retry=ONE_ATTEMPT) as (client, script):
        with pytest.raises(TransportError) as caught:
            await close_session(client)
    content = pickle.dumps(caught.value)
    assert API_KEY.encode() not in content
    async with scripted_client("own", 200) as (other, later):
        state = await other.resume(pickle.loads(content), IntegrationStateV2)  # noqa: S301 - our own
    assert state.effects == []
    assert later.keys == script.keys
    assert later.requests[0].content == script.requests[0].content


@pytest.mark.parametrize(
    ("url", "options"),
    [("https://other.talon.one", {"api_key": API_KEY}), (BASE_URL, {"api_key": "other"})],
    ids=["another deployment", "another key"],
)
@in_virtual_time
async def test_an_error_is_not_resumed_elsewhere(url, options):
    """A call is not resumed on another deployment or with another API key, and nothing is sent there."""
    async with scripted_client("own", httpx.ReadError, retry=ONE_ATTEMPT) as (client, _):
        with pytest.raises(TransportError) as caught:
            await close_session(client)
    assert client.base_url == BASE_URL
    async with AsyncIntegrationClient(url, **options) as other:
        with pytest.raises(ValueError, match="another base URL or API key"):
            await other.resume(caught.value)


@in_virtual_time
async def test_resuming_for_another_model_sends_nothing():
    """``resume`` with another model than the call returns is a TypeError, and nothing is sent."""
    async with scripted_client("own", httpx.ReadError, 200, retry=ONE_ATTEMPT) as (client, script):
        with pytest.raises(TransportError) as caught:
            await close_session(client)
        with pytest.raises(TypeError, match="returns IntegrationStateV2, not Coupon"):
            await client.resume(caught.value, Coupon)
        assert len(script.requests) == 1


async def test_something_else_than_an_error_is_not_resumed(client):
    """``resume`` with something else than the error of a call is a TypeError that says so."""
    with pytest.raises(TypeError, match="error must be a TalonOneError, not TimeoutError"):
        await client.resume(TimeoutError())


@pytest.mark.parametrize("first", [httpx.ReadError, "garbage"], ids=["unknown", "applied"])
@pytest.mark.parametrize("second", [429, 400, httpx.ConnectError, "closed", "late", "open circuit"])
@in_virtual_time
async def test_a_resume_that_fails_leaves_outcome_and_call(first, second):
    """A resume that is rejected, not sent, late or made on a closed client keeps the outcome, and can be resumed."""
    script = [httpx.Response(200, content=b"<html>") if first == "garbage" else first]
    script += [second] if not isinstance(second, str) else [httpx.ConnectError]
    options = {"circuit_breaker": CircuitBreaker(failures=1)} if second == "open circuit" else {}
    async with scripted_client("own", *script, retry=ONE_ATTEMPT, **options) as (client, _):
        with pytest.raises(TalonOneError) as caught:
            await close_session(client)
        if second == "open circuit":
            with pytest.raises(TalonOneError):
                await client.customers.get_customer_inventory("c")
        if second == "closed":
            await client.aclose()
        resuming = client.with_options(deadline=1e-9) if second == "late" else client
        with pytest.raises(TalonOneError) as again:
            await resuming.resume(caught.value)
    assert again.value.outcome is caught.value.outcome
    assert again.value.outcome is (Outcome.APPLIED if first == "garbage" else Outcome.UNKNOWN)
    async with scripted_client("own", 200) as (client, _):
        assert (await client.resume(again.value)).effects == []


@EACH_OPERATION
async def test_the_operations_that_honour_keys_send_one(operation):
    """An operation sends a key if its constant says that the API honours keys, and only then."""
    assert (operation.retry_safety.name == "IDEMPOTENCY_KEY") is (operation.operation_id in KEYED)
