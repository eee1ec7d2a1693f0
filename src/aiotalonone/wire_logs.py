"""What the logs of the libraries below us tell of our requests: that something happens, and nothing that names people.

httpx shows whole URLs at INFO. httpcore, at DEBUG, shows the headers of answers, bytes that it could not read and the
password of a SOCKS proxy, hpack every header of HTTP/2. What they log of other requests is left as it is.
"""

import logging
from contextvars import ContextVar, Token
from typing import Any, Final

_LOGGERS: Final = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
    "hpack.hpack",
    "hpack.table",
)
"""A filter holds for one logger, not for those below it."""

_is_ours: Final[ContextVar[bool]] = ContextVar("aiotalonone.is_ours", default=False)


def install() -> None:
    """Have the libraries' loggers heed ``hide_ours``; a second time changes nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_discretion)


def hide_ours() -> Token[bool]:
    """From now on what is logged in this context is of a request of ours."""
    return _is_ours.set(True)


def show_again(token: Token[bool]) -> None:
    """From now on it is not, or belongs to whom it did before."""
    _is_ours.reset(token)


class _Discretion(logging.Filter):
    """Leaves of a line about a request of ours no more than the event, or the host that it went to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes."""
        if _is_ours.get():
            if record.name == "httpx" and isinstance(record.args, tuple):
                record.args = tuple(map(_without_path, record.args))
            else:
                record.msg, record.args = str(record.msg).partition(" ")[0], ()
        return True


def _without_path(value: Any) -> Any:
    return f"{value.scheme}://{value.host}/…" if hasattr(value, "host") else value


_discretion: Final = _Discretion()
