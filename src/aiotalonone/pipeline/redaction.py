"""Keep personal data out of tracebacks, and out of what httpx, httpcore and hpack log about our requests.

httpx shows whole URLs and the server's words for a status at INFO. httpcore, at DEBUG, shows the headers of responses,
bytes that it could not read and the password of a SOCKS proxy, hpack every header of HTTP/2. What they log of other
requests is left as it is.
"""

import logging
from collections.abc import Iterator
from contextvars import ContextVar, Token
from typing import Any, Final

from aiotalonone.pipeline.libraries import library_classes
from aiotalonone.pipeline.messages import phrase
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
_LIBRARIES: Final = frozenset(
    {"anyio", "h11", "h2", "hpack", "httpcore", "httpcore2", "httpx", "httpx2", "socksio", "zlib"}
)

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
    try:  # noqa: SIM105 - for each attempt: ``suppress`` would cost more than the rest
        _is_ours.reset(token)
    except ValueError:  # in another context: the garbage collector ends a call whose event loop was closed
        pass


class _RedactingFilter(logging.Filter):
    """Reduces a line about a request of ours to the event, or to method, host and status."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass every record."""
        if _is_ours.get():
            match record.args:
                case (method, url, version, int(status), str()) if record.name in ("httpx", "httpx2"):
                    record.args = (method, _without_path(url), version, status, phrase(status))
                case _:
                    record.msg, record.args = str(record.msg).partition(" ")[0], ()
        return True


def _without_path(url: Any) -> str:
    return f"{url.scheme}://{url.host}/…"


_redacting_filter: Final = _RedactingFilter()


def strip_sensitive(failure: BaseException) -> None:
    """Take off a failure what tools that report errors would show: key, body and path.

    They are in the request, in the variables of the frames below, and in the libraries' words, which quote what they
    read. What such an error was caused by stays if it is another one, or the operating system's.
    """
    if isinstance(failure, library_classes("HTTPError")):
        bearer: Any = failure
        bearer.request = None  # httpx has no other way to take it off
    for link in cause_chain(failure):
        link.__traceback__ = None
        if _is_library_error(link):
            link.args = ()
            cause = link.__cause__ or link.__context__
            is_known = isinstance(cause, (OSError, TransportFailure)) or _is_library_error(cause)
            link.__cause__ = link.__context__ = cause if is_known else None


def cause_chain(failure: BaseException) -> Iterator[BaseException]:
    """Yield a failure and what it was caused by, each once: an error may be among its own causes."""
    seen: set[int] = set()
    link: BaseException | None = failure
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _is_library_error(failure: BaseException | None) -> bool:
    """Return whether a failure has the words of a library; those of our own transport are known."""
    package = type(failure).__module__.partition(".")[0]
    return package in _LIBRARIES and not isinstance(failure, TransportFailure)
