"""A file of lines, plain or compressed, that is read from its beginning and knows how far."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import IO, Final, cast

from aiotalonone.cli.rows.row import BrokenRow, Row, UnreadableFileError

BLANK: Final = BrokenRow("the line is empty")
"""A row that was left empty; at the end of the file it is none."""


class File:
    """A file on the disk.

    Args:
        path: Where it is; compressed if its name ends with ``.gz``.

    Raises:
        OSError: It is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = path.stat().st_size
        self._raw: io.FileIO | None = None
        self._position: Callable[[], int] = lambda: 0

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Its bytes; an error of reading in the block says which file it was.

        Raises:
            UnreadableFileError: Its content is broken.
        """
        with io.FileIO(self.path) as raw:
            self._raw = raw
            try:
                with self._content(raw) as content:
                    yield content
            except UnicodeDecodeError:
                raise UnreadableFileError(f"{self.path} is not UTF-8") from None
            except csv.Error as failure:
                raise UnreadableFileError(f"{self.path} is no CSV: {failure}") from None
            except (EOFError, gzip.BadGzipFile, zlib.error):
                raise UnreadableFileError(f"{self.path} is no whole gzip file") from None

    def estimate(self, rows: int) -> int:
        """How many rows there may be, where so many have been read."""
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


def without_last_blanks(rows: Iterable[Row | BrokenRow]) -> Iterator[Row | BrokenRow]:
    """The rows but for the blank ones at the end; one between others is a row, so that each keeps its number."""
    blanks = 0
    for row in rows:
        if row is BLANK:
            blanks += 1
            continue
        if blanks:
            yield from repeat(BLANK, blanks)
            blanks = 0
        yield row
