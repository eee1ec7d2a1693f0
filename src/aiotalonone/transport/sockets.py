"""What a socket and its TLS tell beyond the events of the loop."""

import select
import ssl
from collections.abc import Callable
from typing import Any


def readiness_check(descriptor: int) -> Callable[[], bool]:
    """Return a function that tells whether bytes or the end of a connection wait in the kernel."""
    if not hasattr(select, "poll"):  # Windows
        return lambda: bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return lambda: bool(poll.poll(0))


def was_closed_cleanly(tls: Any) -> bool:
    """Return whether the peer ended TLS with a close_notify, rather than the connection was cut off."""
    try:
        return not tls.read(1)
    except ssl.SSLZeroReturnError:
        return True
    except (ssl.SSLError, ValueError):
        return False
