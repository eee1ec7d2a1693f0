from datetime import UTC, datetime, timedelta

import pytest

from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.state.entities import Event
from aiotalonone.sandbox.state.state import MAX_EVENTS

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def state():
    """Return a state with one customer, Ann."""
    state = State()
    draft = state.draft(NOW)
    draft.profile("ann").attributes["age"] = 30
    draft.save()
    return state


def test_draft_changes_nothing_until_it_is_saved(state):
    """Changed entities, new entities and new IDs of a draft are not in the state before it is saved."""
    draft = state.draft(NOW)
    draft.profile("ann").attributes["age"] = 31
    draft.profile("bob")
    assert (state.profiles["ann"].attributes, len(state.profiles), state.last_ids["profile"]) == (
        {"age": 30},
        1,
        1,
    )
    draft.save()
    assert (state.profiles["ann"].attributes, len(state.profiles), state.last_ids["profile"]) == (
        {"age": 31},
        2,
        2,
    )


def test_a_profile_to_be_changed_is_active(state):
    """A request that changes a customer is activity, and does not change when the customer was created."""
    later = NOW + timedelta(days=1)
    ann = state.draft(later).profile("ann")
    assert (ann.created, ann.last_activity) == (NOW, later)


def test_draft_sees_its_own_changes(state):
    """A draft no longer has what it removed, has what it added, and an entity that it removes and adds is new."""
    draft = state.draft(NOW)
    draft.profiles.remove("ann")
    assert draft.profiles.get("ann") is None
    draft.profile("bob")
    assert [profile.integration_id for profile in draft.profiles] == ["bob"]
    assert draft.profile("ann").attributes == {}
    draft.save()
    assert state.profiles["ann"].attributes == {}


def test_oldest_events_make_room(state):
    """The state holds the last 100,000 events."""
    draft = state.draft(NOW)
    for number in range(1, MAX_EVENTS + 3):
        draft.events.add(number, Event(number, NOW, "seen", "ann", "s"))
    draft.save()
    assert (min(state.events), max(state.events), len(state.events)) == (3, MAX_EVENTS + 2, MAX_EVENTS)
