import json
from collections import Counter
from pathlib import Path

import pytest

from aiotalonone.endpoints import all_operations
from aiotalonone.sandbox import operations
from aiotalonone.sandbox.http.messages import Response
from aiotalonone.sandbox.operations import OPERATIONS
from aiotalonone.sandbox.operations._base import operation
from aiotalonone.sandbox.routes import Routes
from tests.sandbox.support import details, problem

FACTS = Path(__file__).parents[1] / "contract" / "facts" / "current.json"


@operation("getBalances", "GET", "/v1/programs/{programId}/profile/{integrationId}/balances")
def get_balances(_context, request):
    return Response(200, request.path)


def test_every_declared_operation_has_a_route():
    """Each function that is declared as an operation has a route."""
    files = Path(operations.__file__).parent.glob("*.py")
    declared = sum(line.startswith("@operation(") for file in files for line in file.read_text().splitlines())
    assert len(OPERATIONS) == declared


def test_a_400_has_a_status_if_the_specification_says_so():
    """The operations whose 400 is documented without a ``StatusCode`` are those that send it without."""
    documented = {
        name: facts["responses"].get("400", {}).get("$ref")
        for name, facts in json.loads(FACTS.read_text())["operations"].items()
    }
    bare = {name for name, schema in documented.items() if schema == "ErrorResponse"}
    assert {one.operation_id for one in OPERATIONS if one.bare_400} == bare


@pytest.mark.parametrize("query", [{"dry": "1"}, {}])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
async def test_a_400_of_a_session_has_no_status(shop, query, headers):
    """Whatever the reason of a 400, its body has no status if the operation's 400 is to have none; a 401 has it."""
    path, body = "/v2/customer_sessions/s", {"customerSession": {"state": "paid"}}
    response = await shop.http.put(path, params=query, headers=headers, json=body)
    assert (response.status_code, sorted(response.json())) == (400, ["RequestUUID", "errors", "message"])
    rejected = await shop.http.put(path, headers={"Authorization": "ApiKey-v1 wrong"}, json=body)
    assert rejected.json()["StatusCode"] == 401


def test_every_operation_of_the_client_has_a_route():
    """The sandbox performs whatever the client has a method for."""
    assert {operation.operation_id for operation in all_operations()} <= {
        operation.operation_id for operation in OPERATIONS
    }


def test_routes_are_unique():
    """No two operations share their name, or their method and path."""
    names = Counter(operation.operation_id for operation in OPERATIONS)
    shapes = Counter(
        (operation.method, *("{}" if segment.startswith("{") else segment for segment in operation.template.split("/")))
        for operation in OPERATIONS
    )
    assert {*names.values(), *shapes.values()} == {1}


async def test_path_can_have_several_values(shop, monkeypatch):
    """Each path value is decoded by itself and found by its name in the template."""
    monkeypatch.setattr("aiotalonone.sandbox.app.API", Routes([*OPERATIONS, get_balances]))
    response = await shop.http.get("/v1/programs/7/profile/a%2Fb/balances")
    assert response.json() == {"programId": "7", "integrationId": "a/b"}
    for path in ("/v1/programs//profile/a/balances", "/v1/programs/7/profile//balances", "/v1/programs/7/profile/a"):
        assert (await shop.http.get(path)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/nothing", "/v1/customer_data/", "/v1/customer_data/a/", "/v2/customer_sessions"]
)
async def test_unknown_path_is_a_404(shop, path):
    """A path without an operation, or without its value, is a 404 in the API's format."""
    response = await shop.http.delete(path)
    assert response.status_code == 404
    assert response.json()["StatusCode"] == 404


async def test_wrong_method_is_a_405(shop):
    """A known path with another method is a 405 that lists the allowed methods."""
    response = await shop.http.put("/v1/coupon_reservations/SPRING", json={})
    assert response.status_code == 405
    assert response.headers["Allow"] == "DELETE, POST"


async def test_encoded_slash_stays_inside_its_value(shop):
    """A percent-encoded path value is one segment, whatever it decodes to."""
    response = await shop.http.post("/v1/coupon_reservations/10%24OFF%2FNOW", json={"integrationIDs": ["a"]})
    assert response.json()["value"] == "10$OFF/NOW"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
async def test_malformed_json_is_a_400(shop, content):
    """A body that is not JSON is a 400."""
    response = await shop.http.put("/v2/customer_sessions/s", content=content)
    assert response.status_code == 400
    assert "not valid JSON" in response.json()["message"]


async def test_body_must_be_an_object(shop):
    """A body with another JSON value than an object is a 400."""
    response = await shop.http.put("/v2/customer_sessions/s", json=[1])
    assert problem(response) == (400, "Invalid type", "")


@pytest.mark.parametrize(("inner", "status"), [(61, 200), (62, 400), (250, 400)])
async def test_body_has_a_max_depth(shop, inner, status):
    """A body that is nested deeper than 64 levels, itself included, is a 400."""
    deep = []
    for _ in range(inner - 1):
        deep = [deep]
    body = {"customerSession": {"attributes": {"deep": deep}}, "responseContent": ["customerSession"]}
    response = await shop.http.put("/v2/customer_sessions/s", json=body)
    assert response.status_code == status
    if status == 400:
        assert problem(response) == (400, "Invalid value", "")


@pytest.mark.parametrize("now", ["2026-01-02T03:04:04Z", "2026-01-02T03:04:05Z", "2026-01-02T05:04:04+02:00"])
async def test_now_must_be_in_the_future(shop, now):
    """A dry call at a past time, or at the present one, is a 400."""
    query = {"dry": "true", "now": now}
    response = await shop.http.put("/v2/customer_sessions/s", params=query, json={"customerSession": {}})
    assert (problem(response)[::2], details(response)) == ((400, "now"), "now must be in the future")


async def test_now_needs_a_call_that_stores_nothing(shop):
    """A time on a profile update that runs no rules is a 400, since the update is stored in spite of dry."""
    query = {"dry": "true", "now": "2030-01-01T00:00:00Z"}
    response = await shop.http.put("/v2/customer_profiles/a", params=query, json={})
    assert (problem(response)[::2], details(response)) == ((400, "now"), "now needs dry")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v2/customer_sessions/s", {"dry": "1"}),
        ("/v2/customer_profiles", {"silent": "true"}),
        ("/v2/customer_profiles/a", {"runRuleEngine": "yes"}),
    ],
)
async def test_flags_have_fixed_values(shop, path, query):
    """A flag in the query must be true or false, and silent yes or no."""
    body = {"customerSession": {}, "customerProfiles": []}
    response = await shop.http.put(path, params=query, json=body)
    assert problem(response)[::2] == (400, next(iter(query)))


async def test_path_value_has_a_max_length(shop):
    """An integration ID of 1,001 characters in the path is a 400."""
    response = await shop.http.put(f"/v2/customer_profiles/{'x' * 1001}", json={})
    assert response.status_code == 400


@pytest.mark.parametrize("now", ["tomorrow", "2030-01-01", "2030-01-01T00:00:00"])
async def test_now_is_a_full_date(shop, now):
    """The time of a dry call must be RFC 3339 with an offset."""
    response = await shop.http.put(
        "/v2/customer_sessions/s", params={"dry": "true", "now": now}, json={"customerSession": {}}
    )
    assert problem(response)[::2] == (400, "now")


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
async def test_invalid_member_is_reported_with_its_place(shop, path, body, place):
    """A member that is missing or of the wrong type is a 400 with its place."""
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
async def test_invalid_member_of_a_session_is_reported_with_its_place(shop, session, place):
    """The place of an invalid member of a V2 session is counted from the session, as on the platform."""
    response = await shop.http.put("/v2/customer_sessions/s", json={"customerSession": session})
    assert problem(response)[::2] == (400, place)
