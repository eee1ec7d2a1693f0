"""Members of queries that several operations share, as keywords: ``**query: Unpack[Page]``."""

from __future__ import annotations

from typing import TypedDict


class Page(TypedDict, total=False):
    """Which entries a paged operation returns."""

    page_size: int | None
    """At most how many: 1 to 1000, by default 50 (1000 of achievements)."""
    skip: int | None
    """How many to leave out at the start."""
