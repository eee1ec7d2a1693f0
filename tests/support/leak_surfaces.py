"""Every place where the content of a call could show, as text: logs, tracebacks, pickles, telemetry."""

import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from traceback import FrameSummary, TracebackException, format_exception

import aiotalonone
from aiotalonone import TalonOneError
from aiotalonone.web import error_response
from tests.support.otel import Telemetry

PACKAGE = Path(aiotalonone.__file__).parent
TESTS = Path(__file__).parents[1]


class CapturedLogs(logging.Handler):
    """Every record that reaches the root logger, with all that it carries."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line as it is formatted, and the record's parts as other handlers might show them."""
        self.lines.append(f"{record.name} {record.levelname} {self.format(record)} {vars(record)}")

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


@contextmanager
def capture_logs() -> Iterator[CapturedLogs]:
    """Capture what any logger logs within the block, from DEBUG on."""
    root, book = logging.getLogger(), CapturedLogs()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(book)
    try:
        yield book
    finally:
        root.removeHandler(book)
        root.setLevel(level)


def surfaces_of(error: BaseException) -> dict[str, str]:
    """Return the surfaces of an error."""
    surfaces = {
        "str": str(error),
        "repr": repr(error),
        "args": repr(error.args),
        "traceback": traceback_of(error),
        "formatted": "".join(format_exception(error)),
    }
    if isinstance(error, TalonOneError):
        surfaces["call"] = repr(error.call)
        surfaces["dict"] = repr(error.to_dict())
        surfaces["HTTP response"] = repr(error_response(error))  # logs as well
        surfaces["words for error trackers"] = repr([getattr(error, name, "") for name in ("message", "detail")])
        twin = copy(error)
        twin.call = twin.idempotency_key = None  # which a pickled error keeps, as it promises
        surfaces["pickle"] = repr(pickle.dumps(twin)) + repr(pickle.dumps(twin, protocol=0))
    return surfaces


def traceback_of(error: BaseException) -> str:
    """An error's traceback with the local variables, as error trackers send them; its causes, too.

    Left out are the frames of who called: the tests', and the public method's, whose variables are its arguments.
    """
    shown = TracebackException.from_exception(error, capture_locals=True)
    return "\n".join(line for link in _chain(shown) for line in _lines(link))


def _chain(shown: TracebackException) -> Iterator[TracebackException]:
    link: TracebackException | None = shown
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__  # suppressed or not: some tools show both


def _lines(link: TracebackException) -> Iterator[str]:
    yield from link.format_exception_only()
    for frame in link.stack:
        if not _is_the_caller_s(frame):
            yield f"{frame.filename}:{frame.lineno} in {frame.name}"
            yield from (f"    {name} = {value}" for name, value in (frame.locals or {}).items())


def _is_the_caller_s(frame: FrameSummary) -> bool:
    path = Path(frame.filename)
    is_public = path.parent == PACKAGE / "endpoints" or (path == PACKAGE / "client.py" and frame.name == "request")
    return is_public or path.is_relative_to(TESTS)


def telemetry_text(telemetry: Telemetry) -> str:
    """Return all spans and metrics as text."""
    metrics = telemetry.metrics()
    return "\n".join(
        [*(span.to_json() for span in telemetry.exporter.get_finished_spans()), metrics.to_json() if metrics else ""]
    )
