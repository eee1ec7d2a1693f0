import pytest

from tests.sandbox.support import problem


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


@pytest.mark.parametrize(("inner", "status"), [(61, 200), (62, 400), (250, 400)])
async def test_a_body_has_a_greatest_depth(shop, inner, status):
    """64 levels of lists and objects: the body, the session, its attributes, and what is in one of them."""
    deep = []
    for _ in range(inner - 1):
        deep = [deep]
    body = {"customerSession": {"attributes": {"deep": deep}}, "responseContent": ["customerSession"]}
    answer = await shop.http.put("/v2/customer_sessions/s", json=body)
    assert answer.status_code == status
    if status == 400:
        assert problem(answer) == (400, "must not be nested deeper than 64 levels", "")


@pytest.mark.parametrize("now", ["2026-01-02T03:04:04Z", "2026-01-02T03:04:05Z", "2026-01-02T05:04:04+02:00"])
async def test_now_is_in_the_future(shop, now):
    """A dry call cannot ask about the past, nor about the present."""
    query = {"dry": "true", "now": now}
    answer = await shop.http.put("/v2/customer_sessions/s", params=query, json={"customerSession": {}})
    assert problem(answer) == (400, "now must be in the future", "now")


async def test_now_needs_a_call_that_stores_nothing(shop):
    """A profile update without its rules stores in spite of ``dry``, and does so in the present alone."""
    query = {"dry": "true", "now": "2030-01-01T00:00:00Z"}
    answer = await shop.http.put("/v2/customer_profiles/a", params=query, json={})
    assert problem(answer) == (400, "now needs dry", "now")


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
        ("/v1/coupon_reservations/SPRING", {"integrationIDs": ["a", ""]}, "/integrationIDs/1"),
        (
            "/v1/referrals_for_multiple_advocates",
            {"campaignId": 30, "usageLimit": 1, "advocateProfileIntegrationIds": ["a", ""]},
            "/advocateProfileIntegrationIds/1",
        ),
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
        ({"cartItems": [{"sku": "x", "quantity": 1, "name": 1}]}, "/cartItems/0/name"),
        ({"cartItems": [{"sku": "x", "quantity": 1, "weight": "1"}]}, "/cartItems/0/weight"),
        ({"cartItems": [{"sku": "x", "quantity": 1, "product": "mug"}]}, "/cartItems/0/product"),
        ({"cartItems": [{"sku": "x", "quantity": 1, "product": {}}]}, "/cartItems/0/product/name"),
    ],
)
async def test_a_bad_member_of_a_session_is_named(shop, session, place):
    """Places are counted from the session, as on the platform."""
    answer = await shop.http.put("/v2/customer_sessions/s", json={"customerSession": session})
    assert problem(answer)[::2] == (400, place)
