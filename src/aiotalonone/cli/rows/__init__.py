"""Rows of a file in their order, each a mapping of column names to values.

A missing value is left out: an empty cell of CSV, a null of Parquet. In NDJSON, a null stays a null.
"""

from enum import StrEnum
from pathlib import Path

from aiotalonone.cli.exit_codes import CommandError
from aiotalonone.cli.rows.base import INFERRED, STDIN, File, FileColumn, InvalidRow, Row, Rows, UnreadableFileError
from aiotalonone.cli.rows.csv import CsvRows
from aiotalonone.cli.rows.ndjson import NdjsonRows, RejectedRows

__all__ = [
    "INFERRED",
    "FileColumn",
    "Format",
    "InvalidRow",
    "RejectedRows",
    "Row",
    "Rows",
    "UnreadableFileError",
    "open_rows",
]


class Format(StrEnum):
    """The formats of files."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


def open_rows(
    path: Path, file_format: Format | None = None, *, delimiter: str | None = None, encoding: str | None = None
) -> Rows:
    """Return the rows of a file.

    Args:
        path: Its path, or ``-`` for standard input.
        file_format: ``None`` for that of its name.
        delimiter: Of a CSV file, a character; ``None`` for a comma.
        encoding: Of a CSV file; ``None`` for UTF-8.

    Raises:
        CommandError: Nothing says which format it is, or the options are not of this format.
        UnreadableFileError: The content is not of the format.
        MissingExtraError: The file is Parquet, and pyarrow is not installed.
        OSError: The file cannot be opened.
    """
    found = file_format or _format_of(path)
    if found is Format.CSV:
        return CsvRows(File(path), delimiter, encoding)
    if delimiter is not None or encoding is not None:
        raise CommandError(f"--delimiter and --encoding are for CSV, and {path} is {found}")
    if found is Format.NDJSON:
        return NdjsonRows(File(path))
    from aiotalonone.cli.rows.parquet import ParquetRows  # noqa: PLC0415 - pyarrow is slow to import

    return ParquetRows(File(path))


def _format_of(path: Path) -> Format:
    """Return the format that the name of a file has.

    Raises:
        CommandError: The name does not say it.
    """
    if path == STDIN:
        raise CommandError("standard input needs --format csv, ndjson or parquet")
    match [suffix.lower() for suffix in path.suffixes]:
        case [*_, ".csv"] | [*_, ".csv", ".gz"]:
            return Format.CSV
        case [*_, ".ndjson" | ".jsonl"] | [*_, ".ndjson" | ".jsonl", ".gz"]:
            return Format.NDJSON
        case [*_, ".parquet"]:
            return Format.PARQUET
    raise CommandError(
        f"{path} is not a .csv, .ndjson or .jsonl file (each also as .gz), or a .parquet file: --format says what it is"
    )
