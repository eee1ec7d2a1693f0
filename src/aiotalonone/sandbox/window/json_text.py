"""JSON as it is shown: indented, a colour for each kind of value, numbers as they were sent, and of bounded length."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import define
from markupsafe import Markup

from aiotalonone.sandbox.validation import check_depth
from aiotalonone.sandbox.window.text import escaped

LINE_LENGTH: Final = 72
"""A list or an object that fits into a line stays on one."""
MAX_CHARACTERS: Final = 20_000

Token = tuple[str, str]
"""The kind of a piece of JSON, empty for punctuation, and its text."""


@define(frozen=True)
class Style:
    """How a language writes lists and mappings."""

    scalar: Callable[[Any], Token]
    """Writes a text, a number, a literal, or what is empty."""
    indent: str = "  "
    last_comma: str = ""
    """What follows the last entry of those that have lines of their own."""


class Number(str):
    """A number in the digits that it was sent in."""

    __slots__ = ()


def read(content: str | bytes) -> Any:
    """Return the value of a JSON text, its numbers as they are written.

    Raises:
        ValueError: It is not JSON, or is nested deeper than the API accepts.
    """
    try:
        value = json.loads(content, parse_float=Number, parse_int=Number, parse_constant=Number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    check_depth(value)
    return value


def highlighted(content: str | bytes) -> Markup:
    """Return a text for a page, indented and coloured if it is JSON; the end of a long one is left out."""
    try:
        return _marked_up(tokens(read(content), JSON))
    except ValueError:
        text = content if isinstance(content, str) else content.decode(errors="replace")
        return _marked_up(iter([("", text[:MAX_CHARACTERS]), ("", text[MAX_CHARACTERS:])]))


def indented(value: Any) -> str:
    """Return a JSON value as the text that an editor has."""
    return "".join(text for _, text in tokens(value, JSON))


def _marked_up(pieces: Iterator[Token]) -> Markup:
    shown: list[Markup] = []
    length = 0
    for kind, text in pieces:
        if length >= MAX_CHARACTERS and text:
            shown.append(Markup('\n<span class="rest">the rest is left out</span>'))
            break
        piece = Markup("\n").join(map(escaped, text.split("\n")))
        shown.append(Markup('<span class="{}">{}</span>').format(kind, piece) if kind else piece)
        length += len(text)
    return Markup().join(shown)


def json_scalar(value: Any) -> Token:
    """Return a value as JSON."""
    if isinstance(value, Number):
        return "number", str(value)
    if isinstance(value, str):
        return "string", json.dumps(value, ensure_ascii=False)
    return "literal", json.dumps(value)


JSON: Final = Style(json_scalar)


def tokens(value: Any, style: Style, indent: str = "") -> Iterator[Token]:
    """Yield the pieces of an indented value, from the column that its first line is at."""
    if not isinstance(value, dict | list) or not value:
        yield style.scalar(value)
        return
    line = _one_line(value, style, LINE_LENGTH - len(indent))
    yield from _lines(value, style, indent) if line is None else line


def _lines(value: Any, style: Style, indent: str) -> Iterator[Token]:
    """Yield a list or an object over several lines."""
    opening, closing = _brackets(value)
    inner = indent + style.indent
    separator = "\n"
    yield "", opening
    for key, entry in _entries(value):
        yield "", separator + inner
        yield from _key(key, style)
        yield from tokens(entry, style, inner)
        separator = ",\n"
    yield "", f"{style.last_comma}\n{indent}{closing}"


def _one_line(value: Any, style: Style, room: int) -> list[Token] | None:
    """Return a list or an object on one line, or None if it is too long."""
    line: list[Token] = []
    for token in _flat(value, style):
        line.append(token)
        room -= len(token[1])
        if room < 0:
            return None
    return line


def _flat(value: Any, style: Style) -> Iterator[Token]:
    if not isinstance(value, dict | list) or not value:
        yield style.scalar(value)
        return
    opening, closing = _brackets(value)
    separator = opening
    for key, entry in _entries(value):
        yield "", separator
        yield from _key(key, style)
        yield from _flat(entry, style)
        separator = ", "
    yield "", closing


def _brackets(value: Any) -> tuple[str, str]:
    return ("{", "}") if isinstance(value, dict) else ("[", "]")


def _entries(value: Any) -> Iterator[tuple[str | None, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    else:
        yield from ((None, entry) for entry in value)


def _key(key: str | None, style: Style) -> Iterator[Token]:
    if key is not None:
        yield "key", style.scalar(key)[1]
        yield "", ": "
