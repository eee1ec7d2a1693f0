from typing import Any

import pytest

from tests.sandbox.support import campaign, effects_of, problem, rule

BULK = "/v2/customer_profiles"


async def test_attributes_merge_key_by_key(shop):
    """Keys that are left out stay, a null erases its key."""
    await shop.put_profile("a", attributes={"name": "Ann", "age": 30, "city": "Bonn"})
    answer = await shop.put_profile("a", attributes={"age": 31, "city": None}, responseContent=["customerProfile"])
    assert answer["customerProfile"]["attributes"] == {"name": "Ann", "age": 31}


async def test_a_new_profile_looks_like_the_platforms(shop):
    """Without a loyalty program its memberships are null."""
    answer = await shop.put_profile("a", responseContent=["customerProfile"])
    created = "2026-01-02T03:04:05Z"
    assert answer["customerProfile"] == {
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


async def test_without_rules_a_profile_answer_has_no_effects(open_shop):
    """The rules run when runRuleEngine asks for them, and only then."""
    hello = {"type": "showNotification", "notificationType": "Info", "title": "Hi", "body": "there"}
    shop = open_shop(campaign(rule([{"type": "profileAttribute", "name": "vip", "equals": True}], hello)))
    body = {"attributes": {"vip": True}}
    quiet = (await shop.http.put("/v2/customer_profiles/a", json=body)).json()
    assert quiet == {"effects": [], "createdCoupons": [], "createdReferrals": []}
    spoken = await shop.put_profile("a", **body)
    assert effects_of(spoken, "showNotification") == [{"notificationType": "Info", "title": "Hi", "body": "there"}]


async def test_response_content_needs_the_rule_engine(shop):
    """Asking for entities without running rules answers 400."""
    answer = await shop.http.put("/v2/customer_profiles/a", json={"responseContent": ["customerProfile"]})
    assert problem(answer)[::2] == (400, "/responseContent")


async def test_dry_counts_only_with_the_rule_engine(shop):
    """Without the rules, ``dry`` is passed over: the update is stored."""
    await shop.http.put("/v2/customer_profiles/a", params={"dry": "true"}, json={})
    assert "a" in shop.sandbox.state.profiles


async def test_a_profile_answer_has_no_session_content(shop):
    """Content that belongs to sessions is unknown to profiles."""
    body = {"responseContent": ["loyalty", "customerSession"]}
    answer = await shop.http.put("/v2/customer_profiles/a", params={"runRuleEngine": "true"}, json=body)
    assert problem(answer)[::2] == (400, "/responseContent/1")


async def test_a_dry_update_stores_nothing(shop):
    """A dry answer shows what would be, and the profile does not exist afterwards."""
    body = {"attributes": {"x": 1}, "responseContent": ["customerProfile"]}
    query = {"dry": "true", "runRuleEngine": "true"}
    answer = await shop.http.put("/v2/customer_profiles/a", params=query, json=body)
    assert answer.json()["customerProfile"]["attributes"] == {"x": 1}
    assert shop.sandbox.state.profiles == {}


async def test_a_dry_update_can_choose_its_campaigns(open_shop):
    """Others are not evaluated, and the chosen one is even if it is disabled; a stored update cannot choose."""
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


async def test_audience_changes_travel_with_a_profile(shop):
    """A profile update joins and leaves audiences, and an unknown one is refused by its place."""
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


async def test_a_bulk_update_is_silent_by_default(shop):
    """Without silent the answer is an empty 204; with silent=no it shows each profile."""
    body = {"customerProfiles": [{"integrationId": "a", "attributes": {"x": 1}}, {"integrationId": "b"}]}
    quiet = await shop.http.put(BULK, json=body)
    shown = await shop.http.put(BULK, params={"silent": "no"}, json=body)
    assert (quiet.status_code, quiet.content) == (204, b"")
    states = shown.json()["integrationStates"]
    assert [one["customerProfile"]["integrationId"] for one in states] == ["a", "b"]
    assert all(one["effects"] == [] for one in states)


async def test_one_bad_entry_fails_the_whole_bulk(open_shop):
    """Nothing of a bulk request is stored when one entry is bad, and the answer names it."""
    shop = open_shop({"attributes": {"CustomerProfile": {"age": "string"}}})
    profiles: list[dict[str, Any]] = [{"integrationId": f"p{n}", "attributes": {"age": "1"}} for n in range(9)]
    profiles[7]["attributes"] = {"X": 1}
    answer = await shop.http.put(BULK, json={"customerProfiles": profiles})
    assert problem(answer)[::2] == (400, "/customerProfiles/7/attributes/X")
    assert shop.sandbox.state.profiles == {}


@pytest.mark.parametrize(("count", "status"), [(1000, 204), (1001, 400)])
async def test_a_bulk_update_has_at_most_1000_profiles(shop, count, status):
    """The 1001st profile is one too many."""
    body = {"customerProfiles": [{"integrationId": str(n)} for n in range(count)]}
    assert (await shop.http.put(BULK, json=body)).status_code == status


async def test_v1_answers_the_whole_state(shop):
    """A V1 profile update shows profile, event, loyalty, and an empty session."""
    answer = (await shop.http.put("/v1/customer_profiles/a", json={"attributes": {"x": 1}})).json()
    assert set(answer) == {"session", "profile", "event", "loyalty"}
    assert answer["profile"]["attributes"] == {"x": 1}
    assert answer["event"]["type"] == "talon_profile_created"
    assert answer["session"]["integrationId"] == ""


async def test_a_v1_dry_run_stores_nothing(shop):
    """The V1 update runs its rules always, so that dry needs nothing else."""
    answer = await shop.http.put("/v1/customer_profiles/a", params={"dry": "true"}, json={})
    assert answer.status_code == 200
    assert shop.sandbox.state.profiles == {}
