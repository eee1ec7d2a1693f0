import pytest

from aiotalonone.sandbox import CampaignFileError, Sandbox
from tests.sandbox.support import problem

PATH = "/v2/customer_audiences"


def action(kind="add", profile="a", audience=1):
    return {"action": kind, "profileIntegrationId": profile, "audienceId": audience}


async def test_members_are_added_and_deleted(shop):
    """A customer is a member from the add to the delete, and deleting an unknown customer creates no profile."""
    response = await shop.http.post(PATH, json={"data": [action(), action(profile="b")]})
    assert (response.status_code, response.content) == (204, b"")
    await shop.http.post(PATH, json={"data": [action("delete"), action("delete", "stranger")]})
    members = {name: profile.audiences for name, profile in shop.sandbox.state.profiles.items()}
    assert members == {"a": set(), "b": {1}}


async def test_unknown_audience_fails_the_whole_request(shop):
    """One action with an unknown audience is a 404, and no action of the request is applied."""
    response = await shop.http.post(PATH, json={"data": [action(), action(audience=9)]})
    assert response.status_code == 404
    assert shop.sandbox.state.profiles == {}


@pytest.mark.parametrize(
    ("bad", "place"), [(action("remove"), "/data/0/action"), (action(profile=""), "/data/0/profileIntegrationId")]
)
async def test_invalid_action_is_rejected(shop, bad, place):
    """An action that is neither add nor delete, or names no customer, is a 400 with its place."""
    assert problem(await shop.http.post(PATH, json={"data": [bad]}))[::2] == (400, place)


AUDIENCES = "/v2/audiences"


async def create(shop, **members):
    return await shop.http.post(AUDIENCES, json={"name": "Travellers", **members})


async def test_an_audience_is_created_from_its_name_alone(shop):
    """A new audience has an ID above those of the campaign file, and customers can join it."""
    response = await create(shop)
    assert (response.status_code, response.json()) == (
        201,
        {
            "accountId": 1,
            "id": 2,
            "created": "2026-01-02T03:04:05Z",
            "name": "Travellers",
            "sandbox": True,
            "description": "",
            "subscribedApplicationsIds": [],
            "createdIn3rdParty": False,
        },
    )
    assert (await create(shop)).json()["id"] == 3
    state = await shop.put_profile(
        "a", audiencesChanges={"adds": [2], "deletes": []}, responseContent=["customerProfile"]
    )
    assert state["customerProfile"]["audienceMemberships"] == [{"id": 2, "name": "Travellers"}]


async def test_an_audience_of_another_platform_exists_once(shop):
    """Integration and ID together are unique: the same pair is a 409, another integration with that ID is not."""
    one = {"integration": "segment", "integrationId": "s-1", "lastUpdate": "2026-01-01T00:00:00Z"}
    created = (await create(shop, **one, createdIn3rdParty=True)).json()
    assert {name: created[name] for name in one} == one
    assert created["createdIn3rdParty"] is True
    assert (await create(shop, **one)).status_code == 409
    assert (await create(shop, **one | {"integration": "mparticle"})).status_code == 201
    assert (await create(shop, integrationId="s-1")).status_code == 201
    assert (await create(shop, integrationId="s-1")).status_code == 409


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"integrationId": ""}, "/integrationId"),
        ({"integrationId": "x" * 1001}, "/integrationId"),
        ({"subscribedApplicationsIds": [1, 1]}, "/subscribedApplicationsIds/1"),
        ({"subscribedApplicationsIds": ["1"]}, "/subscribedApplicationsIds/0"),
        ({"lastUpdate": "yesterday"}, "/lastUpdate"),
    ],
)
async def test_an_invalid_audience_is_rejected(shop, members, place):
    """A member that is missing or invalid is a 400 with its place, and no audience is created."""
    assert problem(await create(shop, **members))[::2] == (400, place)
    assert shop.sandbox.state.audiences.keys() == {1}


async def test_an_audience_is_renamed(shop):
    """A new name shows in its customers' profiles; Applications that are left out stay."""
    await shop.http.post(PATH, json={"data": [action()]})
    response = await shop.http.put(f"{AUDIENCES}/1", json={"name": "Large families", "subscribedApplicationsIds": [1]})
    assert (response.status_code, response.json()["subscribedApplicationsIds"]) == (200, [1])
    again = await shop.http.put(f"{AUDIENCES}/1", json={"name": "Huge families"})
    assert again.json()["subscribedApplicationsIds"] == [1]
    profile = (await shop.http.get("/v1/customer_profiles/a/inventory", params={"profile": "true"})).json()["profile"]
    assert profile["audienceMemberships"] == [{"id": 1, "name": "Huge families"}]
    assert problem(await shop.http.put(f"{AUDIENCES}/1", json={}))[::2] == (400, "/name")


async def test_an_audience_is_emptied(shop):
    """Its customers leave it, and it stays; the profiles show no activity, since no rules run."""
    await shop.http.post(PATH, json={"data": [action(), action(profile="b")]})
    shop.clock.forward(days=1)
    assert (await shop.http.delete(f"{AUDIENCES}/1/memberships")).status_code == 204
    state = shop.sandbox.state
    assert {profile.integration_id: profile.audiences for profile in state.profiles.values()} == {
        "a": set(),
        "b": set(),
    }
    assert {profile.last_activity.day for profile in state.profiles.values()} == {2}
    assert state.audiences[1].last_update == shop.clock.now


async def test_an_audience_is_deleted_with_its_memberships(shop):
    """A deleted audience is in no profile any more, cannot be joined, and deleting it again is a 404."""
    await shop.http.post(PATH, json={"data": [action()]})
    assert (await shop.http.delete(f"{AUDIENCES}/1")).status_code == 204
    assert shop.sandbox.state.profiles["a"].audiences == set()
    assert (await shop.http.post(PATH, json={"data": [action()]})).status_code == 404
    assert (await shop.http.delete(f"{AUDIENCES}/1")).status_code == 404


async def test_attributes_of_all_members_are_set(open_shop):
    """The members of the body are attributes of each customer of the audience, and null erases one."""
    types = {"CustomerProfile": {"plan": "string", "since": "number"}}
    shop = open_shop({"attributes": types, "audiences": [{"id": 1, "name": "Families"}]})
    for customer in "abc":
        await shop.put_profile(customer, attributes={"since": 1})
    await shop.http.post(PATH, json={"data": [action(), action(profile="b")]})
    path = "/v2/audience_customers/1/attributes"
    assert (await shop.http.put(path, json={"plan": "gold", "since": None})).status_code == 204
    held = {name: profile.attributes for name, profile in shop.sandbox.state.profiles.items()}
    assert held == {"a": {"plan": "gold"}, "b": {"plan": "gold"}, "c": {"since": 1}}
    assert problem(await shop.http.put(path, json={"plan": 1}))[::2] == (400, "/plan")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"{AUDIENCES}/9"),
        ("DELETE", f"{AUDIENCES}/9"),
        ("DELETE", f"{AUDIENCES}/9/memberships"),
        ("PUT", "/v2/audience_customers/9/attributes"),
    ],
)
async def test_an_unknown_audience_is_a_404(shop, method, path):
    """An operation on an audience that does not exist is a 404, and an ID other than an integer a 400."""
    body = None if method == "DELETE" else {"name": "x"}
    assert (await shop.http.request(method, path, json=body)).status_code == 404
    assert (await shop.http.request(method, path.replace("9", "families"), json=body)).status_code == 400


def test_an_audience_of_the_file_exists_once():
    """Two audiences of one ID in a campaign file are a mistake."""
    with pytest.raises(CampaignFileError, match="audience 1 exists already"):
        Sandbox({"audiences": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]})
