"""The lines of a CSV file, and where the next row starts after one that cannot be read."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import IO, Any, Final

DEFAULT_ENCODING: Final = "UTF-8"
MAX_LINE: Final = 1024 * 1024
"""Characters of a line."""
_MAX_LOOKED_AHEAD: Final = 1024 * 1024
"""Characters that are searched for the end of a row that cannot be read."""
_MIN_COLUMNS_OF_A_ROW: Final = 3
"""Columns from which a line with as many cells is a row, rather than a part of a text with commas."""
_BYTE_ORDER_MARK: Final = "\ufeff"
_BAD_BYTE: Final = re.compile("[\ud800-\udfff]")
_MARK: Final = "aiotalonone.mark"
"""Name of the error handler that marks bad bytes; Python's own one knows no bad bytes of UTF-16."""


def _mark(failure: UnicodeError) -> tuple[str, int]:
    if not isinstance(failure, UnicodeDecodeError):
        raise failure
    return "\udcff", failure.end


codecs.register_error(_MARK, _mark)


def decoded(content: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """Return a file's text, in which bytes that are not of the encoding become a lone surrogate."""
    return io.TextIOWrapper(content, encoding, _MARK, newline="")


def without_bad_bytes(text: str) -> str:
    """Return a text with the usual replacement for bytes that are not of its encoding."""
    return _BAD_BYTE.sub("\ufffd", text)


class CsvLines:
    """Lines that are read a row at a time, and can be put back.

    Args:
        text: The file.
        encoding: Its encoding, for messages.
    """

    def __init__(self, text: io.TextIOWrapper, encoding: str) -> None:
        self._source = _bounded_lines(text)
        self._returned = deque([next(self._source, "").removeprefix(_BYTE_ORDER_MARK)])
        self._encoding = encoding
        self._taken: list[str] = []
        self.problem: str = ""
        """Why the current row is invalid, although it can be split into cells."""

    def reader(self, delimiter: str) -> "Iterator[list[str]]":
        """Return a reader of rows from here on; after an error, another reader reads the next row."""
        return csv.reader(self._lines(), delimiter=delimiter, strict=True)

    def start_row(self) -> None:
        """Forget the lines of the last row."""
        self._taken.clear()
        self.problem = ""

    def read_line(self) -> str:
        """Return the next line; empty at the end."""
        return self._returned.popleft() if self._returned else next(self._source, "")

    def put_back(self, lines: Iterable[str]) -> None:
        """Let these lines come next."""
        self._returned.extendleft(reversed(list(lines)))

    def end_failed_row(self, delimiter: str, columns: int) -> str:
        """Return the text of a row that cannot be read; the next row starts behind it.

        A quote that is not closed would take the rest of the file for one cell. Therefore the row is its first line,
        and the next ones only if they seem to be the rest of its cell: one of them closes a quote, and they do not
        have as many cells as a row.
        """
        first, *others = self._taken
        self.put_back(others)
        is_open = bool(others) or first.count('"') % 2
        lines = [first, *(self._rest_of_cell(delimiter, columns) if is_open else ())]
        self.problem = next(filter(None, map(self._problem_of, lines)), "")
        return "".join(lines)

    def _rest_of_cell(self, delimiter: str, columns: int) -> list[str]:
        """Return the next lines up to one that closes a quote; none, and leave them, if they seem to be rows."""
        ahead: list[str] = []
        size, is_closed = 0, False
        while size < _MAX_LOOKED_AHEAD and not is_closed and (line := self.read_line()):
            ahead.append(line)
            size += len(line)
            if line.count('"') % 2:
                is_closed = _closing_quote(delimiter).search(line) is not None
                break
        are_rows = columns >= _MIN_COLUMNS_OF_A_ROW and all(_width(line, delimiter) == columns for line in ahead)
        if is_closed and not are_rows:
            return ahead
        self.put_back(ahead)
        return []

    def _lines(self) -> Iterator[str]:
        returned, taken = self._returned, self._taken
        while line := returned.popleft() if returned else next(self._source, ""):
            taken.append(line)
            if not line.isascii() or len(line) > MAX_LINE:
                self.problem = self.problem or self._problem_of(line)
            yield line

    def _problem_of(self, line: str) -> str:
        if len(line) > MAX_LINE:
            return f"the line has more than {MAX_LINE:,} characters"
        if not _BAD_BYTE.search(line):
            return ""
        other = "--encoding cp1252 may read it" if self._encoding == DEFAULT_ENCODING else "is --encoding right?"
        return f"the row is not {self._encoding}: {other}"


def _bounded_lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield the lines; of one that is too long, the start, so that it is longer than any other."""
    for line in iter(partial(text.readline, MAX_LINE), ""):
        if len(line) < MAX_LINE or line[-1] in "\r\n":
            yield line
            continue
        while (rest := text.readline(MAX_LINE)) and rest[-1] not in "\r\n":
            pass
        yield line + "\n"


def _closing_quote(delimiter: str) -> re.Pattern[str]:
    """Return a pattern of a quote that ends a cell, perhaps after doubled ones; one behind a delimiter starts it."""
    end = re.escape(delimiter)
    return re.compile(rf'(?:^|[^"{end}])(?:"")*"\s*(?:{end}|$)')


def _width(line: str, delimiter: str) -> int:
    rows: Any = csv.reader([line], delimiter=delimiter)
    return len(next(rows, ()))
