import pytest


@pytest.mark.parametrize("header", ["", "ApiKey-v1 wrong", "ApiKey-v1", "Bearer sandbox-key", "sandbox-key"])
async def test_a_wrong_key_is_turned_away(shop, header):
    """Without a key of the sandbox every operation answers 401 in the API's format."""
    answer = await shop.http.get("/sandbox/state", headers={"Authorization": header})
    body = answer.json()
    assert answer.status_code == 401
    assert (body["message"], body["StatusCode"]) == ("Invalid API key", 401)
    assert body["RequestUUID"] == answer.headers["X-Request-ID"]


async def test_any_of_several_keys_opens(open_shop):
    """Each of the sandbox's own keys is accepted, the default one is not one of them."""
    shop = open_shop(api_keys=("k1", "k2"))
    statuses = [
        (await shop.http.get("/sandbox/state", headers={"Authorization": f"ApiKey-v1 {key}"})).status_code
        for key in ("k1", "k2", "sandbox-key")
    ]
    assert statuses == [200, 200, 401]


async def test_a_management_token_opens_audiences_alone(shop):
    """The audiences operation takes the API key or the management token, every other one the API key."""
    token = {"Authorization": "Bearer sandbox-token"}
    with_token = await shop.http.post("/v2/customer_audiences", json={"data": []}, headers=token)
    with_key = await shop.http.post("/v2/customer_audiences", json={"data": []})
    elsewhere = await shop.http.get("/sandbox/state", headers=token)
    assert [one.status_code for one in (with_token, with_key, elsewhere)] == [204, 204, 401]
