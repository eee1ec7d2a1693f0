"""Members of queries that several operations share, as keywords: ``**query: Unpack[Page]``."""

from __future__ import annotations

from typing import TypedDict


class EventEvaluation(TypedDict, total=False):
    """How the campaigns are evaluated for an event."""

    dry: bool | None
    """True evaluates the event and stores nothing."""
    force_complete_evaluation: bool | None
    """True evaluates every campaign that matches, whatever the mode of evaluation is; only with ``dry``."""


class Page(TypedDict, total=False):
    """Which entries a paged operation returns."""

    page_size: int | None
    """At most how many: 1 to 1000, by default 50 (1000 of achievements)."""
    skip: int | None
    """How many to leave out at the start."""
