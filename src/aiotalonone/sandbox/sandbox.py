"""The sandbox as its users see it."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiotalonone.sandbox.app import Application, Clock, Pause
from aiotalonone.sandbox.auth import Keys
from aiotalonone.sandbox.campaign_file import load
from aiotalonone.sandbox.faults import Faults
from aiotalonone.sandbox.faults.application import FaultyApplication
from aiotalonone.sandbox.routes import OPERATION_IDS
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
        self._faults = Faults(OPERATION_IDS)
        self._application = Application(setup.account, setup.state, keys, clock, self._faults)
        self._app = FaultyApplication(self._application, self._faults, clock)

    @property
    def app(self) -> FaultyApplication:
        """The ASGI application."""
        return self._app

    @property
    def faults(self) -> Faults:
        """What goes wrong, and when."""
        return self._faults

    def applied(self, operation_id: str) -> int:
        """How often an operation has changed something; dry calls, replays and errors change nothing.

        Raises:
            ValueError: There is no such operation.
        """
        if operation_id not in OPERATION_IDS:
            raise ValueError(f"there is no operation {operation_id!r}")
        return self.state.applied[operation_id]

    @property
    def state(self) -> State:
        """What it holds at the moment."""
        return self._application.state

    @property
    def pause(self) -> Pause | None:
        """Awaited with the operation's name while it runs, so that a test decides how long that takes."""
        return self._application.pause

    @pause.setter
    def pause(self, pause: Pause | None) -> None:
        self._application.pause = pause
