"""Rows of a file, whatever its format; and files of lines, plain or compressed."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import IO, Any, Final, Protocol, cast

from attrs import field, frozen

from aiotalonone.cli.values import Type

Row = Mapping[str, Any]

INFERRED: Final = "its first rows"
"""Origin of a type that is inferred from values."""
SAMPLE_SIZE: Final = 1000
"""The number of rows that columns and types are inferred from."""


class UnreadableFileError(ValueError):
    """A file that cannot be read as its name says; the message contains nothing of its rows."""


@frozen
class InvalidRow:
    """A row that cannot be read."""

    message: str
    content: Mapping[str, Any] = field(factory=dict)
    """The part of it that can be read."""


@frozen
class FileColumn:
    """A column of a file."""

    name: str
    type: Type | None
    """``None`` if an attribute cannot hold such values."""
    origin: str
    """What the type follows from."""


class Rows(Protocol):
    """The rows of a file, which can be read several times."""

    first_row_number: int
    """Number of the first row in a program that opens the file."""

    is_batched: bool
    """Whether rows are decoded in batches, so that the next one may take a while."""

    def columns(self) -> Sequence[FileColumn]:
        """Return the columns, as far as they are known before the whole file is read.

        Raises:
            UnreadableFileError: The file cannot be read.
        """
        ...

    def read(self) -> Generator[Row | InvalidRow, None, None]:
        """Yield the rows in their order.

        Raises:
            UnreadableFileError: The file cannot be read any further.
        """
        ...

    def __length_hint__(self) -> int:
        """Return the number of rows, as far as it can be estimated."""
        ...


BLANK: Final = InvalidRow("the line is empty")
"""An empty line, which is not a row at the end of the file."""


class File:
    """A file of lines that knows how much of it has been read.

    Args:
        path: Path of the file, which is compressed if its name ends with ``.gz``.

    Raises:
        OSError: The file does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = path.stat().st_size
        self._raw: io.FileIO | None = None
        self._position: Callable[[], int] = lambda: 0

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open the file; an error of reading it within the block names the file.

        Raises:
            UnreadableFileError: Its content is invalid.
        """
        with io.FileIO(self.path) as raw:
            self._raw = raw
            try:
                with self._content(raw) as content:
                    yield content
            except UnicodeDecodeError:
                raise UnreadableFileError(f"{self.path} is not UTF-8") from None
            except csv.Error as failure:
                raise UnreadableFileError(f"{self.path} is not CSV: {failure}") from None
            except (EOFError, gzip.BadGzipFile, zlib.error):
                raise UnreadableFileError(f"{self.path} is not a complete gzip file") from None

    def estimate(self, rows: int) -> int:
        """Return the estimated number of all rows after ``rows`` have been read."""
        if self._raw is None or self._raw.closed:
            return rows
        return rows * self._size // (self._position() or 1)

    def _content(self, raw: io.FileIO) -> IO[bytes]:
        if self.path.suffix.lower() == ".gz":
            self._position = raw.tell
            return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
        content = io.BufferedReader(raw)
        self._position = content.tell  # what lies in the buffer has not been read yet
        return content


def strip_trailing_blank_rows(rows: Iterable[Row | InvalidRow]) -> Iterator[Row | InvalidRow]:
    """Yield the rows without blank ones at the end; those between others remain, so that each row keeps its number."""
    blanks = 0
    for row in rows:
        if row is BLANK:
            blanks += 1
            continue
        if blanks:
            yield from repeat(BLANK, blanks)
            blanks = 0
        yield row
