import pytest

from tests.sandbox.support import problem

PATH = "/v2/customer_audiences"


def action(kind="add", profile="a", audience=1):
    return {"action": kind, "profileIntegrationId": profile, "audienceId": audience}


async def test_members_come_and_go(shop):
    """An added customer is a member until deleted; deleting a stranger creates nobody."""
    answer = await shop.http.post(PATH, json={"data": [action(), action(profile="b")]})
    assert (answer.status_code, answer.content) == (204, b"")
    await shop.http.post(PATH, json={"data": [action("delete"), action("delete", "stranger")]})
    members = {name: profile.audiences for name, profile in shop.sandbox.state.profiles.items()}
    assert members == {"a": set(), "b": {1}}


async def test_an_unknown_audience_fails_the_whole_request(shop):
    """404, and nobody has joined anything."""
    answer = await shop.http.post(PATH, json={"data": [action(), action(audience=9)]})
    assert answer.status_code == 404
    assert shop.sandbox.state.profiles == {}


@pytest.mark.parametrize(
    ("bad", "place"), [(action("remove"), "/data/0/action"), (action(profile=""), "/data/0/profileIntegrationId")]
)
async def test_an_action_has_fixed_words(shop, bad, place):
    """The actions are add and delete, and someone must be named."""
    assert problem(await shop.http.post(PATH, json={"data": [bad]}))[::2] == (400, place)
