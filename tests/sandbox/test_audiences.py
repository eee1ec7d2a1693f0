import pytest

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
