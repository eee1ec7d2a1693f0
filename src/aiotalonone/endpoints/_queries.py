"""Members of queries that several operations share, or that are many, as keywords: ``**query: Unpack[Page]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aiotalonone.models import (
        AchievementProgressStatus,
        AchievementStatus,
        LoyaltyPointsSort,
        LoyaltyPointsStatus,
        LoyaltyTransactionType,
    )


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


class Achievements(Page, total=False):
    """Which achievements."""

    campaign_ids: Sequence[int | str] | None
    """Those of one of these campaigns; by default of all."""
    achievement_ids: Sequence[int | str] | None
    """Those with one of these IDs; by default all."""
    achievement_status: Sequence[AchievementStatus] | None
    """Those of one of these statuses; by default the active ones."""
    current_progress_status: Sequence[AchievementProgressStatus] | None
    """Those in which the customer has come this far."""


class RunningCampaigns(Page, total=False):
    """Which of the running campaigns."""

    campaign_ids: Sequence[int | str] | None
    """Those with one of these IDs; by default all."""
    start_after: datetime | None
    """Those that start at that time or later."""
    start_before: datetime | None
    """Those that start at that time or earlier."""
    end_after: datetime | None
    """Those that end at that time or later."""
    end_before: datetime | None
    """Those that end at that time or earlier."""
    store_id: int | None
    """Those that are linked to the store with this ID, which is not its integration ID."""
    audience_id: int | None
    """Those that are linked to the audience with this ID."""


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
