"""Members of queries, read with their types checked and named in errors."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final

from attrs import define
from starlette.datastructures import QueryParams

from aiotalonone.sandbox.http.problems import invalid_parameter
from aiotalonone.sandbox.validation import BAD_FORMAT, INVALID_TYPE, NOT_ONE_OF, choice_error, parse_timestamp

FLAGS: Final = {"true": True, "false": False}
SILENT: Final = ("yes", "no")
DEFAULT_PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 1000
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def parse_integer(name: str, text: str) -> int:
    """Return an integer of a path or a query.

    Raises:
        ApiProblem: 400, it is something else.
    """
    if not text.removeprefix("-").isdecimal() or not text.isascii() or len(text) > len(str(2**63)):
        raise invalid_parameter(name, f"{name} must be an integer", INVALID_TYPE)
    return int(text)


@define(frozen=True)
class Query:
    """The query of a request. Each method raises a 400 that names the member if its value is invalid."""

    members: QueryParams

    def text(self, name: str) -> str | None:
        """Return a text, or None if it is left out."""
        return self.members.get(name)

    def texts(self, name: str) -> list[str]:
        """Return the values of a member that may be repeated."""
        return self.members.getlist(name)

    def comma_separated(self, name: str) -> list[str]:
        """Return the values of a member that separates them by commas."""
        return [value for text in self.members.getlist(name) for value in text.split(",") if value]

    def flag(self, name: str) -> bool:
        """Return a member that is ``true`` or ``false``, by default ``false``."""
        text = self.members.get(name, "false")
        if text not in FLAGS:
            raise invalid_parameter(name, f"{name} must be true or false", INVALID_TYPE)
        return FLAGS[text]

    @property
    def silent(self) -> bool:
        """Whether the caller wants a response without a body, which is the default."""
        return self.choice("silent", SILENT) != "no"

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """Return one of the given texts, or None if it is left out."""
        text = self.members.get(name)
        return None if text is None else self._one_of(name, text, choices)

    def choices(self, name: str, choices: Sequence[str]) -> list[str]:
        """Return those of the given texts that a comma-separated member lists."""
        return [self._one_of(name, text, choices) for text in self.comma_separated(name)]

    def integer(self, name: str, default: int, *, minimum: int = 0, maximum: int = 2**63 - 1) -> int:
        """Return an integer, or the default if it is left out."""
        text = self.members.get(name)
        if text is None:
            return default
        value = parse_integer(name, text)
        if not minimum <= value <= maximum:
            raise invalid_parameter(name, f"{name} must be between {minimum} and {maximum}")
        return value

    def timestamp(self, name: str, *, accepts_date: bool = False) -> datetime | None:
        """Return a date and time, or None if it is left out; a date alone, if it may be one, is its midnight in UTC."""
        text = self.members.get(name)
        if text is None:
            return None
        try:
            if accepts_date and DATE.fullmatch(text):
                return datetime.combine(date.fromisoformat(text), time(), UTC)
            return parse_timestamp(text)
        except ValueError:
            raise invalid_parameter(name, f"{name} must be a date and time (RFC 3339)", BAD_FORMAT) from None

    def page(self, entries: Sequence[Any], *, default_size: int = DEFAULT_PAGE_SIZE) -> tuple[list[Any], bool]:
        """Return the entries of the page that ``pageSize`` and ``skip`` select, and whether more follow."""
        size = self.integer("pageSize", default_size, minimum=1, maximum=MAX_PAGE_SIZE)
        skip = self.integer("skip", 0)
        return list(entries[skip : skip + size]), skip + size < len(entries)

    def _one_of(self, name: str, text: str, choices: Sequence[str]) -> str:
        if text not in choices:
            raise invalid_parameter(name, choice_error((name,), choices).details, NOT_ONE_OF)
        return text
