"""Codes made from a pattern, in a fixed order so that runs can be compared."""

from typing import Protocol

CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PLACE = "#"


class Taken(Protocol):
    """Where existing codes can be looked up."""

    def get(self, key: str) -> object | None:
        """What has the code, or None."""
        ...


def unused_code(pattern: str, taken: Taken, start: int, characters: str = CHARACTERS) -> str:
    """The first code from a start that nobody has; each ``#`` of the pattern becomes a character.

    Raises:
        LookupError: Every code of the pattern is taken.
    """
    capacity: int = len(characters) ** pattern.count(PLACE)
    for number in range(start, start + capacity):
        code = _spelled(pattern, number % capacity, characters)
        if taken.get(code) is None:
            return code
    raise LookupError(f"all {capacity} codes of the pattern are taken")


def _spelled(pattern: str, number: int, characters: str) -> str:
    spelled = list(pattern)
    for index in reversed(range(len(pattern))):
        if pattern[index] == PLACE:
            number, digit = divmod(number, len(characters))
            spelled[index] = characters[digit]
    return "".join(spelled)
