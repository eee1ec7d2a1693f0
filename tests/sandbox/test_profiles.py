from typing import Any

import pytest

from tests.sandbox.support import campaign, effects_of, problem, rule

BULK = "/v2/customer_profiles"


async def test_attributes_are_merged_by_key(shop):
    """An update keeps the attributes that it leaves out and erases those that are null."""
    await shop.put_profile("a", attributes={"name": "Ann", "age": 30, "city": "Bonn"})
    response = await shop.put_profile("a", attributes={"age": 31, "city": None}, responseContent=["customerProfile"])
    assert response["customerProfile"]["attributes"] == {"name": "Ann", "age": 31}


async def test_new_profile_looks_like_the_platforms(shop):
    """A new profile has every member that the platform returns, and null memberships without a loyalty program."""
    response = await shop.put_profile("a", responseContent=["customerProfile"])
    created = "2026-01-02T03:04:05Z"
    assert response["customerProfile"] == {
        "id": 1,
        "integrationId": "a",
        "created": created,
        "attributes": {},
        "accountId": 1,
        "closedSessions": 0,
        "totalSales": 0,
        "loyaltyMemberships": None,
        "audienceMemberships": [],
        "lastActivity": created,
        "sandbox": True,
    }


async def test_rules_run_if_requested(open_shop):
    """A profile update runs the rules only with runRuleEngine."""
    hello = {"type": "showNotification", "notificationType": "Info", "title": "Hi", "body": "there"}
    shop = open_shop(campaign(rule([{"type": "profileAttribute", "name": "vip", "equals": True}], hello)))
    body = {"attributes": {"vip": True}}
    quiet = (await shop.http.put("/v2/customer_profiles/a", json=body)).json()
    assert quiet == {"effects": [], "createdCoupons": [], "createdReferrals": []}
    spoken = await shop.put_profile("a", **body)
    assert effects_of(spoken, "showNotification") == [{"notificationType": "Info", "title": "Hi", "body": "there"}]


async def test_response_content_needs_the_rule_engine(shop):
    """A profile update that asks for entities without running rules is a 400."""
    response = await shop.http.put("/v2/customer_profiles/a", json={"responseContent": ["customerProfile"]})
    assert problem(response)[::2] == (400, "/responseContent")


async def test_dry_needs_the_rule_engine(shop):
    """A V2 profile update that runs no rules is stored in spite of dry."""
    await shop.http.put("/v2/customer_profiles/a", params={"dry": "true"}, json={})
    assert "a" in shop.sandbox.state.profiles


async def test_profile_update_has_no_session_content(shop):
    """A profile update that asks for content of a session is a 400."""
    body = {"responseContent": ["loyalty", "customerSession"]}
    response = await shop.http.put("/v2/customer_profiles/a", params={"runRuleEngine": "true"}, json=body)
    assert problem(response)[::2] == (400, "/responseContent/1")


async def test_dry_update_stores_nothing(shop):
    """A dry profile update responds with its result, and the profile does not exist afterwards."""
    body = {"attributes": {"x": 1}, "responseContent": ["customerProfile"]}
    query = {"dry": "true", "runRuleEngine": "true"}
    response = await shop.http.put("/v2/customer_profiles/a", params=query, json=body)
    assert response.json()["customerProfile"]["attributes"] == {"x": 1}
    assert shop.sandbox.state.profiles == {}


async def test_dry_update_selects_its_campaigns(open_shop):
    """A dry update evaluates the campaigns that it selects, even disabled ones; a stored one ignores the selection."""
    hello = rule([], {"type": "showNotification", "title": "hello"})
    one = campaign(hello, state="disabled")
    other = {**campaign(hello)["campaigns"][0], "id": 2}
    shop = open_shop({**one, "campaigns": [*one["campaigns"], other]})
    body = {"evaluableCampaignIds": [1]}
    stored = await shop.put_profile("a", **body)
    query = {"dry": "true", "runRuleEngine": "true"}
    tried = (await shop.http.put("/v2/customer_profiles/a", params=query, json=body)).json()
    assert [effect["campaignId"] for effect in stored["effects"]] == [2]
    assert [effect["campaignId"] for effect in tried["effects"]] == [1]


async def test_profile_update_changes_audiences(shop):
    """A profile update adds and deletes memberships, and an unknown audience is a 400 with its place."""
    joined = await shop.put_profile(
        "a", audiencesChanges={"adds": [1], "deletes": []}, responseContent=["customerProfile"]
    )
    assert joined["customerProfile"]["audienceMemberships"] == [{"id": 1, "name": "Families"}]
    await shop.put_profile("a", audiencesChanges={"adds": [], "deletes": [1]})
    assert shop.sandbox.state.profiles["a"].audiences == set()
    body = {"audiencesChanges": {"adds": [1, 9], "deletes": []}}
    assert problem(await shop.http.put("/v2/customer_profiles/a", json=body))[::2] == (
        400,
        "/audiencesChanges/adds/1",
    )


async def test_bulk_update_is_silent_by_default(shop):
    """A bulk update responds with an empty 204, and with silent=no with each profile."""
    body = {"customerProfiles": [{"integrationId": "a", "attributes": {"x": 1}}, {"integrationId": "b"}]}
    quiet = await shop.http.put(BULK, json=body)
    shown = await shop.http.put(BULK, params={"silent": "no"}, json=body)
    assert (quiet.status_code, quiet.content) == (204, b"")
    states = shown.json()["integrationStates"]
    assert [one["customerProfile"]["integrationId"] for one in states] == ["a", "b"]
    assert all(one["effects"] == [] for one in states)


async def test_invalid_entry_fails_the_whole_bulk_update(open_shop):
    """A bulk update with one invalid entry is a 400 with its place, and nothing is stored."""
    shop = open_shop({"attributes": {"CustomerProfile": {"age": "string"}}})
    profiles: list[dict[str, Any]] = [{"integrationId": f"p{n}", "attributes": {"age": "1"}} for n in range(9)]
    profiles[7]["attributes"] = {"X": 1}
    response = await shop.http.put(BULK, json={"customerProfiles": profiles})
    assert problem(response)[::2] == (400, "/customerProfiles/7/attributes/X")
    assert shop.sandbox.state.profiles == {}


@pytest.mark.parametrize(("count", "status"), [(1000, 204), (1001, 400)])
async def test_bulk_update_has_at_most_1000_profiles(shop, count, status):
    """A bulk update with 1,001 profiles is a 400."""
    body = {"customerProfiles": [{"integrationId": str(n)} for n in range(count)]}
    assert (await shop.http.put(BULK, json=body)).status_code == status


async def test_v1_returns_the_whole_state(shop):
    """A V1 profile update returns profile, event, loyalty and an empty session."""
    response = (await shop.http.put("/v1/customer_profiles/a", json={"attributes": {"x": 1}})).json()
    assert set(response) == {"session", "profile", "event", "loyalty"}
    assert response["profile"]["attributes"] == {"x": 1}
    assert response["event"]["type"] == "talon_profile_created"
    assert response["session"]["integrationId"] == ""


async def test_dry_v1_update_stores_nothing(shop):
    """A dry V1 profile update stores nothing: it always runs its rules."""
    response = await shop.http.put("/v1/customer_profiles/a", params={"dry": "true"}, json={})
    assert response.status_code == 200
    assert shop.sandbox.state.profiles == {}
