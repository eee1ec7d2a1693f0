import pytest


@pytest.mark.parametrize("header", ["", "ApiKey-v1 wrong", "ApiKey-v1", "Bearer sandbox-key", "sandbox-key"])
async def test_wrong_key_is_a_401(shop, header):
    """A request without a valid key gets a 401 in the API's format."""
    response = await shop.http.get("/v2/customer_sessions/s", headers={"Authorization": header})
    body = response.json()
    assert response.status_code == 401
    assert (body["message"], body["StatusCode"]) == ("Invalid API key", 401)
    assert body["RequestUUID"] == response.headers["X-Request-ID"]


async def test_each_of_several_keys_is_accepted(open_shop):
    """Each of the given keys is accepted, which the session that is not found shows; the default key is not."""
    shop = open_shop(api_keys=("k1", "k2"))
    statuses = [
        (await shop.http.get("/v2/customer_sessions/s", headers={"Authorization": f"ApiKey-v1 {key}"})).status_code
        for key in ("k1", "k2", "sandbox-key")
    ]
    assert statuses == [400, 400, 401]


async def test_management_token_is_accepted_for_audiences_alone(shop):
    """The audiences operation accepts an API key or a management token, every other operation an API key."""
    token = {"Authorization": "Bearer sandbox-token"}
    with_token = await shop.http.post("/v2/customer_audiences", json={"data": []}, headers=token)
    with_key = await shop.http.post("/v2/customer_audiences", json={"data": []})
    elsewhere = await shop.http.get("/v2/customer_sessions/s", headers=token)
    assert [one.status_code for one in (with_token, with_key, elsewhere)] == [204, 204, 401]
