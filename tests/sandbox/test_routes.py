import pytest

from tests.sandbox.shop import problem


@pytest.mark.parametrize("path", ["/", "/v1/nothing", "/v1/customer_data/", "/v2/customer_sessions"])
async def test_an_unknown_address_is_not_found(shop, path):
    """A path without an operation, or without its value, answers 404 in the API's format."""
    answer = await shop.http.delete(path)
    assert answer.status_code == 404
    assert answer.json()["StatusCode"] == 404


async def test_a_wrong_method_is_not_allowed(shop):
    """A known path with another method answers 405 and names the methods there are."""
    answer = await shop.http.put("/v1/coupon_reservations/SPRING", json={})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "DELETE, POST"


async def test_an_encoded_slash_stays_inside_its_value(shop):
    """A percent-encoded path value is one segment, whatever it decodes to."""
    answer = await shop.http.post("/v1/coupon_reservations/10%24OFF%2FNOW", json={"integrationIDs": ["a"]})
    assert answer.json()["value"] == "10$OFF/NOW"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
async def test_malformed_json_is_refused(shop, content):
    """A body that is no JSON answers 400."""
    answer = await shop.http.put("/v2/customer_sessions/s", content=content)
    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["message"]


async def test_a_body_must_be_an_object(shop):
    """JSON of another kind answers 400 as well."""
    answer = await shop.http.put("/v2/customer_sessions/s", json=[1])
    assert problem(answer) == (400, "must be an object", "")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v2/customer_sessions/s", {"dry": "1"}),
        ("/v2/customer_profiles", {"silent": "true"}),
        ("/v2/customer_profiles/a", {"runRuleEngine": "yes"}),
    ],
)
async def test_flags_have_fixed_words(shop, path, query):
    """Booleans in the query are true or false, and silent is yes or no."""
    body = {"customerSession": {}, "customerProfiles": []}
    answer = await shop.http.put(path, params=query, json=body)
    assert problem(answer)[::2] == (400, next(iter(query)))


async def test_a_path_value_has_a_longest_length(shop):
    """An integration ID has at most 1000 characters."""
    answer = await shop.http.put(f"/v2/customer_profiles/{'x' * 1001}", json={})
    assert answer.status_code == 400


@pytest.mark.parametrize("now", ["tomorrow", "2030-01-01", "2030-01-01T00:00:00"])
async def test_now_is_a_full_date(shop, now):
    """The time of a dry call is RFC 3339 with its offset."""
    answer = await shop.http.put(
        "/v2/customer_sessions/s", params={"dry": "true", "now": now}, json={"customerSession": {}}
    )
    assert problem(answer)[::2] == (400, "now")


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/v2/customer_audiences", {"data": [{}]}, "/data/0/action"),
        ("/v1/referrals", {"campaignId": 30}, "/advocateProfileIntegrationId"),
        ("/v1/referrals", {"advocateProfileIntegrationId": "a"}, "/campaignId"),
        (
            "/v1/referrals",
            {"campaignId": 30, "advocateProfileIntegrationId": "a", "startDate": "today"},
            "/startDate",
        ),
        (
            "/v1/referrals_for_multiple_advocates",
            {"campaignId": 30, "usageLimit": 1, "advocateProfileIntegrationIds": []},
            "/advocateProfileIntegrationIds",
        ),
        (
            "/v1/referrals_for_multiple_advocates",
            {"campaignId": 30, "advocateProfileIntegrationIds": ["a"]},
            "/usageLimit",
        ),
        ("/v1/coupon_reservations/SPRING", {"integrationIDs": [1]}, "/integrationIDs/0"),
        ("/v1/coupon_reservations/SPRING", {"integrationIDs": ["x" * 1001]}, "/integrationIDs/0"),
    ],
)
async def test_a_bad_member_is_named(shop, path, body, place):
    """What is missing or of the wrong type answers 400 with its place."""
    assert problem(await shop.http.post(path, json=body))[::2] == (400, place)


@pytest.mark.parametrize(
    ("session", "place"),
    [
        ({"evaluableCampaignIds": ["1"]}, "/evaluableCampaignIds/0"),
        ({"cartItems": [{"sku": "x", "quantity": 1.5}]}, "/cartItems/0/quantity"),
        ({"additionalCosts": {"a/b": 1}}, "/additionalCosts/a~1b"),
    ],
)
async def test_a_bad_member_of_a_session_is_named(shop, session, place):
    """Places are counted from the session, as on the platform."""
    answer = await shop.http.put("/v2/customer_sessions/s", json={"customerSession": session})
    assert problem(answer)[::2] == (400, place)
