"""Events of customers: by V2, and advanced ones by V3."""

import pytest

from tests.sandbox.support import campaign, details, effects_of, problem, rule

VISIT = rule([{"type": "event", "eventType": "visit"}], {"type": "addLoyaltyPoints", "programId": 5, "value": 3})
BIG = rule(
    [{"type": "event", "eventType": "review"}, {"type": "cartTotal", "atLeast": 20}],
    {"type": "addLoyaltyPoints", "programId": 5, "perUnitOfTotal": 2},
    {"type": "updateAttribute", "path": "session.attributes.reviewed", "value": True},
)
SHOP = campaign(VISIT, BIG)
EVENT = {"profileId": "a", "type": "visit"}
ADVANCED = {**EVENT, "integrationId": "e-1"}
PATHS = {"v2": ("/v2/events", EVENT), "v3": ("/v3/events", ADVANCED)}
BOTH = pytest.mark.parametrize(("path", "event"), PATHS.values(), ids=PATHS)
LOUD = {"silent": "no"}


@pytest.fixture
def shop(open_shop):
    return open_shop(SHOP)


def stored(shop):
    return [*shop.sandbox.state.events.values(), *shop.sandbox.state.advanced_events.values()]


@BOTH
@pytest.mark.parametrize("query", [{}, {"silent": "yes"}])
async def test_an_event_is_silent_by_default(shop, path, event, query):
    """An event is a 204 without a body unless ``silent=no``, and its rules are applied all the same."""
    response = await shop.http.post(path, params=query, json=event)
    assert (response.status_code, response.content) == (204, b"")
    assert shop.points("a") == 3
    [kept] = stored(shop)
    assert (kept.type, kept.profile_id, kept.session_id) == ("visit", "a", "")


@BOTH
async def test_an_event_has_its_state(shop, path, event):
    """With ``silent=no`` an event is a 200 with its effects and the entities that were asked for."""
    content = ["customerProfile", "triggeredCampaigns", "loyalty", "awardedGiveaways", "ruleFailureReasons"]
    body = {**event, "responseContent": content, "attributes": {"page": "tea"}}
    response = await shop.http.post(path, params=LOUD, json=body)
    state = response.json()
    assert response.status_code == 200
    assert [props["value"] for props in effects_of(state, "addLoyaltyPoints")] == [3]
    assert state["customerProfile"]["integrationId"] == "a"
    assert state["loyalty"]["programs"]["5"]["ledger"]["currentBalance"] == 3
    assert [failure["ruleIndex"] for failure in state["ruleFailureReasons"]] == [1]
    assert state.keys() == {"effects", "createdCoupons", "createdReferrals", *content}


async def test_each_version_has_its_own_event(shop):
    """V2 has ``event``, V3 ``advancedEvent``, with effects as arrays; each knows its own name alone."""
    v2 = await shop.http.post("/v2/events", params=LOUD, json={**EVENT, "responseContent": ["event"]})
    v3 = await shop.http.post("/v3/events", params=LOUD, json={**ADVANCED, "responseContent": ["advancedEvent"]})
    tracked, advanced = v2.json()["event"], v3.json()["advancedEvent"]
    assert (tracked["type"], [effect[3][0] for effect in tracked["effects"]]) == ("visit", ["addLoyaltyPoints"])
    assert (advanced["integrationId"], advanced["profileId"]) == ("e-1", "a")
    assert [effect[3][0] for effect in advanced["effects"]] == ["addLoyaltyPoints"]
    assert "connectedSessionId" not in advanced
    for path, body, name in (("/v2/events", EVENT, "advancedEvent"), ("/v3/events", ADVANCED, "event")):
        wrong = await shop.http.post(path, json={**body, "responseContent": [name]})
        assert problem(wrong) == (400, "enum", "/responseContent/0")


@BOTH
@pytest.mark.parametrize("name", ["profileId", "type"])
@pytest.mark.parametrize("value", [None, ""])
async def test_an_event_needs_a_customer_and_a_type(shop, path, event, name, value):
    """An event without its customer or type is a 400, and nothing is stored."""
    response = await shop.http.post(path, json={**event, name: value})
    assert problem(response)[::2] == (400, f"/{name}")
    assert (stored(shop), shop.sandbox.state.profiles) == ([], {})


@BOTH
async def test_events_are_custom_ones(open_shop, path, event):
    """A built-in event is a 400, and so is an attribute that the account does not define for events."""
    shop = open_shop(SHOP | {"attributes": {"Event": {"page": "string"}}})
    reserved = await shop.http.post(path, json={**event, "type": "talon_session_closed"})
    assert details(reserved) == "type must not be a reserved event name"
    unknown = await shop.http.post(path, json={**event, "attributes": {"shoe": 1}})
    assert problem(unknown) == (400, "Unknown", "/attributes/shoe")
    assert stored(shop) == []


@BOTH
async def test_an_event_has_one_loyalty_card(shop, path, event):
    """Two loyalty cards are a 400."""
    response = await shop.http.post(path, json={**event, "loyaltyCards": ["1", "2"]})
    assert problem(response) == (400, "array_max_items", "/loyaltyCards")


@BOTH
async def test_a_dry_event_stores_nothing(shop, path, event):
    """A dry event has its effects, and leaves no event, customer or points; its ID can be used after it."""
    response = await shop.http.post(path, params={**LOUD, "dry": "true"}, json=event)
    assert [props["value"] for props in effects_of(response.json(), "addLoyaltyPoints")] == [3]
    assert (stored(shop), shop.sandbox.state.profiles) == ([], {})
    assert (await shop.http.post(path, json=event)).status_code == 204


@BOTH
async def test_dry_events_may_select_campaigns(open_shop, path, event):
    """``evaluableCampaignIds`` counts in a dry event alone, disabled campaigns included; archived ones never run."""
    disabled = campaign(VISIT, id=2, state="disabled")["campaigns"]
    archived = campaign(VISIT, id=3, state="archived")["campaigns"]
    shop = open_shop(SHOP | {"campaigns": [*SHOP["campaigns"], *disabled, *archived]})
    body = {**event, "evaluableCampaignIds": [2, 3]}
    dry = (await shop.http.post(path, params={**LOUD, "dry": "true"}, json=body)).json()
    assert [one["campaignId"] for one in dry["effects"]] == [2]
    stored_one = (await shop.http.post(path, params=LOUD, json=body)).json()
    assert [one["campaignId"] for one in stored_one["effects"]] == [1]


@BOTH
async def test_a_complete_evaluation_is_a_dry_one(shop, path, event):
    """``forceCompleteEvaluation`` without ``dry`` is a 400, and the event is not stored."""
    response = await shop.http.post(path, params={"forceCompleteEvaluation": "true"}, json=event)
    assert problem(response)[::2] == (400, "forceCompleteEvaluation")
    assert stored(shop) == []
    query = {"forceCompleteEvaluation": "true", "dry": "true"}
    assert (await shop.http.post(path, params=query, json=event)).status_code == 204


@BOTH
async def test_an_event_may_name_its_store(shop, path, event):
    """The store of an event is in the event."""
    name = "event" if path == "/v2/events" else "advancedEvent"
    body = {**event, "storeIntegrationId": "north", "responseContent": [name]}
    response = await shop.http.post(path, params=LOUD, json=body)
    assert response.json()[name]["storeIntegrationId"] == "north"


async def test_an_event_with_a_known_key_is_recorded_once(shop):
    """A V2 event with a known idempotency key gets the first response, and counts once."""
    headers = {"Idempotency-Key": "key-1"}
    first, second = [await shop.http.post("/v2/events", params=LOUD, json=EVENT, headers=headers) for _ in range(2)]
    assert first.content == second.content
    assert (len(stored(shop)), shop.points("a")) == (1, 3)


async def test_an_advanced_event_is_recorded_once(shop):
    """The ID of an advanced event is used once, by whichever customer; a second event with it is a 409."""
    await shop.http.post("/v3/events", json=ADVANCED)
    for again in (ADVANCED, {**ADVANCED, "profileId": "b", "type": "other"}):
        response = await shop.http.post("/v3/events", json=again)
        assert (response.status_code, response.json()["message"]) == (409, "Event already exists")
        assert (await shop.http.post("/v3/events", params={"dry": "true"}, json=again)).status_code == 409
    assert shop.sandbox.state.profiles.keys() == {"a"}
    assert shop.points("a") == 3


async def test_an_advanced_event_needs_an_id(shop):
    """An advanced event without an ID is a 400."""
    assert problem(await shop.http.post("/v3/events", json=EVENT)) == (400, "required", "/integrationId")


@pytest.mark.parametrize("integration_id", ["e-1", "a/b ü", "e" * 5000])
async def test_an_advanced_event_is_found_by_its_id(shop, integration_id):
    """An advanced event is read as its own response had it; an unknown ID is a 404."""
    body = {**ADVANCED, "integrationId": integration_id, "responseContent": ["advancedEvent"], "attributes": {"n": 1}}
    tracked = (await shop.http.post("/v3/events", params=LOUD, json=body)).json()["advancedEvent"]
    quoted = integration_id.replace("/", "%2F")
    assert (await shop.http.get(f"/v3/events/{quoted}")).json() == tracked
    response = await shop.http.get("/v3/events/unknown")
    assert (response.status_code, response.json()["message"]) == (404, "Event not found")


@pytest.mark.parametrize("state", ["closed", "partially_returned"])
async def test_an_advanced_event_is_evaluated_with_its_session(shop, state):
    """Rules of an advanced event see the cart of the closed session that it refers to."""
    cart = [{"sku": "tea", "quantity": 2, "price": 20}]
    await shop.put_session("s", profileId="a", cartItems=cart, state="closed")
    if state == "partially_returned":
        lines = {"return": {"returnedCartItems": [{"position": 0, "quantity": 1}]}}
        await shop.http.post("/v2/customer_sessions/s/returns", json=lines)
    body = {**ADVANCED, "type": "review", "connectedSessionId": "s", "responseContent": ["advancedEvent"]}
    response = (await shop.http.post("/v3/events", params=LOUD, json=body)).json()
    assert [props["value"] for props in effects_of(response, "addLoyaltyPoints")] == [80]
    assert response["advancedEvent"]["connectedSessionId"] == "s"
    session = shop.sandbox.state.sessions["s"]
    assert (session.state, session.attributes) == (state, {"reviewed": True})
    alone = {**ADVANCED, "integrationId": "e-2", "type": "review"}
    assert (await shop.http.post("/v3/events", params=LOUD, json=alone)).json()["effects"] == []


@pytest.mark.parametrize("states", [(), ("open",), ("closed", "cancelled")])
async def test_an_advanced_event_refers_to_a_closed_session(shop, states):
    """A session that is unknown, open or cancelled is a 400, and the event is not stored."""
    for state in states:
        await shop.put_session("s", state=state)
    response = await shop.http.post("/v3/events", json={**ADVANCED, "connectedSessionId": "s"})
    assert problem(response) == (400, "Unknown", "/connectedSessionId")
    assert stored(shop) == []


@BOTH
async def test_erasure_includes_events_without_a_session(shop, path, event):
    """After an erasure the event has neither customer nor attributes, and its ID stays used."""
    await shop.http.post(path, json={**event, "attributes": {"mail": "ann@shop"}})
    await shop.http.delete("/v1/customer_data/a")
    [kept] = stored(shop)
    assert (kept.type, kept.profile_id, kept.attributes) == ("visit", "", {})
    assert {one.props["recipientIntegrationId"] for one in kept.effects} == {""}
    assert (await shop.http.post(path, json=event)).status_code == (204 if path == "/v2/events" else 409)


async def test_other_customers_events_survive_an_erasure(shop):
    """An erasure leaves the advanced events of other customers alone."""
    await shop.http.post("/v3/events", json={**ADVANCED, "attributes": {"n": 1}})
    await shop.put_profile("b")
    await shop.http.delete("/v1/customer_data/b")
    [kept] = stored(shop)
    assert (kept.profile_id, kept.attributes) == ("a", {"n": 1})
