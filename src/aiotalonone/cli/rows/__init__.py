"""Rows of a file in their order, each a mapping of column names to values.

A missing value is left out: an empty cell of CSV, a null of Parquet. In NDJSON, a null stays a null.
"""

from pathlib import Path

from aiotalonone.cli.rows.base import INFERRED, File, FileColumn, InvalidRow, Row, Rows, UnreadableFileError
from aiotalonone.cli.rows.csv import CsvRows
from aiotalonone.cli.rows.ndjson import NdjsonRows

__all__ = ["INFERRED", "FileColumn", "InvalidRow", "Row", "Rows", "UnreadableFileError", "open_rows"]


def open_rows(path: Path) -> Rows:
    """Return the rows of a file, in the format of its name.

    Raises:
        UnreadableFileError: The name has another format, or the content is not of that format.
        MissingExtraError: The file is Parquet, and pyarrow is not installed.
        OSError: The file cannot be opened.
    """
    match [suffix.lower() for suffix in path.suffixes]:
        case [*_, ".csv"] | [*_, ".csv", ".gz"]:
            return CsvRows(File(path))
        case [*_, ".ndjson" | ".jsonl"] | [*_, ".ndjson" | ".jsonl", ".gz"]:
            return NdjsonRows(File(path))
        case [*_, ".parquet"]:
            from aiotalonone.cli.rows.parquet import ParquetRows  # noqa: PLC0415 - pyarrow is slow to import

            return ParquetRows(path)
    raise UnreadableFileError(f"{path} is not a .csv, .ndjson or .jsonl file (each also as .gz), or a .parquet file")
