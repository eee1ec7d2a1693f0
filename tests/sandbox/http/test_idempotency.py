import asyncio

import pytest

from aiotalonone.sandbox.account.programs import Assumptions
from aiotalonone.sandbox.http.idempotency import ReplyStore, Scope
from aiotalonone.sandbox.http.messages import Reply
from tests.sandbox.support import Clock, details, problem

KEY = {"Idempotency-Key": "key-1"}
SESSION = "/v2/customer_sessions/s"
CLOSED = {"customerSession": {"profileId": "a", "state": "closed"}, "responseContent": ["customerSession"]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (SESSION, CLOSED),
        ("/v2/customer_profiles/a?runRuleEngine=true", {"responseContent": ["customerProfile"]}),
        ("/v2/customer_profiles?silent=no", {"customerProfiles": [{"integrationId": "a"}]}),
    ],
)
async def test_same_key_gets_the_first_response(shop, path, body):
    """A request with a known key gets the first response, byte by byte, although time has passed."""
    first = await shop.http.put(path, json=body, headers=KEY)
    shop.clock.forward(hours=23)
    second = await shop.http.put(path, json=body, headers=KEY)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content


async def test_key_expires_after_a_day(shop):
    """After 24 hours a request with the same key is performed again."""
    await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    shop.clock.forward(hours=24)
    response = await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    assert details(response) == "Only open sessions can be closed"


class Count:
    """Performs requests, each with a reply of its own."""

    def __init__(self, size=0):
        self.performed = 0
        self._size = size

    async def __call__(self):
        """Return the next reply."""
        self.performed += 1
        return Reply(200, b"x" * self._size or str(self.performed).encode())


def scope(key):
    return Scope("caller", "updateCustomerSessionV2", ("s",), key)


async def test_expired_replies_are_dropped():
    """Replies that are older than 24 hours take no memory from the next request with a key on."""
    clock, count = Clock(), Count()
    store = ReplyStore(clock, Assumptions())
    for number in range(50):
        await store.once(scope(str(number)), b"", count)
    clock.forward(hours=12)
    await store.once(scope("later"), b"", count)
    assert len(store) == 51
    clock.forward(hours=12)
    await store.once(scope("last"), b"", count)
    assert len(store) == 2


async def test_store_has_a_max_number_of_replies():
    """The oldest replies make room for new ones, and the others are still replayed."""
    count = Count()
    store = ReplyStore(Clock(), Assumptions(), max_replies=3)
    replies = {key: await store.once(scope(key), b"", count) for key in "abcd"}
    assert (len(store), count.performed) == (3, 4)
    assert [await store.once(scope(key), b"", count) for key in "bcd"] == [replies[key] for key in "bcd"]
    await store.once(scope("a"), b"", count)
    assert (len(store), count.performed) == (3, 5)


async def test_a_key_that_is_used_again_counts_once():
    """The reply that follows an expired one with the same key takes its room."""
    clock, count = Clock(), Count(size=100)
    store = ReplyStore(clock, Assumptions(), max_bytes=450)
    await store.once(scope("0" * 99), b"", count)
    clock.forward(hours=24)
    for key in "01":
        await store.once(scope(key * 99), b"", count)  # 200 bytes
    assert len(store) == 2


async def test_store_has_a_max_size():
    """The oldest replies make room if all of them together are too large; keys and paths count as well."""
    count = Count(size=100)
    store = ReplyStore(Clock(), Assumptions(), max_bytes=999)
    for number in range(100):
        await store.once(scope(f"{number:099}"), b"", count)  # 200 bytes with its path, of one character
    assert len(store) == 4
    store.forget("s", ())
    assert len(store) == 0
    for number in range(5):
        await store.once(scope(str(number)), b"", count)
    assert len(store) == 5


@pytest.mark.parametrize("binds", [True, False])
async def test_known_key_with_another_body(open_shop, binds):
    """A known key with another body is replayed, or a 400 if the campaign file assumes that keys bind bodies."""
    shop = open_shop({"assumptions": {"idempotencyKeysBindBodies": binds}})
    first = await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    other = await shop.http.put(SESSION, json={"customerSession": {}}, headers=KEY)
    again = await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    assert again.content == first.content
    if binds:
        assert problem(other) == (400, "Invalid value", "Idempotency-Key")
    else:
        assert other.content == first.content


@pytest.mark.parametrize(
    ("body", "status"), [({"customerSession": 1}, 400), ({"customerSession": {"state": "x"}}, 400)]
)
async def test_error_may_be_stored(open_shop, body, status):
    """If the campaign file assumes it, an error is replayed byte by byte to a request with its key."""
    shop = open_shop({"assumptions": {"idempotencyStoresErrors": True}})
    first = await shop.http.put(SESSION, json=body, headers=KEY)
    second = await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    assert (first.status_code, second.status_code) == (status, status)
    assert (first.content, shop.sandbox.state.sessions) == (second.content, {})
    assert (await shop.http.put(SESSION, json=CLOSED)).status_code == 200


async def test_request_without_a_key_is_performed(shop):
    """The same request without a key, or with another key, is performed."""
    await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    responses = [
        await shop.http.put(SESSION, json=CLOSED),
        await shop.http.put(SESSION, json=CLOSED, headers={"Idempotency-Key": "key-2"}),
    ]
    assert [one.status_code for one in responses] == [400, 400]


async def test_key_belongs_to_its_path_and_caller(open_shop):
    """The same idempotency key with another session or another API key is another request."""
    shop = open_shop(api_keys=("sandbox-key", "other"))
    await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    elsewhere = await shop.http.put("/v2/customer_sessions/t", json=CLOSED, headers=KEY)
    other = {**KEY, "Authorization": "ApiKey-v1 other"}
    assert elsewhere.json()["customerSession"]["integrationId"] == "t"
    assert (await shop.http.put(SESSION, json=CLOSED, headers=other)).status_code == 400


async def test_error_is_not_stored(shop):
    """After an error a request with the same key is performed."""
    bad = {"customerSession": {"cartItems": [{"sku": ""}]}}
    assert (await shop.http.put(SESSION, json=bad, headers=KEY)).status_code == 400
    assert (await shop.http.put(SESSION, json=CLOSED, headers=KEY)).status_code == 200


async def test_dry_call_does_not_use_its_key(shop):
    """The response to a dry call is not replayed to the real request with the same key."""
    await shop.http.put(SESSION, params={"dry": "true"}, json=CLOSED, headers=KEY)
    await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    assert shop.sandbox.state.sessions["s"].state == "closed"


async def test_key_has_a_max_length(shop):
    """A key of 256 characters is a 400, and one of 255 is accepted."""
    responses = [
        await shop.http.put(SESSION, json=CLOSED, headers={"Idempotency-Key": "k" * length}) for length in (256, 255)
    ]
    assert [one.status_code for one in responses] == [400, 200]


async def test_second_request_waits_for_the_first(shop):
    """Requests with the key of one in flight wait for its response, and are not performed."""
    runs, go = [], asyncio.Event()

    async def wait(operation_id):
        runs.append(operation_id)
        await go.wait()

    shop.sandbox.before_commit(wait)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shop.http.put(SESSION, json=CLOSED, headers=KEY)) for _ in range(9)]
        for _ in range(50):  # turns of the loop, enough for every call to reach its wait
            await asyncio.sleep(0)
        go.set()
    assert runs == ["updateCustomerSessionV2"]
    assert {task.result().status_code for task in tasks} == {200}


async def test_operation_without_keys_ignores_them(shop):
    """Each referral request creates a referral, whatever key it has."""
    body = {"campaignId": 30, "advocateProfileIntegrationId": "a"}
    codes = {(await shop.http.post("/v1/referrals", json=body, headers=KEY)).json()["code"] for _ in range(2)}
    assert len(codes) == 2


async def test_erasure_drops_stored_replies(shop):
    """A stored reply that contains the customer's ID is not replayed after the erasure."""
    body = {"attributes": {"mail": "a@example.org"}, "responseContent": ["customerProfile"]}
    path = "/v2/customer_profiles/a?runRuleEngine=true"
    await shop.http.put(path, json=body, headers=KEY)
    await shop.http.delete("/v1/customer_data/a")
    response = await shop.http.put(path, json={"responseContent": ["customerProfile"]}, headers=KEY)
    assert response.json()["customerProfile"]["attributes"] == {}


async def test_key_counts_whatever_the_body(shop):
    """The same key with another body gets the first response, and the second body is not applied."""
    first = await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    other = {"customerSession": {"attributes": {"note": "late"}}}
    second = await shop.http.put(SESSION, json=other, headers=KEY)
    assert second.content == first.content
    assert shop.sandbox.state.sessions["s"].attributes == {}


async def test_erasure_drops_stored_replies_about_sessions(shop):
    """A reply to a session that was still anonymous is not replayed after the erasure of its customer."""
    noted = {"customerSession": {"attributes": {"note": "mine"}}, "responseContent": ["customerSession"]}
    await shop.http.put(SESSION, json=noted, headers=KEY)
    await shop.put_session("s", profileId="ann")
    await shop.http.delete("/v1/customer_data/ann")
    again = {"customerSession": {}, "responseContent": ["customerSession"]}
    response = await shop.http.put(SESSION, json=again, headers=KEY)
    assert response.json()["customerSession"]["attributes"] == {}
