"""The sandbox as its users see it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from attrs import define
from starlette.types import ASGIApp, Receive, Scope, Send

from aiotalonone.sandbox.app import Application, BeforeCommit
from aiotalonone.sandbox.clock import Clock, utc_now
from aiotalonone.sandbox.control import Control
from aiotalonone.sandbox.faults import Faults
from aiotalonone.sandbox.faults.middleware import FaultMiddleware
from aiotalonone.sandbox.http.keys import Keys
from aiotalonone.sandbox.operations import OPERATION_IDS
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.recording import RecordedRequest, RecordingMiddleware, Subscription
from aiotalonone.sandbox.routes import operation_id_of
from aiotalonone.sandbox.seeding import seed
from aiotalonone.sandbox.state import State

DEFAULT_API_KEY = "sandbox-key"
DEFAULT_MANAGEMENT_TOKEN = "sandbox-token"  # noqa: S105 - accepted by the sandbox alone

Hook = TypeVar("Hook", bound=BeforeCommit | None)


@define(frozen=True)
class Entrance:
    """The applications behind one address: the first step of a path decides whose request it is."""

    api: ASGIApp
    """Has every path that is not another one's."""
    others: Mapping[str, ASGIApp]
    """By the first step of their paths."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        step = scope["path"].removeprefix("/").partition("/")[0]
        await self.others.get(step, self.api)(scope, receive, send)


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
        self._platform = platform = Platform(campaigns, clock)
        self._application = Application(platform, Keys(frozenset(api_keys), frozenset(management_tokens)))
        faulty = FaultMiddleware(self._application, platform.faults, platform.clock, operation_id_of)
        api = RecordingMiddleware(faulty, platform.requests, platform.feed, platform.clock, operation_id_of)
        self._window_key = next(iter(api_keys), None)
        window = self._show_window
        self._app = Entrance(api, {"sandbox": Control(platform), "": window, "window": window})

    async def _show_window(self, scope: Scope, receive: Receive, send: Send) -> None:
        from aiotalonone.sandbox.window import Window  # noqa: PLC0415 - a test that does not look loads no templates

        await Window(self._platform, self._window_key)(scope, receive, send)

    @property
    def app(self) -> ASGIApp:
        """The ASGI application: the API, below ``/sandbox/`` what the sandbox has of its own, at ``/`` its window."""
        return self._app

    @property
    def platform(self) -> Platform:
        """What requests are served with."""
        return self._platform

    @property
    def faults(self) -> Faults:
        """The faults to play, and those that were triggered."""
        return self._platform.faults

    @property
    def state(self) -> State:
        """Everything that it holds; another object after a reset or with other campaigns."""
        return self._platform.state

    @property
    def campaigns(self) -> Mapping[str, Any]:
        """The content of the campaign file."""
        return self._platform.campaigns

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests in the order in which they came, those that met a fault too; the last 500 of them."""
        return list(self._platform.requests)

    @property
    def now(self) -> datetime:
        """The present time, by which campaigns run, points expire and coupons are valid."""
        return self._platform.clock()

    def set_now(self, now: datetime | None) -> None:
        """Set the present time, which continues from there; None is the clock's own again.

        Raises:
            ValueError: It has no offset from UTC, or is of the year 1 or 9999.
        """
        self._platform.set_now(now)

    def set_campaigns(self, campaigns: Mapping[str, Any] | Path | str | None) -> None:
        """Replace the campaign file; customers, sessions, and the use of codes that remain stay as they are.

        Raises:
            CampaignFileError: The campaign file cannot be read or is invalid; nothing has changed.
        """
        self._platform.set_campaigns(campaigns)

    def seed(self, source: Mapping[str, Any] | Path | str) -> Mapping[str, int]:
        """Put in ``profiles``, ``referrals``, ``reservations``, ``sessions`` and ``events``: all of them, or nothing.

        Args:
            source: A JSON file, or its content, with a list for each of these.

        Returns:
            How many of each were put in.

        Raises:
            SeedError: The file cannot be read, or an operation rejects an entry.
        """
        return seed(self._platform, source)

    def keep_as_start(self) -> None:
        """Make what it holds now, with its campaigns, faults and time, what `reset` returns to."""
        self._platform.keep_as_start()

    def reset(self) -> None:
        """Return to the start: campaigns, state, faults and time; requests are forgotten."""
        self._platform.reset()

    def subscribe(self, after: int | None = None) -> Subscription:
        """Return an endless asynchronous iterator over what happens: requests that are done, and what is set.

        Args:
            after: ID of the last event that is known; those since then come first.
        """
        return self._platform.feed.subscribe(after)

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
