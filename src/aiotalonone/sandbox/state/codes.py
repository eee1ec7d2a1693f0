"""Codes generated from a pattern, in a fixed order so that runs can be compared."""

from collections.abc import Callable
from typing import Protocol

from attrs import define, field

CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PLACE = "#"
PATTERN = PLACE * 8
MAX_ATTEMPTS = 1000
"""Codes to try before giving up: the request is waiting."""


class CodeLookup(Protocol):
    """A table of existing codes."""

    def get(self, key: str) -> object | None:
        """Return the entity with the code, or None."""
        ...


def _distinct(characters: str) -> str:
    return "".join(dict.fromkeys(characters))


@define(frozen=True)
class CodePattern:
    """The form of codes: each ``#`` of the pattern becomes one of the characters."""

    pattern: str = PATTERN
    characters: str = field(default=CHARACTERS, converter=_distinct)

    def next_unused(self, taken: CodeLookup, next_number: Callable[[], int]) -> str | None:
        """Return the first code, counted on by ``next_number``, that is not taken, or None if none is found."""
        capacity: int = len(self.characters) ** self.pattern.count(PLACE)
        for _ in range(min(capacity, MAX_ATTEMPTS)):
            code = self._spell(next_number() % capacity)
            if taken.get(code) is None:
                return code
        return None

    def _spell(self, number: int) -> str:
        spelled = list(self.pattern)
        for index in reversed(range(len(spelled))):
            if spelled[index] == PLACE:
                number, digit = divmod(number, len(self.characters))
                spelled[index] = self.characters[digit]
        return "".join(spelled)
