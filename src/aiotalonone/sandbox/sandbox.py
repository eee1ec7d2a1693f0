"""The sandbox as its users see it."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiotalonone.sandbox.app import Application, Clock, Pause
from aiotalonone.sandbox.auth import Keys
from aiotalonone.sandbox.campaign_file import load
from aiotalonone.sandbox.state import State

DEFAULT_API_KEY = "sandbox-key"
DEFAULT_MANAGEMENT_TOKEN = "sandbox-token"  # noqa: S105 - opens nothing but the sandbox


def _now() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """A Talon.One of its own.

    Args:
        campaigns: A campaign file, or the same as a mapping.
        api_keys: The API keys that open it.
        management_tokens: The management tokens that open the audiences operation as well.
        clock: What time it is.
    """

    def __init__(
        self,
        campaigns: Mapping[str, Any] | Path | str | None = None,
        *,
        api_keys: Collection[str] = (DEFAULT_API_KEY,),
        management_tokens: Collection[str] = (DEFAULT_MANAGEMENT_TOKEN,),
        clock: Clock = _now,
    ) -> None:
        setup = load(campaigns, clock())
        keys = Keys(frozenset(api_keys), frozenset(management_tokens))
        self._app = Application(setup.account, setup.state, keys, clock)

    @property
    def app(self) -> Application:
        """The ASGI application."""
        return self._app

    @property
    def state(self) -> State:
        """What it holds at the moment."""
        return self._app.state

    @property
    def pause(self) -> Pause | None:
        """Awaited with the operation's name while it runs, so that a test decides how long that takes."""
        return self._app.pause

    @pause.setter
    def pause(self, pause: Pause | None) -> None:
        self._app.pause = pause
