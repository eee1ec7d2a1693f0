"""The sandbox as its users see it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from aiotalonone.sandbox.app import Application, BeforeCommit
from aiotalonone.sandbox.campaign_file import load
from aiotalonone.sandbox.clock import Clock, SettableClock, utc_now
from aiotalonone.sandbox.faults import Faults
from aiotalonone.sandbox.faults.middleware import FaultMiddleware
from aiotalonone.sandbox.http import Keys
from aiotalonone.sandbox.operations import OPERATION_IDS
from aiotalonone.sandbox.routes import operation_id_of
from aiotalonone.sandbox.state import State

DEFAULT_API_KEY = "sandbox-key"
DEFAULT_MANAGEMENT_TOKEN = "sandbox-token"  # noqa: S105 - accepted by the sandbox alone

Hook = TypeVar("Hook", bound=BeforeCommit | None)


class Sandbox:
    """An in-process fake of Talon.One.

    Args:
        campaigns: A campaign file, or its content as a mapping.
        api_keys: The API keys that it accepts.
        management_tokens: The management tokens that its audiences operation accepts as well.
        clock: Returns the current time, until `set_now` changes it.

    Raises:
        CampaignFileError: The campaign file cannot be read or is invalid.
    """

    def __init__(
        self,
        campaigns: Mapping[str, Any] | Path | str | None = None,
        *,
        api_keys: Collection[str] = (DEFAULT_API_KEY,),
        management_tokens: Collection[str] = (DEFAULT_MANAGEMENT_TOKEN,),
        clock: Clock = utc_now,
    ) -> None:
        setup = load(campaigns, clock())
        keys = Keys(frozenset(api_keys), frozenset(management_tokens))
        self._faults = Faults(OPERATION_IDS)
        self._clock = SettableClock(clock)
        self._application = Application(setup.account, setup.state, keys, self._clock, self._faults)
        self._app = FaultMiddleware(self._application, self._faults, self._clock, operation_id_of)

    @property
    def app(self) -> FaultMiddleware:
        """The ASGI application."""
        return self._app

    @property
    def faults(self) -> Faults:
        """The faults to play, and those that were triggered."""
        return self._faults

    @property
    def state(self) -> State:
        """Everything that it holds."""
        return self._application.state

    @property
    def now(self) -> datetime:
        """The present time, by which campaigns run, points expire and coupons are valid."""
        return self._clock()

    def set_now(self, now: datetime | None) -> None:
        """Set the present time, which continues from there; None is the clock's own again.

        Raises:
            ValueError: It has no offset from UTC.
        """
        self._clock.set(now)

    def applied(self, operation_id: str) -> int:
        """Return how often an operation changed something; dry calls, replays and errors change nothing.

        Raises:
            ValueError: There is no such operation.
        """
        if operation_id not in OPERATION_IDS:
            raise ValueError(f"there is no operation {operation_id!r}")
        return self.state.applied[operation_id]

    def before_commit(self, hook: Hook) -> Hook:
        """Await an async function with the operation's name before an operation makes its changes.

        The operation holds its profile and session meanwhile, so a test decides how long it runs. The hook replaces
        the one before; ``None`` removes it. Returns the hook, so this can be used as a decorator.
        """
        self._application.before_commit = hook
        return hook
