"""Customers, sessions and events that are put in."""

import json

import pytest

from aiotalonone.sandbox import SeedError
from aiotalonone.sandbox.seeding import MAX_ENTRIES

CART = [{"sku": "tea", "quantity": 2, "price": 6}]
SEED = {
    "profiles": [
        {"integrationId": "ada", "attributes": {"Name": "Ada"}, "audiencesChanges": {"adds": [1], "deletes": []}},
        {"integrationId": "bob"},
    ],
    "referrals": [{"campaignId": 30, "advocateProfileIntegrationId": "ada"}],
    "reservations": [{"couponValue": "ONCE", "integrationIDs": ["bob"]}],
    "sessions": [
        {"integrationId": "s-1", "profileId": "ada", "cartItems": CART, "couponCodes": ["SPRING"], "state": "closed"},
        {"integrationId": "s-2", "profileId": "bob", "cartItems": CART},
    ],
    "events": [
        {"profileId": "ada", "type": "review"},
        {"profileId": "ada", "type": "review", "integrationId": "e-1", "connectedSessionId": "s-1"},
    ],
}


async def test_a_seed_is_put_in_by_the_operations(shop):
    """What a seed has is put in as by requests: rules run, codes are redeemed, and operations are counted."""
    response = await shop.http.post("/sandbox/seed", json=SEED)
    state = shop.sandbox.state
    assert (response.status_code, response.json()) == (200, {key: len(entries) for key, entries in SEED.items()})
    assert state.profiles["ada"].attributes == {"Name": "Ada"}
    assert (state.profiles["ada"].audiences, state.profiles["ada"].closed_sessions) == ({1}, 1)
    assert (state.coupons["SPRING"].usage_counter, state.coupons["ONCE"].reserved_by) == (1, {"bob"})
    assert (state.sessions["s-1"].state, state.sessions["s-2"].state) == ("closed", "open")
    assert ([one.advocate for one in state.referrals.values()], len(state.events)) == (["ada"], 1)
    assert state.advanced_events["e-1"].session_id == "s-1"
    assert state.applied["updateCustomerSessionV2"] == 2
    assert shop.sandbox.requests == []


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        ([], "must be an object"),
        ({"profile": []}, "profile: unknown member 'profile', did you mean profiles?"),
        ({"profiles": {}}, "profiles: must be a list"),
        ({"profiles": [{"attributes": {}}]}, "profiles[0].integrationId: is required"),
        ({"profiles": [{"integrationId": "x" * 1001}]}, "profiles[0].integrationId: must have at most 1000 characters"),
        (
            {"sessions": [{"integrationId": "s", "state": "cancelled"}]},
            "sessions[0].state: must be one of open, closed",
        ),
        (
            {"sessions": [{"integrationId": "s", "cartItems": [{"sku": "x"}]}]},
            "sessions[0].cartItems[0].quantity: is required",
        ),
        ({"reservations": [{"couponValue": "NOPE", "integrationIDs": ["a"]}]}, "reservations[0]: Coupon not found"),
        ({"events": [{"profileId": "ada"}]}, "events[0].type: is required"),
        ({"events": [{"profileId": "ada", "type": "talon_x"}]}, "events[0].type: must not be a reserved event name"),
        (
            {"events": [{"profileId": "ada", "type": "x", "integrationId": "e"}] * 2},
            "events[1]: Event already exists",
        ),
        ({"profiles": [{"integrationId": "a"}] * (MAX_ENTRIES + 1)}, "must have at most 10000 entries"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_a_mistake_puts_nothing_in(shop, seed, message):
    """A mistake is the operation's error with its place in the seed, and nothing of the seed is kept."""
    good = {"profiles": [{"integrationId": "good"}]}
    document = {**good, **seed} if isinstance(seed, dict) else seed
    response = await shop.http.post("/sandbox/seed", json=document)
    assert (response.status_code, response.json()["message"]) == (400, message)
    assert (shop.sandbox.state.profiles, shop.sandbox.state.applied) == ({}, {})
    if isinstance(seed, dict):
        with pytest.raises(SeedError) as caught:
            shop.sandbox.seed(document)
        assert str(caught.value) == (message if ": " in message else f"the seed: {message}")


def test_a_seed_may_be_a_file(shop, tmp_path):
    """A seed may be a file; one that cannot be read, or is not a JSON object, is a SeedError."""
    path = tmp_path / "seed.json"
    with pytest.raises(SeedError, match=r"seed\.json: No such file"):
        shop.sandbox.seed(path)
    for content in "{", "[]":
        path.write_text(content)
        with pytest.raises(SeedError):
            shop.sandbox.seed(str(path))
    path.write_text(json.dumps(SEED))
    assert shop.sandbox.seed(path) == {key: len(entries) for key, entries in SEED.items()}


async def test_a_pointer_leads_to_the_mistake(shop):
    """The error has the place of the mistake in the seed as a JSON pointer, with the API's title."""
    seed = {"sessions": [{"integrationId": "s"}, {"integrationId": "s", "cartItems": [{"sku": "x", "quantity": 0}]}]}
    [error] = (await shop.http.post("/sandbox/seed", json=seed)).json()["errors"]
    assert (error["title"], error["source"]) == ("number_gte", {"pointer": "/sessions/1/cartItems/0/quantity"})
