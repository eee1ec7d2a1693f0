"""Other campaigns while the sandbox runs: what stays, and what goes."""

import json
from copy import deepcopy

import pytest
from attrs import fields

from aiotalonone.sandbox import SHOP, CampaignFileError
from aiotalonone.sandbox.state import State
from tests.sandbox.full_campaigns import FULL
from tests.sandbox.loyalty.support import CARDS, CLUB, program
from tests.sandbox.support import CAMPAIGNS, campaign, rule

CART = [{"sku": "tea", "quantity": 2, "price": 6}]
COUPON = [{"type": "couponIsValid"}]
OFF = {"type": "setDiscount", "name": "off", "value": 1}
PATH = "/sandbox/campaigns"


def with_coupons(*values, **members):
    """Return a file whose only campaign has these coupons."""
    return campaign(rule(COUPON, OFF), coupons=tuple({"value": value, **members} for value in values))


async def buy(shop, session_id="s", **session):
    """Close a session of a customer."""
    closed = {"profileId": "ada", "cartItems": CART, "state": "closed", **session}
    return await shop.put_session(session_id, **closed)


async def test_the_file_is_shown_as_it_was_given(open_shop):
    """The campaigns are shown as the file has them, whether it was a mapping or a path."""
    assert (await open_shop(FULL).http.get(PATH)).json() == FULL
    assert (await open_shop(SHOP).http.get(PATH)).json() == json.loads(SHOP.read_bytes())
    assert (await open_shop().http.get(PATH)).json() == {}


async def test_other_campaigns_are_effective_at_once(shop):
    """After the campaigns were replaced, the next request is evaluated by the new ones, which are shown."""
    new = campaign(rule([], OFF | {"value": 3}))
    response = await shop.http.put(PATH, json=new)
    assert (response.status_code, (await shop.http.get(PATH)).json()) == (204, new)
    session = await shop.put_session("s", cartItems=CART, couponCodes=["SPRING"])
    assert [effect["props"].get("value") for effect in session["effects"]] == ["SPRING", 3]


@pytest.mark.parametrize(
    ("content", "message", "pointer"),
    [
        (b"[]", "must be an object", ""),
        (b'{"campaigns": [{"id": 1}]}', "campaigns[0].name: is required", "/campaigns/0/name"),
        (b'{"campaign": []}', "campaign: unknown member 'campaign', did you mean campaigns?", "/campaign"),
        (b"[" * 100 + b"]" * 100, "must not be nested deeper than 64 levels", ""),
    ],
)
async def test_a_mistake_changes_nothing(shop, content, message, pointer):
    """A mistake is a 400 that says it with its place, and everything stays as it was."""
    response = await shop.http.put(PATH, content=content)
    assert (response.status_code, response.json()["message"]) == (400, message)
    assert response.json()["errors"][0]["source"]["pointer"] == pointer
    assert (await shop.http.get(PATH)).json() == CAMPAIGNS
    assert set(shop.sandbox.state.coupons) == {"SPRING", "10$OFF/NOW", "ONCE"}


async def test_broken_json_is_a_400(shop):
    """Content that is not JSON is a 400 that says where it breaks."""
    response = await shop.http.put(PATH, content=b'{"campaigns": [}')
    assert response.status_code == 400
    assert "not valid JSON" in response.json()["message"]
    assert "column 16" in response.json()["message"]


async def test_customers_and_sessions_stay(shop):
    """Customers, sessions and events stay, and a session keeps its effects."""
    await buy(shop, couponCodes=["SPRING"])
    await shop.http.post("/v2/events", json={"profileId": "ada", "type": "x"})
    before = shop.sandbox.state
    shop.sandbox.set_campaigns(with_coupons("NEW") | {"campaigns": CAMPAIGNS["campaigns"]})
    after = shop.sandbox.state
    assert (after.profiles, after.sessions, after.events) == (before.profiles, before.sessions, before.events)
    assert (after.applied, len(after.sessions["s"].effects)) == (before.applied, 3)


async def test_a_coupon_that_remains_keeps_its_use(open_shop):
    """A coupon of both files keeps its redemptions and reservations, and gets the new file's limits."""
    shop = open_shop(with_coupons("OLD", "BOTH"))
    await buy(shop, couponCodes=["BOTH", "OLD"])
    await shop.http.post("/v1/coupon_reservations/BOTH", json={"integrationIDs": ["bob"]})
    before = shop.sandbox.state.coupons["BOTH"]
    shop.sandbox.set_campaigns(with_coupons("NEW", "BOTH", usageLimit=1))
    coupons = shop.sandbox.state.coupons
    assert set(coupons) == {"NEW", "BOTH"}
    assert (coupons["BOTH"].usage_counter, coupons["BOTH"].reserved_by, coupons["BOTH"].id) == (1, {"bob"}, before.id)
    assert coupons["NEW"].id > before.id
    again = await buy(shop, "s-2", couponCodes=["BOTH"])
    assert again["effects"][0]["props"]["rejectionReason"] == "CouponLimitReached"


async def test_a_created_coupon_stays_with_its_campaign(open_shop):
    """A coupon that an effect created stays as long as its campaign does."""
    file = campaign(rule([], {"type": "couponCreated", "prefix": "THANKS"}))
    shop = open_shop(file)
    [created] = (await buy(shop))["createdCoupons"]
    shop.sandbox.set_campaigns(with_coupons("NEW"))
    assert set(shop.sandbox.state.coupons) == {"NEW", created["value"]}
    shop.sandbox.set_campaigns({})
    assert shop.sandbox.state.coupons == {}


async def test_a_referral_goes_with_its_campaign(shop):
    """A referral stays as long as its campaign does, and its code is then unknown."""
    referral = {"campaignId": 30, "advocateProfileIntegrationId": "ada"}
    code = (await shop.http.post("/v1/referrals", json=referral)).json()["code"]
    shop.sandbox.set_campaigns(CAMPAIGNS)
    assert set(shop.sandbox.state.referrals) == {code}
    shop.sandbox.set_campaigns(with_coupons("NEW"))
    session = await buy(shop, referralCode=code)
    assert session["effects"][0]["props"]["rejectionReason"] == "ReferralNotFound"


async def test_what_is_gone_can_be_rolled_back(open_shop):
    """A session whose coupon, referral, giveaway, points and achievement are gone can be cancelled."""
    file = deepcopy(FULL)
    file["campaigns"] = campaign(
        rule(COUPON, OFF),
        rule([{"type": "referralIsValid"}], OFF),
        rule(
            [],
            {"type": "awardGiveaway", "poolId": 3},
            {"type": "addLoyaltyPoints", "programId": CLUB, "value": 5},
            {"type": "increaseAchievementProgress", "achievementId": 9},
        ),
        coupons=({"value": "GONE"},),
    )["campaigns"]
    shop = open_shop(file | {"assumptions": {"cancellationReturnsGiveaways": True}})
    referral = {"campaignId": 1, "advocateProfileIntegrationId": "bob"}
    code = (await shop.http.post("/v1/referrals", json=referral)).json()["code"]
    bought = await buy(shop, couponCodes=["GONE"], referralCode=code)
    assert {"acceptCoupon", "acceptReferral", "awardGiveaway", "addLoyaltyPoints", "increaseAchievementProgress"} <= {
        effect["effectType"] for effect in bought["effects"]
    }
    shop.sandbox.set_campaigns({"assumptions": {"cancellationReturnsGiveaways": True}})
    cancelled = await shop.put_session("s", state="cancelled")
    assert {effect["effectType"] for effect in cancelled["effects"]} == {"rollbackDiscount"}


async def test_customers_know_nothing_of_campaigns_that_were_gone(open_shop):
    """A campaign and an audience that come back find no budget used, no friend referred and no member."""
    limits = [{"action": "redeemCoupon", "limit": 1, "entities": ["Profile"]}]
    rules = (rule(COUPON, OFF), rule([{"type": "referralIsValid"}], OFF))
    file = campaign(*rules, coupons=({"value": "SUMMER"},), limits=limits)
    shop = open_shop(file)
    await shop.put_profile("ada", audiencesChanges={"adds": [1], "deletes": []})
    for session_id in "s-1", "s-2":
        referral = {"campaignId": 1, "advocateProfileIntegrationId": "bob"}
        code = (await shop.http.post("/v1/referrals", json=referral)).json()["code"]
        bought = await buy(shop, session_id, couponCodes=["SUMMER"], referralCode=code)
        assert {"acceptCoupon", "acceptReferral"} <= {effect["effectType"] for effect in bought["effects"]}
        shop.sandbox.set_campaigns({})
        shop.sandbox.set_campaigns(file)
    profile = await shop.put_profile("ada", responseContent=["customerProfile"])
    assert profile["customerProfile"]["audienceMemberships"] == []


async def test_a_code_that_was_given_away_again_is_not_rolled_back(open_shop):
    """If a campaign comes back and gives a code to another advocate, a cancelled session leaves that code alone."""
    file = campaign(rule([{"type": "referralIsValid"}], OFF))
    shop = open_shop(file)
    batch = {"campaignId": 1, "usageLimit": 0, "referralPattern": "ONE", "advocateProfileIntegrationIds": ["bob"]}
    await shop.http.post("/v1/referrals_for_multiple_advocates", json=batch)
    await buy(shop, referralCode="ONE")
    shop.sandbox.set_campaigns({})
    shop.sandbox.set_campaigns(file)
    await shop.http.post("/v1/referrals_for_multiple_advocates", json=batch)
    await buy(shop, "s-2", profileId="eve", referralCode="ONE")
    cancelled = await shop.put_session("s", state="cancelled")
    assert [effect["effectType"] for effect in cancelled["effects"]] == ["rollbackDiscount"]
    assert shop.sandbox.state.referrals["ONE"].referred == ["eve"]


async def test_a_coupon_that_is_gone_gives_its_budget_back(open_shop):
    """If a session is cancelled whose coupon left the file, the customer may redeem another one of the campaign."""
    limits = [{"action": "redeemCoupon", "limit": 1, "entities": ["Profile"]}]
    coupons = {"coupons": ({"value": "NEW"},), "limits": limits}
    shop = open_shop(campaign(rule(COUPON, OFF), coupons=({"value": "OLD"},), limits=limits))
    await buy(shop, couponCodes=["OLD"])
    shop.sandbox.set_campaigns(campaign(rule(COUPON, OFF), **coupons))
    assert (await buy(shop, "s-2", couponCodes=["NEW"]))["effects"][0]["effectType"] == "rejectCoupon"
    await shop.put_session("s", state="cancelled")
    assert (await buy(shop, "s-3", couponCodes=["NEW"]))["effects"][0]["effectType"] == "acceptCoupon"


async def test_points_stay_with_their_program(open_shop):
    """Points and cards stay as long as their program does; those of the file go to owners without any."""
    cards = {"id": CARDS, "name": "cards", "cardBased": True, "cards": [{"identifier": "card-1"}]}
    shop = open_shop({"loyaltyPrograms": [program(points=[{"owner": "ada", "amount": 5}]), cards]})
    await shop.http.post(f"/v1/loyalty_programs/{CARDS}/cards", json={"status": "active"})
    points = [{"owner": "ada", "amount": 50}, {"owner": "bob", "amount": 7}]
    new = {"loyaltyPrograms": [program(points=points, tiers=[{"name": "silver", "minPoints": 1}]), cards]}
    shop.sandbox.set_campaigns(new)
    assert (shop.points("ada"), shop.points("bob"), len(shop.sandbox.state.loyalty_cards)) == (5, 7, 2)
    account = shop.sandbox.state.loyalty_accounts[CLUB, "ada"]
    assert account.tier("", shop.clock()).rank == 0  # by the new tiers
    shop.sandbox.set_campaigns({"loyaltyPrograms": [program()]})
    assert {key[0] for key in shop.sandbox.state.loyalty_accounts} == {CLUB}
    assert shop.sandbox.state.loyalty_cards == {}


async def test_a_program_of_another_kind_starts_anew(open_shop):
    """The points of customers do not become those of cards."""
    shop = open_shop({"loyaltyPrograms": [program(points=[{"owner": "ada", "amount": 5}])]})
    shop.sandbox.set_campaigns({"loyaltyPrograms": [program(cardBased=True)]})
    assert shop.sandbox.state.loyalty_accounts == {}


async def test_progress_stays_with_its_achievement(open_shop):
    """Progress stays as long as its achievement does, and counts for its new target."""
    one = {"id": 9, "name": "teas", "target": 5}
    file = campaign(rule([], {"type": "increaseAchievementProgress", "achievementId": 9, "value": 2}))
    shop = open_shop(file | {"achievements": [one]})
    await buy(shop)
    shop.sandbox.set_campaigns(file | {"achievements": [one | {"target": 4}]})
    [last] = (await buy(shop, "s-2"))["effects"]
    assert (last["props"]["value"], last["props"]["isJustCompleted"]) == (4, True)
    shop.sandbox.set_campaigns({})
    assert shop.sandbox.state.achievement_progress == {}


async def test_giveaways_that_were_awarded_stay_so(open_shop):
    """A code of a pool that was awarded is not awarded again, and a new one is."""
    award = campaign(rule([], {"type": "awardGiveaway", "poolId": 3}))
    shop = open_shop(award | {"giveawayPools": [{"id": 3, "name": "mugs", "codes": ["A", "A", "GONE"]}]})
    await buy(shop)
    shop.sandbox.set_campaigns(award | {"giveawayPools": [{"id": 3, "name": "mugs", "codes": ["A", "A", "NEW"]}]})
    codes = [(await buy(shop, f"s-{number}"))["effects"][0]["props"]["code"] for number in range(2)]
    assert codes == ["A", "NEW"]
    assert len({one.id for one in shop.sandbox.state.giveaways.values()}) == 3


async def test_audiences_of_requests_stay(shop):
    """An audience that a request created stays, and one that only the old file had is gone."""
    created = await shop.http.post("/v2/audiences", json={"name": "Others"})
    shop.sandbox.set_campaigns({"audiences": [{"id": 9, "name": "New"}]})
    assert set(shop.sandbox.state.audiences) == {created.json()["id"], 9}


async def test_a_catalog_that_did_not_change_keeps_its_items(open_shop):
    """A catalog that both files describe alike keeps what was synchronized; another one is as the file says."""
    food = {"id": 7, "name": "food", "items": [{"sku": "tea", "price": 4}]}
    toys = {"id": 8, "name": "toys", "subscribedApplicationsIds": []}
    shop = open_shop({"catalogs": [food, toys]})
    for catalog in (7, 8):
        actions = {"actions": [{"type": "ADD", "payload": {"sku": "new", "price": 1}}]}
        (await shop.http.put(f"/v1/catalogs/{catalog}/sync", json=actions)).raise_for_status()
    shop.sandbox.set_campaigns({"catalogs": [food, toys | {"name": "games", "items": [{"sku": "go"}]}]})
    assert set(shop.sandbox.state.catalog_items) == {(7, "tea"), (7, "new"), (8, "go")}
    assert shop.sandbox.state.catalogs[8].name == "games"


async def test_assumptions_hold_at_once(shop):
    """A switch of the new file decides on the next request."""
    headers = {"Idempotency-Key": "k"}
    await shop.http.put("/v2/customer_profiles/a", json={}, headers=headers)
    shop.sandbox.set_campaigns(CAMPAIGNS | {"assumptions": {"idempotencyKeysBindBodies": True}})
    response = await shop.http.put("/v2/customer_profiles/a", json={"attributes": {}}, headers=headers)
    assert response.status_code == 400


async def test_the_same_file_changes_nothing(open_shop):
    """Replacing a file by itself leaves the state as it is."""
    shop = open_shop(FULL)
    await buy(shop, couponCodes=["SUMMER"], loyaltyCards=["card-1"])
    before = shop.sandbox.state.copy()
    shop.sandbox.set_campaigns(FULL)
    assert {name: ids(table) for name, table in tables(shop.sandbox.state)} == {
        name: ids(table) for name, table in tables(before)
    }


def tables(state):
    """Return everything that a state holds, by kind."""
    return [(one.name, getattr(state, one.name)) for one in fields(State) if one.name != "last_ids"]


def ids(table):
    """Return what a table holds, with the IDs of what has one."""
    return {key: getattr(one, "id", None) for key, one in table.items()}


def test_a_path_can_replace_them(shop, tmp_path):
    """The campaigns can be replaced by a file, and a mistake in it is a CampaignFileError."""
    path = tmp_path / "campaigns.json"
    path.write_text(json.dumps(with_coupons("NEW")))
    shop.sandbox.set_campaigns(path)
    assert set(shop.sandbox.state.coupons) == {"NEW"}
    path.write_text("{")
    with pytest.raises(CampaignFileError):
        shop.sandbox.set_campaigns(path)
    assert shop.sandbox.campaigns == with_coupons("NEW")
