"""Codes made from a pattern, in a fixed order so that runs can be compared."""

from collections.abc import Callable
from typing import Protocol

from attrs import define, field

CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PLACE = "#"
PATTERN = PLACE * 8
ATTEMPTS = 1000
"""How many taken codes in a row are enough to give up: whoever asks is waiting."""


class Taken(Protocol):
    """Where existing codes can be looked up."""

    def get(self, key: str) -> object | None:
        """What has the code, or None."""
        ...


def _distinct(characters: str) -> str:
    return "".join(dict.fromkeys(characters))


@define(frozen=True)
class CodeShape:
    """What codes look like: each ``#`` of the pattern becomes one of the characters."""

    pattern: str = PATTERN
    characters: str = field(default=CHARACTERS, converter=_distinct)

    def unused(self, taken: Taken, next_number: Callable[[], int]) -> str | None:
        """The code of the next number whose code nobody has, or None where none is left to be found."""
        capacity: int = len(self.characters) ** self.pattern.count(PLACE)
        for _ in range(min(capacity, ATTEMPTS)):
            code = self._spelled(next_number() % capacity)
            if taken.get(code) is None:
                return code
        return None

    def _spelled(self, number: int) -> str:
        spelled = list(self.pattern)
        for index in reversed(range(len(spelled))):
            if spelled[index] == PLACE:
                number, digit = divmod(number, len(self.characters))
                spelled[index] = self.characters[digit]
        return "".join(spelled)
