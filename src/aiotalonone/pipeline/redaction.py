"""Keep personal data out of tracebacks, and out of what httpx, httpcore and hpack log about our requests.

httpx shows whole URLs at INFO. httpcore, at DEBUG, shows the headers of responses, bytes that it could not read and
the password of a SOCKS proxy, hpack every header of HTTP/2. What they log of other requests is left as it is.
"""

import logging
from contextvars import ContextVar, Token
from typing import Any, Final

from aiotalonone.pipeline.libraries import library_classes
from aiotalonone.transport.failures import TransportFailure

_LOGGERS: Final = (
    *(
        name + part
        for name in ("httpcore", "httpcore2")
        for part in (".connection", ".http11", ".http2", ".proxy", ".socks")
    ),
    "httpx",
    "httpx2",
    "hpack.hpack",
    "hpack.table",
)
"""A filter holds for one logger, not for those below it."""

_is_ours: Final[ContextVar[bool]] = ContextVar("aiotalonone.is_ours", default=False)


def install() -> None:
    """Make the libraries' loggers obey ``start_redaction``; a second time changes nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_redacting_filter)


def start_redaction() -> Token[bool]:
    """Redact what is logged in this context from now on: it is about a request of ours."""
    return _is_ours.set(True)


def stop_redaction(token: Token[bool]) -> None:
    """Redact no more, or as before."""
    _is_ours.reset(token)


class _RedactingFilter(logging.Filter):
    """Reduces a line about a request of ours to the event, or the host that it went to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass every record."""
        if _is_ours.get():
            if record.name in ("httpx", "httpx2") and isinstance(record.args, tuple):
                record.args = tuple(map(_without_path, record.args))
            else:
                record.msg, record.args = str(record.msg).partition(" ")[0], ()
        return True


def _without_path(value: Any) -> Any:
    return f"{value.scheme}://{value.host}/…" if hasattr(value, "host") else value


_redacting_filter: Final = _RedactingFilter()


def strip_sensitive(failure: BaseException) -> None:
    """Take off a failure what tools that report errors would show: key, body and path.

    They are in the request, and in the variables of the frames below. A parser's words quote what it read.
    """
    if isinstance(failure, library_classes("HTTPError")):
        bearer: Any = failure
        bearer.request = None  # httpx has no other way to take it off
    is_parsers = isinstance(failure, library_classes("ProtocolError"))
    link: BaseException | None = failure
    while link is not None and link.__traceback__ is not None:
        link.__traceback__ = None
        if is_parsers and not isinstance(link, TransportFailure):
            link.args = ()
        link = link.__cause__ or link.__context__
