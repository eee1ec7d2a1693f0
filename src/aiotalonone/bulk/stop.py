"""How a job is asked to stop, and how its parts hear of it."""

from asyncio import Event, timeout
from contextlib import suppress


class StopRequestedError(Exception):
    """The job stops: no further request is begun."""


class Stop:
    """Whether a job is to stop."""

    def __init__(self) -> None:
        self._requested = Event()

    @property
    def is_requested(self) -> bool:
        """Whether it is."""
        return self._requested.is_set()

    def request(self) -> None:
        """Stop as soon as what is under way is settled."""
        self._requested.set()

    def check(self) -> None:
        """Go on only where nobody has asked to stop.

        Raises:
            StopRequestedError: Somebody has.
        """
        if self.is_requested:
            raise StopRequestedError

    async def pause(self, seconds: float) -> None:
        """Pause, no longer than until somebody asks to stop."""
        with suppress(TimeoutError):
            async with timeout(seconds):
                await self._requested.wait()
