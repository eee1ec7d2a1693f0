"""What the sandbox holds, and drafts: the changes of one request, saved together or not at all."""

from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from copy import copy
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeVar

from attrs import define, evolve, field, fields

from aiotalonone.sandbox.loyalty.accounts import AccountKey, LoyaltyAccount
from aiotalonone.sandbox.loyalty.cards import LoyaltyCard
from aiotalonone.sandbox.loyalty.program import LoyaltyProgram
from aiotalonone.sandbox.state.achievements import Achievement, Progress
from aiotalonone.sandbox.state.audiences import Audience
from aiotalonone.sandbox.state.catalogs import Catalog, CatalogItem
from aiotalonone.sandbox.state.entities import APPLICATION_ID, Coupon, Event, Giveaway, Profile, Referral, Session

MAX_EVENTS = 100_000


class Copyable(Protocol):
    """An entity that is changed as a copy."""

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        ...


K = TypeVar("K", bound=Hashable)
E = TypeVar("E", bound=Copyable)


@define
class State:
    """Everything that requests have stored."""

    profiles: dict[str, Profile] = field(factory=dict)
    sessions: dict[str, Session] = field(factory=dict)
    coupons: dict[str, Coupon] = field(factory=dict)
    referrals: dict[str, Referral] = field(factory=dict)
    events: dict[int, Event] = field(factory=OrderedDict)
    """Those that were tracked; the last 100,000 of them."""
    advanced_events: dict[str, Event] = field(factory=OrderedDict)
    """By the ID that the caller gave each; the last 100,000 of them."""
    giveaways: dict[int, Giveaway] = field(factory=dict)
    achievement_progress: dict[tuple[int, str], Progress] = field(factory=dict)
    """By the achievement's ID and the customer's."""
    audiences: dict[int, Audience] = field(factory=dict)
    catalogs: dict[int, Catalog] = field(factory=dict)
    catalog_items: dict[tuple[int, str], CatalogItem] = field(factory=dict)
    """By the catalog's ID and the SKU."""
    loyalty_accounts: dict[AccountKey, LoyaltyAccount] = field(factory=dict)
    loyalty_cards: dict[AccountKey, LoyaltyCard] = field(factory=dict)
    last_ids: Counter[str] = field(factory=Counter)
    applied: Counter[str] = field(factory=Counter)
    """How often each operation changed something."""

    def draft(self, now: datetime) -> "Draft":
        """Return a view whose changes do not change the state before they are saved."""
        return Draft(self, now)

    def copy(self) -> Self:
        """Return a copy; it shares the entities, which change only as copies."""
        return evolve(self, **{one.name: copy(getattr(self, one.name)) for one in fields(type(self))})

    def drop_oldest_events(self) -> None:
        """Drop the events that are too many: a server that runs for long tracks any number of them."""
        _drop_oldest(self.events)
        _drop_oldest(self.advanced_events)


def _drop_oldest(events: dict[K, Event]) -> None:
    while len(events) > MAX_EVENTS:
        del events[next(iter(events))]


class Table(Generic[K, E]):
    """Entities of one kind, copied on their first change."""

    def __init__(self, held: dict[K, E]) -> None:
        self._held = held
        self._changed: dict[K, E] = {}
        self._removed: set[K] = set()

    def get(self, key: K) -> E | None:
        """Return the current entity, for reading only, or None."""
        if key in self._removed:
            return None
        return self._changed.get(key) or self._held.get(key)

    def edit(self, key: K) -> E:
        """Return an existing entity, to be changed."""
        if key not in self._changed:
            self._changed[key] = self._held[key].copy()
        return self._changed[key]

    def add(self, key: K, entity: E) -> E:
        """Add an entity and return it."""
        self._removed.discard(key)
        self._changed[key] = entity
        return entity

    def remove(self, key: K) -> None:
        """Remove an entity."""
        self._changed.pop(key, None)
        self._removed.add(key)

    def __iter__(self) -> Iterator[E]:
        for key in [*self._held, *(key for key in self._changed if key not in self._held)]:
            entity = self.get(key)
            if entity is not None:
                yield entity

    def save(self) -> None:
        """Write the changes to the state."""
        for key in self._removed:
            self._held.pop(key, None)
        self._held.update(self._changed)


class Draft:
    """One request's changes to the state, which are lost without `save`."""

    def __init__(self, state: State, now: datetime) -> None:
        self.now = now
        self._tables: list[Table[Any, Any]] = []
        self.profiles: Table[str, Profile] = self._table(state.profiles)
        self.sessions: Table[str, Session] = self._table(state.sessions)
        self.coupons: Table[str, Coupon] = self._table(state.coupons)
        self.referrals: Table[str, Referral] = self._table(state.referrals)
        self.events: Table[int, Event] = self._table(state.events)
        self.advanced_events: Table[str, Event] = self._table(state.advanced_events)
        self.giveaways: Table[int, Giveaway] = self._table(state.giveaways)
        self.achievement_progress: Table[tuple[int, str], Progress] = self._table(state.achievement_progress)
        self.audiences: Table[int, Audience] = self._table(state.audiences)
        self.catalogs: Table[int, Catalog] = self._table(state.catalogs)
        self.catalog_items: Table[tuple[int, str], CatalogItem] = self._table(state.catalog_items)
        self.loyalty_accounts: Table[AccountKey, LoyaltyAccount] = self._table(state.loyalty_accounts)
        self.loyalty_cards: Table[AccountKey, LoyaltyCard] = self._table(state.loyalty_cards)
        self.applied: Mapping[str, int] = state.applied
        self._state = state
        self._last_ids = state.last_ids.copy()

    def next_id(self, kind: str) -> int:
        """Return an ID that no other entity of this kind has."""
        self._last_ids[kind] += 1
        return self._last_ids[kind]

    def profile(self, integration_id: str) -> Profile:
        """Return a customer to be changed, created if unknown; the request counts as activity."""
        if self.profiles.get(integration_id) is None:
            profile = Profile(self.next_id("profile"), integration_id, self.now, self.now)
            return self.profiles.add(integration_id, profile)
        profile = self.profiles.edit(integration_id)
        profile.last_activity = self.now
        return profile

    def progress(self, achievement: Achievement, profile_id: str) -> Progress:
        """Return a customer's progress in an achievement, to be changed; created if necessary."""
        key = (achievement.id, profile_id)
        if self.achievement_progress.get(key) is None:
            return self.achievement_progress.add(key, Progress(achievement, profile_id))
        return self.achievement_progress.edit(key)

    def item_for_carts(self, sku: str) -> CatalogItem | None:
        """Return the item of the Application's catalog, or None."""
        catalog = next((one for one in self.catalogs if APPLICATION_ID in one.applications), None)
        return None if catalog is None else self.catalog_items.get((catalog.id, sku))

    def read_loyalty(self, program: LoyaltyProgram, owner: str) -> LoyaltyAccount:
        """Return what a customer or a card has in a program, to be read."""
        return self.loyalty_accounts.get((program.id, owner)) or LoyaltyAccount(program, owner)

    def loyalty_account(self, program: LoyaltyProgram, owner: str) -> LoyaltyAccount:
        """Return what a customer or a card has in a program, to be changed; created if there is nothing."""
        key = (program.id, owner)
        if self.loyalty_accounts.get(key) is None:
            return self.loyalty_accounts.add(key, LoyaltyAccount(program, owner))
        return self.loyalty_accounts.edit(key)

    def save(self) -> None:
        """Write all changes to the state."""
        for table in self._tables:
            table.save()
        self._state.last_ids = self._last_ids
        self._state.drop_oldest_events()

    def _table(self, held: dict[K, E]) -> Table[K, E]:
        table = Table(held)
        self._tables.append(table)
        return table
