"""Rows of a file, whatever its format; and files of lines, plain or compressed."""

import gzip
import io
import stat
import sys
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from os import dup
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, ClassVar, Final, cast
from weakref import finalize

from attrs import field, frozen

from aiotalonone.cli.values import Type

Row = Mapping[str, Any]

INFERRED: Final = "its first rows"
"""Origin of a type that is inferred from values."""
SAMPLE_SIZE: Final = 1000
"""The number of rows that columns and types are inferred from."""
STDIN: Final = Path("-")

_GZIP: Final = b"\x1f\x8b"
_BINARY: Final[Mapping[bytes, str]] = {
    b"PK\x03\x04": "is an Excel or zip file: save it as CSV in UTF-8",
    b"PAR1": "is Parquet: name it .parquet, or give --format parquet",
    b"\xff\xfe\0\0": "is UTF-32: CSV needs --encoding utf-32, NDJSON must be UTF-8",
    b"\0\0\xfe\xff": "is UTF-32: CSV needs --encoding utf-32, NDJSON must be UTF-8",
    b"\xff\xfe": "is UTF-16: CSV needs --encoding utf-16, NDJSON must be UTF-8",
    b"\xfe\xff": "is UTF-16: CSV needs --encoding utf-16, NDJSON must be UTF-8",
}
"""What to say about a file of text, by its first bytes; the first match counts."""


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


class Rows(ABC):
    """The rows of a file, which can be read several times."""

    first_row_number: int = 1
    """Number of the first row in a program that opens the file."""
    is_counted: ClassVar[bool] = False
    """Whether the number of rows is known rather than estimated."""
    has_late_columns: ClassVar[bool] = False
    """Whether rows may have columns that the first rows lack."""
    notices: Sequence[str] = ()
    """What its user should know about the file, a line each."""

    @abstractmethod
    def columns(self) -> Sequence[FileColumn]:
        """Return the columns, as far as they are known before the whole file is read.

        Raises:
            UnreadableFileError: The file cannot be read.
        """

    @abstractmethod
    def read(self, columns: Collection[str] | None = None) -> Generator[Row | InvalidRow, None, None]:
        """Yield the rows in their order.

        Args:
            columns: The columns that are needed; rows may lack all others. ``None`` for all.

        Raises:
            UnreadableFileError: The file cannot be read any further.
        """

    @abstractmethod
    def __length_hint__(self) -> int:
        """Return the number of rows, as far as it can be estimated."""

    def hint(self, column: str) -> str:  # noqa: ARG002 - only some formats have one
        """Return why the file seems to lack a column and what to do, as the end of a sentence; empty if unknown."""
        return ""


BLANK: Final = InvalidRow("the line is empty")
"""An empty line, which is not a row at the end of the file."""


class File:
    """A file that knows how much of it has been read.

    Args:
        path: Path of the file, or ``-`` for standard input. What can be read only once is copied to a temporary file.

    Raises:
        UnreadableFileError: Standard input is closed, or a copy cannot be written.
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name: str = "standard input" if path == STDIN else str(path)
        self.copy: IO[bytes] | None = None
        if path == STDIN:
            if sys.stdin is None:
                raise UnreadableFileError("standard input is closed")
            self._copy(sys.stdin.buffer)
        elif not stat.S_ISREG(path.stat().st_mode):
            with path.open("rb") as stream:
                self._copy(stream)
        self._raw: io.FileIO | None = None
        self._size = 0
        self._position: Callable[[], int] = lambda: 0

    @contextmanager
    def open(self, encoding: str = "UTF-8") -> Iterator[IO[bytes]]:
        """Open the file, decompressed; an error of reading it within the block names the file.

        Raises:
            UnreadableFileError: Its content is invalid.
        """
        with self.open_raw() as raw:
            self._raw, self._size = raw, raw.seek(0, io.SEEK_END)
            raw.seek(0)
            try:
                with self._content(raw) as content:
                    yield content
            except UnicodeError:
                raise UnreadableFileError(f"{self.name} is not {encoding}: --encoding names another one") from None
            except (EOFError, gzip.BadGzipFile, zlib.error):
                raise UnreadableFileError(f"{self.name} is not a complete gzip file") from None

    def open_raw(self) -> io.FileIO:
        """Open the file as it is."""
        if self.copy is None:
            return io.FileIO(self.path)
        raw = io.FileIO(dup(self.copy.fileno()))
        raw.seek(0)
        return raw

    def require_text(self) -> None:
        """Check that the file does not start as those of other formats do.

        Raises:
            UnreadableFileError: It does.
        """
        with self.open() as content:
            first = content.read(4)
        for start, problem in _BINARY.items():
            if first.startswith(start):
                raise UnreadableFileError(f"{self.name} {problem}")

    def estimate(self, rows: int) -> int:
        """Return the estimated number of all rows after ``rows`` have been read."""
        if self._raw is None or self._raw.closed:
            return rows
        return rows * self._size // (self._position() or 1)

    def _content(self, raw: io.FileIO) -> IO[bytes]:
        is_compressed = raw.read(len(_GZIP)) == _GZIP
        raw.seek(0)
        if is_compressed:
            self._position = raw.tell
            return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=raw)))
        content = io.BufferedReader(raw)
        self._position = content.tell  # what lies in the buffer has not been read yet
        return content

    def _copy(self, stream: IO[bytes]) -> None:
        copy = TemporaryFile(prefix="aiotalonone-")  # noqa: SIM115 - it is read until the file is forgotten
        self.copy = cast("IO[bytes]", copy)
        finalize(self, copy.close)
        try:
            copyfileobj(stream, copy)
            copy.flush()
        except OSError as failure:
            raise UnreadableFileError(f"{self.name} cannot be copied to a temporary file: {failure.strerror}") from None


def repeated_name(names: Iterable[str]) -> str | None:
    """Return the first name that occurs again; ``None`` if all differ."""
    known: set[str] = set()
    for name in names:
        if name in known:
            return name
        known.add(name)
    return None


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
