"""An event loop whose clock jumps to the next timer, so that seconds pass at once and in order."""

import asyncio
import selectors
from concurrent.futures import ThreadPoolExecutor
from functools import wraps


class _Jumping(selectors.DefaultSelector):
    """Looks for real events, but never waits for a timer."""

    passed = 0.0

    def select(self, timeout=None):
        """Whatever is ready; without anything, the time is over at once."""
        if timeout is None:  # no timer is set: nothing will happen but what comes from a socket
            return super().select(5)
        ready = super().select(0)
        if not ready:
            self.passed += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Its ``time()`` starts at 0; what is given to a thread is done at once."""

    def __init__(self):
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self):
        """Seconds that timers have taken."""
        return self._jumping.passed

    def run_in_executor(self, executor, func, *args):  # noqa: ARG002 - asyncio's signature
        """Wait for the thread: the clock would jump while it works, to the timers of those who wait for it."""
        future = self.create_future()
        try:
            with ThreadPoolExecutor(1) as thread:
                future.set_result(thread.submit(func, *args).result())
        except Exception as failure:  # noqa: BLE001 - whose it is decides who waits
            future.set_exception(failure)
        return future


def in_virtual_time(test):
    """Run an async test on such a loop."""

    @wraps(test)
    def run(*args, **kwargs):
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(test(*args, **kwargs))

    return run
