"""What every reader of rows gives."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final, Protocol

from attrs import field, frozen

from aiotalonone.cli.values import Type

Row = Mapping[str, Any]

INFERRED: Final = "its first rows"
"""Where a type is from that was guessed."""


class UnreadableFileError(ValueError):
    """A file that is not what it should be; the message repeats nothing of its rows."""


@frozen
class BrokenRow:
    """A row that cannot be read."""

    message: str
    content: Mapping[str, Any] = field(factory=dict)
    """What of it there is."""


@frozen
class FileColumn:
    """A column as the file has it."""

    name: str
    type: Type | None
    """``None`` where no attribute holds such values."""
    origin: str
    """Where the type is from."""


class Rows(Protocol):
    """The rows of a file, each time from the first one on."""

    first_number: int
    """What a person who opens the file calls the first one."""

    come_in_batches: bool
    """Whether the next row may take a while, since others are read with it."""

    def columns(self) -> Sequence[FileColumn]:
        """The columns, as far as they are known before all is read.

        Raises:
            UnreadableFileError: The file cannot be read.
        """
        ...

    def read(self) -> Generator[Row | BrokenRow, None, None]:
        """One after the other.

        Raises:
            UnreadableFileError: The file cannot be read any further.
        """
        ...

    def __length_hint__(self) -> int:
        """How many there may be in all, as far as one can tell by now."""
        ...
