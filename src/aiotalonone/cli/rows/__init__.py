"""The rows of a file in its order: each a mapping from the names of its columns to their values.

A value that is not there is left out: an empty cell of CSV, a null of Parquet. NDJSON alone has both, and its null
stays one.
"""

from pathlib import Path

from aiotalonone.cli.rows.csv import CsvRows
from aiotalonone.cli.rows.file import File
from aiotalonone.cli.rows.ndjson import NdjsonRows
from aiotalonone.cli.rows.row import INFERRED, BrokenRow, FileColumn, Row, Rows, UnreadableFileError

__all__ = ["INFERRED", "BrokenRow", "FileColumn", "Row", "Rows", "UnreadableFileError", "rows_of"]


def rows_of(path: Path) -> Rows:
    """The rows of a file, by the format that its name tells.

    Raises:
        UnreadableFileError: It is none of the formats, or not what its name tells.
        MissingExtraError: It is Parquet, and nothing is installed that reads it.
        OSError: It cannot be opened.
    """
    match [suffix.lower() for suffix in path.suffixes]:
        case [*_, ".csv"] | [*_, ".csv", ".gz"]:
            return CsvRows(File(path))
        case [*_, ".ndjson" | ".jsonl"] | [*_, ".ndjson" | ".jsonl", ".gz"]:
            return NdjsonRows(File(path))
        case [*_, ".parquet"]:
            from aiotalonone.cli.rows.parquet import ParquetRows  # noqa: PLC0415 - pyarrow takes long to load

            return ParquetRows(path)
    raise UnreadableFileError(f"{path} is none of .csv, .ndjson, .jsonl (each of them also as .gz) and .parquet")
