"""How far one attempt has come, as its transport observes it."""

from math import inf
from typing import Final

PROGRESS: Final = "aiotalonone.progress"
"""Name of the request extension that holds the attempt's ``RequestProgress``."""


class RequestProgress:
    """Facts about one attempt, each noted when it happens and never taken back.

    A transport that does not know this extension leaves them as they are: ``observed`` stays False, and the request
    counts as written.
    """

    __slots__ = ("deadline", "needs_fresh_connection", "observed", "reused_connection", "status", "written")

    def __init__(self, deadline: float = inf, *, needs_fresh_connection: bool = False) -> None:
        self.deadline: float = deadline
        """On the event loop's clock, in seconds; from then on nothing may be written."""
        self.needs_fresh_connection: bool = needs_fresh_connection
        """An attempt before this one failed on a connection that had been idle."""
        self.observed: bool = False
        self.written: bool = False
        """A byte of the request may have left."""
        self.status: int | None = None
        """Of the final response, once its head came."""
        self.reused_connection: bool = False
        """The connection had served another request before."""
