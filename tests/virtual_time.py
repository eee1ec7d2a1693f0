"""An event loop whose clock jumps to the next timer, so that seconds pass at once and in order."""

import asyncio
import selectors
from functools import wraps


class _Jumping(selectors.DefaultSelector):
    """Looks for real events, but never waits for a timer."""

    passed = 0.0

    def select(self, timeout=None):
        """Whatever is ready; without anything, the time is over at once."""
        if timeout is None:  # a thread works, or nothing will ever happen
            return super().select(5)
        ready = super().select(0)
        if not ready:
            self.passed += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Its ``time()`` begins at 0."""

    def __init__(self):
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self):
        """Seconds that timers have taken."""
        return self._jumping.passed


def in_virtual_time(test):
    """Run an async test on such a loop."""

    @wraps(test)
    def run(*args, **kwargs):
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(test(*args, **kwargs))

    return run
