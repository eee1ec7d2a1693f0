"""The lines that people read while they use the sandbox: what was requested, and what came of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from textwrap import wrap
from typing import Any, Final

import click
from attrs import define

from aiotalonone.sandbox.http.problems import ApiProblem
from aiotalonone.sandbox.recording import RecordedRequest
from aiotalonone.sandbox.rendering.brief import effect_brief

_MAX_PATH: Final = 120
_MAX_TEXT: Final = 200
_MAX_EFFECTS: Final = 8
_MAX_ERRORS: Final = 3
_ERROR: Final = 400
_SECOND: Final = 1000
_COLORS: Final[Mapping[int, str]] = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}
"""By the first digit of a status."""
_SEPARATOR: Final = click.style(" · ", dim=True)
_GAP: Final = "  "
_INDENT: Final = 32
"""Columns before what happened, if it has no room beside the path: as many as before the path itself."""
_NARROWEST: Final = 60
"""Columns of a terminal below which nothing is indented."""


@define(frozen=True)
class Event:
    """Something that happened, in words."""

    text: str
    color: str | None = None

    def __str__(self) -> str:
        return _styled(self.text, self.color)

    def wrapped(self, width: int) -> Iterator[str]:
        """Yield its lines of no more than this width."""
        for line in wrap(self.text, width, break_on_hyphens=False) or [""]:
            yield _styled(line, self.color)


@define(frozen=True)
class Line:
    """When and what was requested, with styles, and what happened."""

    head: str
    events: Sequence[Event] = ()

    def fitted(self, width: int | None) -> str:
        """Return the line, broken for a terminal of this width; None if it is not for a terminal."""
        whole = _GAP.join(filter(None, [self.head, _SEPARATOR.join(map(str, self.events))]))
        if width is None or width < _NARROWEST or _width(whole) <= width:
            return whole
        return f"\n{' ' * _INDENT}".join([self.head, *self._below(width - _INDENT)])

    def _below(self, room: int) -> list[str]:
        """Return the lines of what happened, with as many events on each as fit."""
        lines: list[str] = []
        for event in self.events:
            first, *further = event.wrapped(room)
            if lines and not further and _width(longer := f"{lines[-1]}{_SEPARATOR}{first}") <= room:
                lines[-1] = longer
            else:
                lines += [first, *further]
        return lines


def request_line(request: RecordedRequest, now: datetime) -> Line:
    """Return the line of a request that is done."""
    target = f"{request.path}?{request.query_string}" if request.query_string else request.path
    return _line(now, request.method, request.status, _duration(request.duration_ms), target, _events(request))


def rejection_line(method: str, path: str, problem: ApiProblem, now: datetime) -> Line:
    """Return the line of a request that was not let in."""
    return _line(now, method, problem.status, "", path, [Event(printable(problem.message), "yellow")])


def notice_line(text: str, now: datetime, color: str = "cyan") -> Line:
    """Return the line of something else that happened to the sandbox."""
    return Line(f"{_time(now)}{_GAP}{click.style(printable(text, 2 * _MAX_TEXT), fg=color)}")


def printable(text: str, max_length: int = _MAX_TEXT) -> str:
    """Return a text on one line, of characters that do nothing to a terminal."""
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text[:max_length]
    )
    return shown if len(text) <= max_length else f"{shown}…"


def _line(  # noqa: PLR0917 - the columns in their order
    now: datetime, method: str, status: int | None, duration: str, target: str, events: Iterable[Event]
) -> Line:
    columns = (
        _time(now),
        click.style(f"{printable(method, 7):<6}", bold=True),
        _status(status),
        click.style(f"{duration:>7}", dim=True),
        printable(target, _MAX_PATH),
    )
    return Line(_GAP.join(columns), tuple(events))


def _styled(text: str, color: str | None) -> str:
    return text if color is None else click.style(text, fg=color)


def _width(text: str) -> int:
    return len(click.unstyle(text))


def _time(now: datetime) -> str:
    return click.style(f"{now:%H:%M:%S}", dim=True)


def _status(status: int | None) -> str:
    if status is None:
        return click.style("---", fg="red", bold=True)
    return click.style(str(status), fg=_COLORS.get(status // 100), bold=True)


def _duration(milliseconds: float | None) -> str:
    if milliseconds is None:
        return ""
    if milliseconds >= _SECOND:
        return f"{milliseconds / _SECOND:.1f} s"
    return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"  # noqa: PLR2004 - two digits


def _events(request: RecordedRequest) -> Iterator[Event]:
    """Yield what happened, in the order in which people want to know it."""
    if request.fault is not None:
        yield Event(f"fault {request.fault.value}", "magenta")
    if request.status is None:
        yield Event("no response", "red")
    if request.replayed:
        yield Event("replayed", "cyan")
    if request.dry:
        yield Event("dry run", "cyan")
    if request.status is not None and request.status >= _ERROR:
        for text in islice(_errors(request), _MAX_ERRORS):
            yield Event(printable(text), _COLORS.get(request.status // 100))
    for effect in request.effects[:_MAX_EFFECTS]:
        yield _effect(effect)
    if further := len(request.effects[_MAX_EFFECTS:]):
        yield Event(f"and {further} more")


def _effect(effect: Mapping[str, Any]) -> Event:
    kind = effect["effectType"]
    brief = printable(effect_brief(kind, effect["props"]))
    return Event(brief, "yellow" if kind.startswith("reject") else None)


def _errors(request: RecordedRequest) -> Iterator[str]:
    """Yield the errors of a response in the API's format."""
    try:
        content = request.response_json
    except ValueError:  # that of a fault, for example
        return
    if not isinstance(content, Mapping):
        return
    errors = content.get("errors") or [{"title": content.get("message", "")}]
    for error in errors:
        source = error.get("source", {})
        place = source.get("pointer") or source.get("parameter")
        title, details = error.get("title", ""), error.get("details", "")
        text = details if details.startswith(title) else f"{title}: {details}" if details else title
        yield f"{text} ({place})" if place else text
