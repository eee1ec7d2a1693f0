"""What becomes of JSON values that are not what their model asks for."""

from typing import Final, NoReturn

MAX_PLACES: Final = 10
"""Places that an error names."""

_JSON_TYPE_NAMES: Final[dict[type, str]] = {dict: "an object", list: "an array", str: "a string"}


class InvalidShapeError(ValueError):
    """A JSON value that its model cannot hold.

    Attributes:
        places: What is wrong, by the path of where it is wrong; no value. Of many places the first ones.
    """

    def __init__(self, places: dict[str, str]) -> None:
        super().__init__(places)
        self.places = places

    def __str__(self) -> str:
        return "; ".join(f"{problem} @ ${path}" for path, problem in self.places.items())

    def within(self, step: str) -> "InvalidShapeError":
        """Return the error as the value around it has it, which holds it at ``step``."""
        return InvalidShapeError({step + path: problem for path, problem in self.places.items()})


def another_kind(expected: type, value: object) -> NoReturn:
    """Decide what becomes of a value of another JSON type than its model has: it is an error.

    Raises:
        InvalidShapeError: Always.
    """
    found = "null" if value is None else type(value).__name__
    raise InvalidShapeError({"": f"{_JSON_TYPE_NAMES[expected]} was expected, not {found}"})
