"""Rows of Parquet, in small batches, however large the file is."""

from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from aiotalonone.cli.exit_codes import MissingExtraError
from aiotalonone.cli.rows.base import File, FileColumn, Row, Rows, UnreadableFileError
from aiotalonone.cli.values import Type, Unreadable

try:
    import pyarrow as pa
    from pyarrow import types
    from pyarrow.parquet import ParquetFile
except ModuleNotFoundError:
    raise MissingExtraError("read Parquet", "parquet") from None

BATCH_SIZE: Final = 1000

_UUID: Final = "arrow.uuid"
_BAD_TIME: Final = Unreadable("is a time that is not in the years 1 to 9999")
_BAD_VALUE: Final = Unreadable("holds a value that cannot be read")


class ParquetRows(Rows):
    """Rows whose columns have types.

    Raises:
        UnreadableFileError: The file is not Parquet, or has two columns with the same name.
    """

    is_counted = True

    def __init__(self, file: File) -> None:
        self._file = file
        with self._open() as parquet:
            self._schema = parquet.schema_arrow
            self._count: int = parquet.metadata.num_rows
        names: list[str] = self._schema.names
        for name in names:
            if names.count(name) > 1:
                raise UnreadableFileError(f"{file.name} has two columns with the same name, {name}")

    def columns(self) -> Sequence[FileColumn]:
        """Return the columns of the schema."""
        return [FileColumn(column.name, _type_of(column.type), str(column.type)) for column in self._schema]

    def read(self, columns: Collection[str] | None = None) -> Generator[Row, None, None]:
        """Yield the rows in their order; columns that are not needed are not decoded."""
        names = [name for name in self._schema.names if columns is None or name in columns]
        with self._open() as file:
            for batch in file.iter_batches(batch_size=BATCH_SIZE, columns=names):
                values = [_values(batch.column(name)) for name in names]
                for row in zip(*values, strict=True):
                    yield {name: value for name, value in zip(names, row, strict=True) if value is not None}

    def __length_hint__(self) -> int:
        return self._count

    @contextmanager
    def _open(self) -> Iterator[Any]:
        copy = None if self._file.copy is None else self._file.open_raw()
        try:
            # INT96 in microseconds: in nanoseconds, which are the default, years after 2262 wrap round
            with ParquetFile(copy or self._file.path, coerce_int96_timestamp_unit="us") as file:
                yield file
        except pa.ArrowException as failure:
            raise UnreadableFileError(
                f"{self._file.name} cannot be read as Parquet: {failure}".splitlines()[0]
            ) from None
        finally:
            if copy is not None:
                copy.close()


def _type_of(kind: Any) -> Type | None:
    """Return the attribute's type, or ``None`` if an attribute cannot hold such values."""
    if types.is_dictionary(kind):
        return _type_of(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return Type.TEXT if kind.extension_name == _UUID else _type_of(kind.storage_type)
    tests = {
        Type.TEXT: (types.is_string, types.is_large_string, types.is_string_view, types.is_null),
        Type.NUMBER: (types.is_integer, types.is_floating, types.is_decimal),
        Type.BOOLEAN: (types.is_boolean,),
        Type.TIME: (types.is_timestamp, types.is_date),
        Type.LIST: (types.is_list, types.is_large_list, types.is_fixed_size_list),
    }
    return next((found for found, matches in tests.items() if any(match(kind) for match in matches)), None)


def _values(column: Any) -> list[Any]:
    """Return the values of a column; one that Python cannot hold is `Unreadable`."""
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = _in_python(column.type)
    if kind != column.type:
        column = column.cast(kind, safe=False)  # nanoseconds are truncated
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, ArithmeticError, pa.ArrowException):
        return [_value(scalar) for scalar in column]
    return values


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, ArithmeticError, pa.ArrowException):
        return _BAD_TIME if types.is_temporal(scalar.type) else _BAD_VALUE


def _in_python(kind: Any) -> Any:
    """Return a type with its times as Python has them: in microseconds at best, and in UTC if they have a zone.

    In UTC, since a time at an end of the calendar may be outside of it in another zone.
    """
    if types.is_timestamp(kind):
        return pa.timestamp("us" if kind.unit == "ns" else kind.unit, kind.tz and "UTC")
    if types.is_time64(kind):
        return pa.time64("us")
    if types.is_struct(kind):
        return pa.struct([_field_in_python(kind.field(place)) for place in range(kind.num_fields)])
    if types.is_fixed_size_list(kind):
        return pa.list_(_field_in_python(kind.value_field), kind.list_size)
    make = pa.list_ if types.is_list(kind) else pa.large_list if types.is_large_list(kind) else None
    return kind if make is None else make(_field_in_python(kind.value_field))


def _field_in_python(member: Any) -> Any:
    return member.with_type(_in_python(member.type))
