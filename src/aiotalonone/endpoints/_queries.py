"""Members of queries that several operations share, as keywords: ``**query: Unpack[Page]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aiotalonone.models import LoyaltyPointsSort, LoyaltyPointsStatus, LoyaltyTransactionType


class Page(TypedDict, total=False):
    """Which entries a paged operation returns."""

    page_size: int | None
    """At most how many: 1 to 1000, by default 50 (1000 of achievements)."""
    skip: int | None
    """How many to leave out at the beginning."""


class LoyaltyEntries(Page, total=False):
    """Which transactions of loyalty programs, or points of which transactions."""

    customer_session_ids: Sequence[str] | None
    """Those that come from one of these customer sessions, by integration ID."""
    transaction_uuids: Sequence[str] | None
    """Those with one of these UUIDs."""


class LoyaltyTransactions(LoyaltyEntries, total=False):
    """Which transactions of loyalty programs."""

    loyalty_transaction_type: LoyaltyTransactionType | None
    """Those of this origin."""
    start_date: datetime | None
    """Those that were booked at that time or later."""
    end_date: datetime | None
    """Those that were booked until then."""
    awaits_activation: bool | None
    """True: those whose points an action activates and which have not expired; the API rejects False."""


class LoyaltyPoints(LoyaltyEntries, total=False):
    """Which points of loyalty programs."""

    subledger_id: Sequence[str] | None
    """Those in one of these subledgers."""
    status: LoyaltyPointsStatus | None
    """Those of this status, by default ``active``."""
    sort: LoyaltyPointsSort | None
    """What they are sorted by."""
