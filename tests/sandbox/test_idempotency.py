import asyncio

import pytest

from tests.sandbox.support import problem

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
async def test_a_repeated_request_gets_the_first_answer(shop, path, body):
    """Byte by byte, although time has passed."""
    first = await shop.http.put(path, json=body, headers=KEY)
    shop.clock.forward(hours=23)
    second = await shop.http.put(path, json=body, headers=KEY)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content


async def test_a_key_is_remembered_for_a_day(shop):
    """After 24 hours the request is performed again."""
    await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    shop.clock.forward(hours=24)
    answer = await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    assert problem(answer)[1] == "Only open sessions can be closed"


async def test_without_a_key_nothing_is_replayed(shop):
    """The same request without a key, or with another, is performed."""
    await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    answers = [
        await shop.http.put(SESSION, json=CLOSED),
        await shop.http.put(SESSION, json=CLOSED, headers={"Idempotency-Key": "key-2"}),
    ]
    assert [one.status_code for one in answers] == [400, 400]


async def test_a_key_counts_for_its_path_and_caller(open_shop):
    """Another session or another API key with the same idempotency key is another request."""
    shop = open_shop(api_keys=("sandbox-key", "other"))
    await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    elsewhere = await shop.http.put("/v2/customer_sessions/t", json=CLOSED, headers=KEY)
    other = {**KEY, "Authorization": "ApiKey-v1 other"}
    assert elsewhere.json()["customerSession"]["integrationId"] == "t"
    assert (await shop.http.put(SESSION, json=CLOSED, headers=other)).status_code == 400


async def test_an_error_is_not_kept(shop):
    """After a failed request the same key may succeed."""
    bad = {"customerSession": {"cartItems": [{"sku": ""}]}}
    assert (await shop.http.put(SESSION, json=bad, headers=KEY)).status_code == 400
    assert (await shop.http.put(SESSION, json=CLOSED, headers=KEY)).status_code == 200


async def test_a_dry_run_takes_no_key(shop):
    """What stored nothing is no answer to the real request."""
    await shop.http.put(SESSION, params={"dry": "true"}, json=CLOSED, headers=KEY)
    await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    assert shop.sandbox.state.sessions["s"].state == "closed"


async def test_a_key_has_a_longest_length(shop):
    """256 characters are one too many."""
    answers = [
        await shop.http.put(SESSION, json=CLOSED, headers={"Idempotency-Key": "k" * length}) for length in (256, 255)
    ]
    assert [one.status_code for one in answers] == [400, 200]


async def test_a_second_request_waits_for_the_first(shop):
    """While the first one runs, its repetition neither runs nor fails."""
    runs, go = [], asyncio.Event()

    async def pause(operation_id):
        runs.append(operation_id)
        await go.wait()

    shop.sandbox.before_commit(pause)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shop.http.put(SESSION, json=CLOSED, headers=KEY)) for _ in range(9)]
        for _ in range(50):  # turns of the loop, enough for every call to reach its place
            await asyncio.sleep(0)
        go.set()
    assert runs == ["updateCustomerSessionV2"]
    assert {task.result().status_code for task in tasks} == {200}


async def test_operations_without_keys_ignore_them(shop):
    """A referral is made by each request, whatever its header says."""
    body = {"campaignId": 30, "advocateProfileIntegrationId": "a"}
    codes = {(await shop.http.post("/v1/referrals", json=body, headers=KEY)).json()["code"] for _ in range(2)}
    assert len(codes) == 2


async def test_erasure_forgets_the_answers_too(shop):
    """A kept answer with the customer's data is not replayed after the erasure."""
    body = {"attributes": {"mail": "a@example.org"}, "responseContent": ["customerProfile"]}
    path = "/v2/customer_profiles/a?runRuleEngine=true"
    await shop.http.put(path, json=body, headers=KEY)
    await shop.http.delete("/v1/customer_data/a")
    answer = await shop.http.put(path, json={"responseContent": ["customerProfile"]}, headers=KEY)
    assert answer.json()["customerProfile"]["attributes"] == {}


async def test_a_key_counts_whatever_the_body_says(shop):
    """The same key with another body gets the first answer, and the second body is not carried out."""
    first = await shop.http.put(SESSION, json=CLOSED, headers=KEY)
    other = {"customerSession": {"attributes": {"note": "late"}}}
    second = await shop.http.put(SESSION, json=other, headers=KEY)
    assert second.content == first.content
    assert shop.sandbox.state.sessions["s"].attributes == {}


async def test_erasure_forgets_the_answers_about_sessions(shop):
    """An answer to a cart that was still anonymous is not replayed after its customer's erasure."""
    noted = {"customerSession": {"attributes": {"note": "mine"}}, "responseContent": ["customerSession"]}
    await shop.http.put(SESSION, json=noted, headers=KEY)
    await shop.put_session("s", profileId="ann")
    await shop.http.delete("/v1/customer_data/ann")
    again = {"customerSession": {}, "responseContent": ["customerSession"]}
    answer = await shop.http.put(SESSION, json=again, headers=KEY)
    assert answer.json()["customerSession"]["attributes"] == {}
