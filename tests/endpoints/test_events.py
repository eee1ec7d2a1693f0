"""trackEvent."""

from aiotalonone import IntegrationState, NewEvent


async def test_track_event(api, client, sent):
    """A V1 state is the answer, its effects are arrays as the server sends them."""
    effects = [[3, 5, 0, ["setDiscount", "Five off", 5.0]]]
    route = api.post("/v1/events").respond(
        201,
        json={
            "event": {
                "id": 1,
                "created": "2026-11-01T08:00:00Z",
                "applicationId": 1,
                "type": "signup",
                "attributes": {"source": "app"},
                "effects": effects,
                "ledgerEntries": None,
            }
        },
    )
    state = await client.events.track_event(
        NewEvent(type="signup", attributes={"source": "app"}, session_id="s-1", profile_id="c-1")
    )
    assert sent(route) == (
        "POST",
        "/v1/events",
        {"type": "signup", "attributes": {"source": "app"}, "sessionId": "s-1", "profileId": "c-1"},
    )
    assert isinstance(state, IntegrationState)
    assert state.event.effects == effects
    assert state.event.ledger_entries == []


async def test_a_dry_event(api, client, sent):
    """``dry`` is a query flag."""
    route = api.post("/v1/events").respond(201, json={})
    await client.events.track_event({"type": "signup", "attributes": {}, "sessionId": "s-1"}, dry=True)
    assert sent(route)[1] == "/v1/events?dry=true"
