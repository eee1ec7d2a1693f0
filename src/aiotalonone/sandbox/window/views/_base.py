"""What views have in common: the question, pages of a list, effects and codes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from attrs import define
from starlette.datastructures import QueryParams

from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.rendering.brief import effect_details

T = TypeVar("T")

PAGE_SIZE: Final = 50
MAX_EFFECTS: Final = 200


@define(frozen=True)
class Asked:
    """What a view is asked for."""

    platform: Platform
    query: QueryParams
    base_url: str
    """Where the sandbox is reached."""
    api_key: str | None
    """A key that it accepts, for the form."""

    def integer(self, name: str) -> int | None:
        """Return a number of the query, None if it has no such number."""
        text = self.query.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004 - no list is that long


@define(frozen=True)
class Page(Generic[T]):
    """A part of a list."""

    start: int
    rows: Sequence[T]
    total: int

    @property
    def shown(self) -> int:
        """How many entries it has."""
        return len(self.rows)

    @property
    def query(self) -> str:
        """What leads to it in an address, before further members."""
        return f"start={self.start}&" if self.start else ""

    @property
    def newer(self) -> int | None:
        """Where the page before it starts."""
        return max(0, self.start - PAGE_SIZE) if self.start else None

    @property
    def older(self) -> int | None:
        """Where the page after it starts."""
        following = self.start + self.shown
        return following if following < self.total else None


def page_of(asked: Asked, entries: Sequence[T]) -> Page[T]:
    """Return the page that is asked for."""
    start = min(asked.integer("start") or 0, max(0, len(entries) - 1))
    return Page(start, entries[start : start + PAGE_SIZE], len(entries))


def shown_effects(platform: Platform, effects: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return effects, as responses have them, in a few words each."""
    return [_shown_effect(platform, effect) for effect, _ in zip(effects, range(MAX_EFFECTS), strict=False)]


def _shown_effect(platform: Platform, effect: Mapping[str, Any]) -> dict[str, Any]:
    campaign = platform.account.campaigns.get(effect["campaignId"])
    return {
        "type": effect["effectType"],
        "details": effect_details(effect["effectType"], effect["props"]),
        "campaign": campaign.name if campaign else "",
        "rule": effect["ruleName"],
    }
