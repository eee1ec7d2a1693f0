"""What the errors of invalid requests say: title, details and place."""

import pytest

from tests.sandbox.support import CAMPAIGNS

TYPES = {
    "CustomerProfile": {"Name": "string", "Kids": "number", "Vip": "boolean", "Since": "time", "Tags": "(list string)"},
    "CustomerSession": {},
    "CartItem": {},
    "Event": {},
    "Referral": {},
}
SESSION = "/v2/customer_sessions/s"
PROFILE = "/v2/customer_profiles/a"
LINE = {"sku": "x", "quantity": 1}


def session(**members):
    return "PUT", SESSION, {"customerSession": members}


def profile(**attributes):
    return "PUT", PROFILE, {"attributes": attributes}


def undefined(name, entity):
    return "Unknown", f'The attribute "{name}" is not defined on {entity} entities.'


def invalid_type(expected, given):
    return "Invalid type", f"Invalid type. Expected: {expected}, given: {given}"


CASES = [
    (profile(Shoe=1), *undefined("Shoe", "CustomerProfile"), "/attributes/Shoe"),
    (session(attributes={"Shoe": None}), *undefined("Shoe", "CustomerSession"), "/attributes/Shoe"),
    (
        session(cartItems=[LINE, LINE | {"attributes": {"Shoe": 1}}]),
        *undefined("Shoe", "CartItem"),
        "/cartItems/1/attributes/Shoe",
    ),
    (profile(Name=False), "Invalid type", 'Value of "Name" attribute (false) is not a string', "/attributes/Name"),
    (profile(Kids="2"), "Invalid type", 'Value of "Kids" attribute ("2") is not a number', "/attributes/Kids"),
    (profile(Vip=1), "Invalid type", 'Value of "Vip" attribute (1) is not a boolean', "/attributes/Vip"),
    (profile(Since="now"), "Invalid type", 'Value of "Since" attribute ("now") is not a time', "/attributes/Since"),
    (
        profile(Tags=["a", 1]),
        "Invalid type",
        'Value of "Tags" attribute (["a",1]) is not a list of strings',
        "/attributes/Tags",
    ),
    (
        profile(Vip="x" * 5000),
        "Invalid type",
        f'Value of "Vip" attribute ("{"x" * 99}) is not a boolean',
        "/attributes/Vip",
    ),
    (
        session(state="paid"),
        "enum",
        'state must be one of the following: "open", "closed", "partially_returned", "cancelled"',
        "/state",
    ),
    (session(state=1), *invalid_type("string", "integer"), "/state"),
    (session(cartItems={}), *invalid_type("array", "object"), "/cartItems"),
    (session(cartItems=[None]), *invalid_type("object", "null"), "/cartItems/0"),
    (session(cartItems=[LINE | {"quantity": 1.5}]), *invalid_type("integer", "number"), "/cartItems/0/quantity"),
    (session(cartItems=[LINE | {"price": True}]), *invalid_type("number", "boolean"), "/cartItems/0/price"),
    (session(couponCodes=[["x"]]), *invalid_type("string", "array"), "/couponCodes/0"),
    (("PUT", SESSION, []), *invalid_type("object", "array"), ""),
    (("PUT", SESSION, {}), "required", "customerSession is required", "/customerSession"),
    (session(cartItems=[{"quantity": 1}]), "required", "cartItems.0.sku is required", "/cartItems/0/sku"),
    (
        session(cartItems=[LINE | {"quantity": 0}]),
        "number_gte",
        "cartItems.0.quantity must be at least 1",
        "/cartItems/0/quantity",
    ),
    (session(referralCode="x" * 101), "string_lte", "referralCode must have at most 100 characters", "/referralCode"),
    (session(loyaltyCards=["a", "b"]), "array_max_items", "loyaltyCards must have at most 1 entries", "/loyaltyCards"),
    (
        session(cartItems=[LINE | {"quantity": 10_001}]),
        "array_max_items",
        "cartItems must have at most 10000 units",
        "/cartItems",
    ),
    (
        ("POST", "/v1/referrals", {"campaignId": 9, "advocateProfileIntegrationId": "a"}),
        "Unknown",
        "campaignId names the campaign 9, which does not exist",
        "/campaignId",
    ),
    (
        ("POST", "/v1/referrals", {"campaignId": 30, "advocateProfileIntegrationId": "a", "startDate": "now"}),
        "format",
        "startDate must be a date and time with an offset (RFC 3339)",
        "/startDate",
    ),
    (
        ("POST", "/v1/referrals", {"campaignId": 30, "advocateProfileIntegrationId": "a", "usageLimit": 10**6}),
        "number_lte",
        "usageLimit must be at most 999999",
        "/usageLimit",
    ),
    (
        (
            "POST",
            "/v1/referrals_for_multiple_advocates",
            {"campaignId": 30, "advocateProfileIntegrationIds": ["a"], "usageLimit": 1, "referralPattern": "##"},
        ),
        "string_gte",
        "referralPattern must have at least 3 characters",
        "/referralPattern",
    ),
    (
        (
            "POST",
            "/v1/referrals",
            {"campaignId": 30, "advocateProfileIntegrationId": "a", "expiryDate": "2026-02-30T00:00:00Z"},
        ),
        "format",
        "expiryDate must be a date and time with an offset (RFC 3339)",
        "/expiryDate",
    ),
    (session(storeIntegrationId=""), "string_gte", "storeIntegrationId must not be empty", "/storeIntegrationId"),
    (
        ("POST", "/v2/events", {"profileId": "a", "type": "x", "storeIntegrationId": "x" * 1001}),
        "string_lte",
        "storeIntegrationId must have at most 1000 characters",
        "/storeIntegrationId",
    ),
    (
        session(additionalCosts={"shipping": {}}),
        "required",
        "additionalCosts.shipping.price is required",
        "/additionalCosts/shipping/price",
    ),
    (
        ("PUT", PROFILE, {"audiencesChanges": {"adds": [1]}}),
        "required",
        "audiencesChanges.deletes is required",
        "/audiencesChanges/deletes",
    ),
    (
        ("PUT", PROFILE, {"audiencesChanges": {"adds": [1, 9], "deletes": []}}),
        "Unknown",
        "audiencesChanges.adds.1 names the audience 9, which does not exist",
        "/audiencesChanges/adds/1",
    ),
    (
        (
            "POST",
            "/v2/customer_audiences",
            {"data": [{"action": "remove", "profileIntegrationId": "a", "audienceId": 1}]},
        ),
        "enum",
        'data.0.action must be one of the following: "add", "delete"',
        "/data/0/action",
    ),
    (
        ("POST", "/v1/events", {"type": "talon_session_closed", "sessionId": "s", "attributes": {}}),
        "Invalid value",
        "type must not be a reserved event name",
        "/type",
    ),
    (("PUT", f"{SESSION}?dry=1", {"customerSession": {}}), "Invalid type", "dry must be true or false", "dry"),
    (
        ("PUT", "/v2/customer_profiles?silent=true", {"customerProfiles": []}),
        "enum",
        'silent must be one of the following: "yes", "no"',
        "silent",
    ),
]


@pytest.mark.parametrize(("request_of", "title", "details", "place"), CASES, ids=[case[2][:40] for case in CASES])
async def test_error_reads_like_the_platform(open_shop, request_of, title, details, place):
    """An error has a short title, details that are another text, and the place; and nothing is stored."""
    shop = open_shop({**CAMPAIGNS, "attributes": TYPES})
    method, path, body = request_of
    response = await shop.http.request(method, path, json=body)
    content = response.json()
    source = {"pointer" if place.startswith("/") or not place else "parameter": place}
    assert (response.status_code, content["message"]) == (400, "The submitted data was invalid")
    assert content["errors"] == [{"title": title, "details": details, "source": source}]
    assert (shop.sandbox.state.sessions, shop.sandbox.state.profiles) == ({}, {})


@pytest.mark.parametrize("event_type", ["talon_session_closed", "talon_", "talon_anything"])
async def test_reserved_event_is_not_tracked(shop, event_type):
    """A custom event with a name that starts as the platform's do is a 400 and opens no session."""
    event = {"type": event_type, "sessionId": "s", "attributes": {}}
    assert (await shop.http.post("/v1/events", json=event)).status_code == 400
    assert (shop.sandbox.state.events, shop.sandbox.state.sessions) == ({}, {})
    for fine in (f"my_{event_type}", event_type.removeprefix("talon_") or "talon", event_type.upper()):
        assert (await shop.http.post("/v1/events", json=event | {"type": fine})).status_code == 201
