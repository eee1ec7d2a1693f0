"""The sandbox's memory, and drafts: changes that are kept together or not at all."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar

from attrs import define, field

from aiotalonone.sandbox.entities import Coupon, Event, Giveaway, Profile, Referral, Session


class Held(Protocol):
    """Something that can be changed as a copy."""

    def copy(self) -> Self:
        """The same, to be changed on its own."""
        ...


K = TypeVar("K", bound=Hashable)
E = TypeVar("E", bound=Held)


@define
class State:
    """Everything that requests have left behind."""

    profiles: dict[str, Profile] = field(factory=dict)
    sessions: dict[str, Session] = field(factory=dict)
    coupons: dict[str, Coupon] = field(factory=dict)
    referrals: dict[str, Referral] = field(factory=dict)
    events: dict[int, Event] = field(factory=dict)
    giveaways: dict[int, Giveaway] = field(factory=dict)
    last_ids: Counter[str] = field(factory=Counter)
    applied: Counter[str] = field(factory=Counter)
    """How often each operation has changed something."""

    def draft(self, now: datetime) -> "Draft":
        """A view of the state that can be changed without changing it."""
        return Draft(self, now)


class Table(Generic[K, E]):
    """Entities of one kind, copied when they are first changed."""

    def __init__(self, held: dict[K, E]) -> None:
        self._held = held
        self._changed: dict[K, E] = {}
        self._removed: set[K] = set()

    def get(self, key: K) -> E | None:
        """The entity as it stands, for reading only."""
        if key in self._removed:
            return None
        return self._changed.get(key) or self._held.get(key)

    def edit(self, key: K) -> E:
        """The entity, for changing; it must exist."""
        if key not in self._changed:
            self._changed[key] = self._held[key].copy()
        return self._changed[key]

    def add(self, key: K, entity: E) -> E:
        """Adds an entity and hands it back."""
        self._removed.discard(key)
        self._changed[key] = entity
        return entity

    def remove(self, key: K) -> None:
        """Forgets an entity."""
        self._changed.pop(key, None)
        self._removed.add(key)

    def __iter__(self) -> Iterator[E]:
        for key in [*self._held, *(key for key in self._changed if key not in self._held)]:
            entity = self.get(key)
            if entity is not None:
                yield entity

    def save(self) -> None:
        """Makes the changes permanent."""
        for key in self._removed:
            self._held.pop(key, None)
        self._held.update(self._changed)


class Draft:
    """One request's changes to the state; without `save` nothing has happened."""

    def __init__(self, state: State, now: datetime) -> None:
        self.now = now
        self.profiles: Table[str, Profile] = Table(state.profiles)
        self.sessions: Table[str, Session] = Table(state.sessions)
        self.coupons: Table[str, Coupon] = Table(state.coupons)
        self.referrals: Table[str, Referral] = Table(state.referrals)
        self.events: Table[int, Event] = Table(state.events)
        self.giveaways: Table[int, Giveaway] = Table(state.giveaways)
        self.applied: Mapping[str, int] = state.applied
        self._state = state
        self._last_ids = state.last_ids.copy()

    def next_id(self, kind: str) -> int:
        """A number that no other entity of this kind has."""
        self._last_ids[kind] += 1
        return self._last_ids[kind]

    def profile(self, integration_id: str) -> Profile:
        """The customer for changing, created empty on first sight; the request counts as activity."""
        if self.profiles.get(integration_id) is None:
            profile = Profile(self.next_id("profile"), integration_id, self.now, self.now)
            return self.profiles.add(integration_id, profile)
        profile = self.profiles.edit(integration_id)
        profile.last_activity = self.now
        return profile

    def save(self) -> None:
        """Makes every change permanent."""
        for table in self.profiles, self.sessions, self.coupons, self.referrals, self.events, self.giveaways:
            table.save()
        self._state.last_ids = self._last_ids
