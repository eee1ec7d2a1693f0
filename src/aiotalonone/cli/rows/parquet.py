"""Rows of Parquet, in small batches, however large the file is."""

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import repeat
from typing import Any, Final

from aiotalonone.cli.exit_codes import MissingExtraError
from aiotalonone.cli.rows.base import File, FileColumn, Row, Rows, UnreadableFileError, repeated_name
from aiotalonone.cli.values import MAX_EXACT_SINGLE, SinglePrecision, Type, Unreadable

try:
    import pyarrow as pa
    from pyarrow import types
    from pyarrow.parquet import ParquetFile
except ModuleNotFoundError:
    raise MissingExtraError("read Parquet", "parquet") from None

BATCH_SIZE: Final = 1000

_MAX_SHOWN: Final = 60
"""Characters of a type's name: that of a struct has all of its members."""
_EXTENSIONS: Final = {"arrow.uuid": Type.TEXT, "arrow.bool8": Type.BOOLEAN}
"""Types of extensions that are not those of their storage."""
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
        with self._open("us") as parquet, self._open("s") as in_seconds:
            self._schema = parquet.schema_arrow
            self._count: int = parquet.metadata.num_rows
            coarse = in_seconds.schema_arrow
        if (name := repeated_name(self._schema.names)) is not None:
            raise UnreadableFileError(f"{file.name} has two columns with the same name, {name}")
        self._int96 = {fine.name for fine, other in zip(self._schema, coarse, strict=True) if fine.type != other.type}

    def columns(self) -> Sequence[FileColumn]:
        """Return the columns of the schema."""
        return [FileColumn(column.name, _type_of(column.type), _shown(column.type)) for column in self._schema]

    def read(self, columns: Collection[str] | None = None) -> Generator[Row, None, None]:
        """Yield the rows in their order; columns that are not needed are not decoded."""
        names = [name for name in self._schema.names if columns is None or name in columns]
        int96 = [name for name in names if name in self._int96]
        with ExitStack() as files:
            batches = files.enter_context(self._open("us")).iter_batches(batch_size=BATCH_SIZE, columns=names)
            in_seconds: Iterator[Any] = repeat(None)
            if int96:
                in_seconds = files.enter_context(self._open("s")).iter_batches(batch_size=BATCH_SIZE, columns=int96)
            for batch, seconds in zip(batches, in_seconds, strict=False):
                values = {name: _values(batch.column(name)) for name in names}
                for name in int96:
                    values[name] = _within_the_calendar(values[name], _values(seconds.column(name)))
                for row in zip(*values.values(), strict=True):
                    yield {name: value for name, value in zip(names, row, strict=True) if value is not None}

    def __length_hint__(self) -> int:
        return self._count

    @contextmanager
    def _open(self, int96_unit: str) -> Iterator[Any]:
        """Open the file, with INT96 in microseconds, or in seconds, which alone hold all of its years."""
        copy = None if self._file.copy is None else self._file.open_raw()
        try:
            with ParquetFile(copy or self._file.path, coerce_int96_timestamp_unit=int96_unit) as file:
                yield file
        except (pa.ArrowException, OSError) as failure:
            if isinstance(failure, OSError) and failure.errno is not None:  # its disk, rather than its content
                raise
            raise UnreadableFileError(
                f"{self._file.name} cannot be read as Parquet: {failure}".splitlines()[0]
            ) from None
        finally:
            if copy is not None:
                copy.close()


def _shown(kind: Any) -> str:
    name = str(kind)
    return name if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]}…"


def _type_of(kind: Any) -> Type | None:
    """Return the attribute's type, or ``None`` if an attribute cannot hold such values."""
    if types.is_dictionary(kind):
        return _type_of(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return _EXTENSIONS.get(kind.extension_name) or _type_of(kind.storage_type)
    tests = {
        Type.TEXT: (types.is_string, types.is_large_string, types.is_string_view, types.is_null),
        Type.NUMBER: (types.is_integer, types.is_floating, types.is_decimal),
        Type.BOOLEAN: (types.is_boolean,),
        Type.TIME: (types.is_timestamp, types.is_date),
        Type.LIST: (
            types.is_list,
            types.is_large_list,
            types.is_fixed_size_list,
            types.is_list_view,
            types.is_large_list_view,
        ),
    }
    return next((found for found, matches in tests.items() if any(match(kind) for match in matches)), None)


def _values(column: Any) -> list[Any]:
    """Return the values of a column; one that Python cannot hold is `Unreadable`."""
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    given = column.type
    for change in (_single_as_text, _in_python):
        kind = _with_leaves(given, change)
        if kind != column.type:
            column = column.cast(kind, safe=False)  # nanoseconds are truncated
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, ArithmeticError, pa.ArrowException):
        return [_value(scalar) for scalar in column]
    return list(map(_single, values)) if types.is_float32(given) else values


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, ArithmeticError, pa.ArrowException):
        return _BAD_TIME if types.is_temporal(scalar.type) else _BAD_VALUE


def _single(value: float | None) -> float | None:
    if value is None or -MAX_EXACT_SINGLE <= value <= MAX_EXACT_SINGLE:
        return value
    return SinglePrecision(value)


def _within_the_calendar(values: list[Any], seconds: list[Any]) -> list[Any]:
    """Return the values, except those whose seconds Python cannot hold: their microseconds have wrapped round."""
    return [second if isinstance(second, Unreadable) else value for value, second in zip(values, seconds, strict=True)]


def _with_leaves(kind: Any, change: Callable[[Any], Any]) -> Any:
    """Return a type in which the types inside of lists and structs, or the type itself, are changed."""
    if types.is_struct(kind):
        return pa.struct([_field_with_leaves(kind.field(place), change) for place in range(kind.num_fields)])
    if types.is_fixed_size_list(kind):
        return pa.list_(_field_with_leaves(kind.value_field, change), kind.list_size)
    make = pa.list_ if types.is_list(kind) else pa.large_list if types.is_large_list(kind) else None
    return change(kind) if make is None else make(_field_with_leaves(kind.value_field, change))


def _field_with_leaves(member: Any, change: Callable[[Any], Any]) -> Any:
    return member.with_type(_with_leaves(member.type, change))


def _single_as_text(kind: Any) -> Any:
    """Return text for numbers of single precision: its digits are the fewest that mean the number, such as 0.1."""
    return pa.string() if types.is_float32(kind) else kind


def _in_python(kind: Any) -> Any:
    """Return a type as Python has it: times in microseconds at best, and in UTC if they have a zone.

    In UTC, since a time at an end of the calendar may be outside of it in another zone.
    """
    if types.is_float32(kind):
        return pa.float64()
    if types.is_timestamp(kind):
        return pa.timestamp("us" if kind.unit == "ns" else kind.unit, kind.tz and "UTC")
    return pa.time64("us") if types.is_time64(kind) else kind
