"""What the one line of an error says of the API's message: words that stand in this module, and no other text.

A message that fits a template is told in the template's words. What varies in it is shown if it is a word of a list,
such as a state, or a member that the operation's request has; otherwise ``…`` stands for it. A message that fits no
template is withheld. Names of attributes are the account's, and hidden like any value.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from itertools import islice
from re import split
from typing import Any, Final

from aiotalonone import models
from aiotalonone.codec.fields import member_kinds
from aiotalonone.errors import ErrorDetail
from aiotalonone.operation import Operation

WITHHELD: Final = "API message withheld"

_HIDDEN: Final = "…"
_MAX_READ: Final = 500
"""Characters of a message or pointer that is looked at; a longer one is withheld."""
_MAX_QUOTED: Final = 500
"""Characters of the API's own words in a line, if they are to be shown."""
_MAX_DETAILS: Final = 3
"""Details of an error that its line has."""
_MAX_SEGMENTS: Final = 6
_MAX_INDEX_DIGITS: Final = 3
"""Of an index in a request's list, which has at most 1000 entries."""

Members = Mapping[str, type | None]
"""The members that a request has, by their JSON names; ``list`` or ``dict`` for those that are one."""

_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "any": (),
    "article": ("a", "an"),
    "entity": (
        *("Achievement", "Advocate", "Application", "Audience", "Campaign", "CartItem", "Catalog", "Coupon"),
        *(
            "Customer profile",
            "Customer session",
            "CustomerProfile",
            "CustomerSession",
            "Event",
            "Giveaway",
            "Loyalty card",
        ),
        *("Loyalty program", "Profile", "Referral", "Resource", "Reward", "Session", "Store"),
    ),
    "limit": ("0", "1", "5", "100", "255", "1000", "10000"),
    "state": ("cancelled", "closed", "open", "partially_returned"),
    "type": (
        *("array", "boolean", "integer", "list", "list of location", "list of number", "list of string"),
        *("list of time", "location", "null", "number", "object", "string", "time"),
    ),
    "updated": ("profile", "session"),
}
"""What a field of a template may be shown as, besides a member of the request; any other value is hidden."""
_CLOSED: Final = frozenset({"article", "limit", "type", "updated"})
"""Fields without which a template says nothing: a text with another value there does not fit it."""

_TEMPLATES: Final = (
    "The submitted data was invalid",
    "HMAC signature mismatch",
    "Invalid API key",
    "Unauthorized - Invalid API key",
    "The request body is not valid JSON",
    "The request body is not valid JSON: {any}",
    "Too many requests are updating this {updated} at the same time",
    'Cannot move session to state "{state}" from state "{state}"',
    "Only open sessions can be closed",
    "Only open sessions can be updated",
    "{entity} not found",
    "{entity} already exists",
    'The attribute "{any}" is not defined on {entity} entities',
    'Value of "{any}" attribute ({any}) is not {article} {type}',
    "Invalid type. Expected: {type}, given: {type}",
    "{member} must be one of the following: {any}",
    "{member} must be true or false",
    "{member} must not be empty",
    "{member} must be at least {limit}",
    "{member} must have at least {limit} characters",
    "{member} must have at most {limit} characters",
    "{member} must have at least {limit} entries",
    "{member} must have at most {limit} entries",
    "{member} must have at most {limit} units",
    "{member} must be {article} {type}",
    "{member} is required",
    "{member} needs {member}",
    "{member} names the {entity} {any}, which does not exist",
    "String length must be greater than or equal to {limit}",
    "String length must be less than or equal to {limit}",
    "Must be greater than or equal to {limit}",
    "Must be less than or equal to {limit}",
    "Array must have at least {limit} items",
    "Array must have at most {limit} items",
    "Additional property {member} is not allowed",
    "Does not match format '{any}'",
    "Does not match pattern '{any}'",
    *("Unknown", "Unknown attribute", "Invalid type", "Invalid value", "enum", "format", "pattern", "required"),
    *("array_max_items", "array_min_items", "invalid_type", "number_gte", "number_lte", "string_gte", "string_lte"),
)
"""Messages, titles and details that the API is known to send, without a full stop at their end.

They are from its documentation, and from the JSON schema validator whose sentences it quotes.
"""


@cache
def _fixed_texts() -> Mapping[str, str]:
    texts = (*(status.phrase for status in HTTPStatus), *(text for text in _TEMPLATES if "{" not in text))
    return {text.casefold(): text for text in texts}


@cache
def _split_templates() -> Sequence[Sequence[str]]:
    """Return templates with fields as words and names of fields, in turns."""
    return [split(r"\{(\w+)\}", text) for text in _TEMPLATES if "{" in text]


def members_of(operation: Operation[Any]) -> Members:
    """Return the members that a request of an operation may have, those of its path and query included."""
    named: dict[str, type | None] = dict.fromkeys((*operation.query, *operation.path_names))
    return named if operation.body is None else named | member_kinds(getattr(models, operation.body))


def phrase(status: int) -> str:
    """Return what HTTP calls a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def summarise(members: Members, status: int, message: str | None, details: Sequence[ErrorDetail]) -> str:
    """Return what the API says, in known words; if some of it is left out, the line says so.

    Args:
        members: Those of the request that it answers.
        status: The response's HTTP status, whose phrase stands in for a message that is absent or unknown.
        message: The API's message.
        details: The API's details.
    """
    words = _known_text(message, members)
    shown = [_known_detail(detail, members, words) for detail in details[:_MAX_DETAILS]]
    line = words or phrase(status)
    if known := list(dict.fromkeys(text for text, _ in shown if text)):
        line = f"{line}: {'; '.join(known)}"
    is_whole = (words or not message) and all(whole for _, whole in shown) and len(details) <= _MAX_DETAILS
    return line if is_whole else f"{line}, {WITHHELD}"


def _known_text(text: str | None, members: Members) -> str | None:
    """Return a text in the words of the template that it fits."""
    if not text or len(text) > _MAX_READ:
        return None
    text = text.strip().removesuffix(".")
    if fixed := _fixed_texts().get(text.casefold()):
        return fixed
    return next(filter(None, (_fill(template, text, members) for template in _split_templates())), None)


def _fill(template: Sequence[str], text: str, members: Members) -> str | None:
    """Return a template with what a text has in its fields, if that may be shown; ``None`` if the text does not fit."""
    if not text.startswith(template[0]):
        return None
    line, start = template[0], len(template[0])
    for name, words in zip(template[1::2], template[2::2], strict=True):
        end = text.find(words, start) if words else len(text)
        if end < 0:
            return None
        word = _known_word(name, text[start:end], members)
        if word is None:
            return None
        line, start = line + word + words, end + len(words)
    return line if start == len(text) else None


def _known_word(name: str, value: str, members: Members) -> str | None:
    if name == "member":
        return value if all(part in members for part in value.split(".")) else _HIDDEN
    if value in _WORDS[name]:
        return value
    return None if name in _CLOSED else _HIDDEN


def _known_detail(detail: ErrorDetail, members: Members, message: str | None) -> tuple[str, bool]:
    """Return what a line has of a detail, and whether no text of it is withheld."""
    details, title = (_known_text(text, members) for text in (detail.details, detail.title))
    words = details or title
    place = known_pointer(detail.pointer, members) or (detail.parameter if detail.parameter in members else None)
    text = " ".join(filter(None, (None if words == message else words, place and f"at {place}")))
    return text, not ((detail.details and not details) or (detail.title and not title))


def known_pointer(pointer: str | None, members: Members) -> str | None:
    """Return a JSON pointer of known members and indexes; ``None`` if it has no known member.

    What stands within a free object, such as ``attributes``, is named by the account or by the caller.
    """
    if not pointer or len(pointer) > _MAX_READ:
        return None
    shown = list(islice(_known_segments(pointer, members), _MAX_SEGMENTS))
    return None if shown[0] == _HIDDEN else "/" + "/".join(shown)


def _known_segments(pointer: str, members: Members) -> Iterator[str]:
    around: type | None = None
    for segment in pointer.removeprefix("/").split("/"):
        if around is list and len(segment) <= _MAX_INDEX_DIGITS and segment.isascii() and segment.isdigit():
            around = None
            yield segment
        elif around is not dict and segment in members:
            around = members[segment]
            yield segment
        else:
            yield _HIDDEN
            return


def quote_api(status: int, message: str | None, details: Sequence[ErrorDetail]) -> str:
    """Return what the API says in its own words, as one line of at most 500 characters without control characters."""
    texts = [message or phrase(status)]
    for detail in details:
        words = " ".join(filter(None, (detail.title, detail.details)))
        texts.append(" at ".join(filter(None, (words, detail.pointer or detail.parameter))))
    line = "; ".join(text[:_MAX_QUOTED] for text in islice(texts, _MAX_DETAILS + 1))
    escaped = "".join(map(_escape, line[:_MAX_QUOTED]))
    return escaped if len(escaped) <= _MAX_QUOTED else escaped[: _MAX_QUOTED - 1] + _HIDDEN


def _escape(character: str) -> str:
    """Return a character as a terminal or a log may have it: controls, formats, surrogates and separators escaped."""
    is_plain = character == " " or unicodedata.category(character)[0] not in "CZ"
    return character if is_plain else ascii(character)[1:-1]
