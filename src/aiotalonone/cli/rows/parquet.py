"""Rows of Parquet, in small batches, however large the file is."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from aiotalonone.cli.exit_codes import MissingExtraError
from aiotalonone.cli.rows.base import FileColumn, Row, UnreadableFileError
from aiotalonone.cli.values import Type

try:
    import pyarrow as pa
    from pyarrow import types
    from pyarrow.parquet import ParquetFile
except ModuleNotFoundError:
    raise MissingExtraError("read Parquet", "parquet") from None

BATCH_SIZE: Final = 1000


class ParquetRows:
    """Rows whose columns have types.

    Raises:
        UnreadableFileError: The file is not Parquet, or has two columns with the same name.
    """

    first_row_number = 1
    is_batched = True

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as file:
            self._schema = file.schema_arrow
            self._count: int = file.metadata.num_rows
        if len(set(self._schema.names)) < len(self._schema.names):
            raise UnreadableFileError(f"{path} has two columns with the same name")

    def columns(self) -> Sequence[FileColumn]:
        """Return the columns of the schema."""
        return [FileColumn(column.name, _type_of(column.type), str(column.type)) for column in self._schema]

    def read(self) -> Generator[Row, None, None]:
        """Yield the rows in their order."""
        with self._open() as file:
            for batch in file.iter_batches(batch_size=BATCH_SIZE):
                for row in _in_microseconds(batch).to_pylist():
                    yield {name: value for name, value in row.items() if value is not None}

    def __length_hint__(self) -> int:
        return self._count

    @contextmanager
    def _open(self) -> Iterator[Any]:
        try:
            with ParquetFile(self._path) as file:
                yield file
        except (pa.ArrowException, OverflowError) as failure:
            raise UnreadableFileError(f"{self._path} cannot be read as Parquet: {failure}".splitlines()[0]) from None


def _type_of(kind: Any) -> Type | None:
    """Return the attribute's type, or ``None`` if an attribute cannot hold such values."""
    if types.is_dictionary(kind):
        return _type_of(kind.value_type)
    tests = {
        Type.TEXT: (types.is_string, types.is_large_string, types.is_string_view, types.is_null),
        Type.NUMBER: (types.is_integer, types.is_floating, types.is_decimal),
        Type.BOOLEAN: (types.is_boolean,),
        Type.TIME: (types.is_timestamp, types.is_date),
        Type.LIST: (types.is_list, types.is_large_list, types.is_fixed_size_list),
    }
    return next((found for found, matches in tests.items() if any(match(kind) for match in matches)), None)


def _in_microseconds(batch: Any) -> Any:
    """Return the batch with times in microseconds, as Python has them: nanoseconds are truncated."""
    for place, column in enumerate(batch.schema):
        if types.is_timestamp(column.type):
            kind = pa.timestamp("us", column.type.tz)
            batch = batch.set_column(place, pa.field(column.name, kind), batch.column(place).cast(kind, safe=False))
    return batch
