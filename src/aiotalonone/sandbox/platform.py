"""The platform that the sandbox plays: an account and its state, its time, its faults, and what it was asked."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import define

from aiotalonone.sandbox.campaign_file import Setup, carry_over, load, read_setup
from aiotalonone.sandbox.clock import Clock, SettableClock
from aiotalonone.sandbox.faults import FaultRule, Faults
from aiotalonone.sandbox.http.idempotency import ReplyStore
from aiotalonone.sandbox.operations import OPERATION_IDS
from aiotalonone.sandbox.recording.feed import CAMPAIGNS, CLOCK, FAULTS, RESET, Feed
from aiotalonone.sandbox.recording.requests import RequestLog
from aiotalonone.sandbox.rules.campaigns import Account
from aiotalonone.sandbox.state import State


@define(frozen=True)
class Start:
    """What a reset returns to."""

    setup: Setup
    """Its state is a copy."""
    faults: tuple[FaultRule, ...]
    now: datetime | None


class Platform:
    """All that requests are served with, and all that can be set while it serves."""

    def __init__(self, campaigns: Mapping[str, Any] | Path | str | None, clock: Clock) -> None:
        self.clock: SettableClock = SettableClock(clock)
        self.faults: Faults = Faults(OPERATION_IDS)
        self.feed: Feed = Feed()
        self.requests: RequestLog = RequestLog()
        self._setup = load(campaigns, self.clock())
        self._replies = ReplyStore(self.clock, self.account.programs.assumptions)
        self.keep_as_start()

    @property
    def account(self) -> Account:
        """What is set up."""
        return self._setup.account

    @property
    def state(self) -> State:
        """Everything that requests have stored."""
        return self._setup.state

    @property
    def campaigns(self) -> Mapping[str, Any]:
        """The content of the campaign file."""
        return self._setup.document

    @property
    def replies(self) -> ReplyStore:
        """The replies to requests with an idempotency key."""
        return self._replies

    def keep_as_start(self) -> None:
        """Make what it holds now what a reset returns to."""
        self._start = Start(self._setup.copy(), tuple(self.faults.pending), self.clock.was_set_to)

    def reset(self) -> None:
        """Return to the start: state, campaigns, faults and time; forget the requests."""
        self._setup = self._start.setup.copy()
        self._replies = ReplyStore(self.clock, self.account.programs.assumptions)
        self.faults.restart(self._start.faults)
        self.clock.set(self._start.now)
        self.requests.clear()
        self.feed.forget()
        self.feed.publish(RESET)

    def set_campaigns(self, source: Mapping[str, Any] | Path | str | None) -> None:
        """Replace the campaign file; what customers have stored stays.

        Raises:
            CampaignFileError: The file cannot be read or is invalid; nothing has changed.
        """
        self._replace(load(source, self.clock(), self.state.last_ids))

    def use_campaigns(self, document: Any) -> None:
        """Replace the campaign file by the content of another one.

        Raises:
            ValidationError: It is invalid; nothing has changed.
        """
        self._replace(read_setup(document, self.clock(), self.state.last_ids))

    def _replace(self, new: Setup) -> None:
        self._setup = carry_over(self._setup, new)
        self._replies.assumptions = self.account.programs.assumptions
        self.feed.publish(CAMPAIGNS)

    def add_faults(self, rules: Iterable[FaultRule]) -> None:
        """Add faults to those that are still to be played."""
        self.faults.extend(rules)
        self.feed.publish(FAULTS)

    def set_faults(self, rules: Iterable[FaultRule]) -> None:
        """Replace the faults that are still to be played."""
        self.faults.replace(rules)
        self.feed.publish(FAULTS)

    def set_now(self, now: datetime | None) -> None:
        """Set the present time; None is the clock's own again.

        Raises:
            ValueError: It has no offset from UTC, or is of the year 1 or 9999.
        """
        self.clock.set(now)
        self.feed.publish(CLOCK)
