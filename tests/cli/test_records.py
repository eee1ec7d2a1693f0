import asyncio
import threading
from operator import length_hint
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from aiotalonone.bulk.source import chunked
from aiotalonone.cli.records import AwaitedRecords, PlainRecords, records_of
from aiotalonone.cli.rows import rows_of

ROWS = [{"id": f"c-{n}"} for n in range(2345)]


@pytest.fixture(params=["csv", "parquet"])
def rows(request):
    path = Path(f"rows.{request.param}")
    if request.param == "csv":
        path.write_text("id\n" + "".join(f"{row['id']}\n" for row in ROWS))
    else:
        parquet.write_table(pa.Table.from_pylist(ROWS), path)
    return rows_of(path)


async def test_all_rows_come_in_their_order(rows):
    """As records, and as many as it said."""
    with records_of(rows, dict) as records:
        portions = [portion async for portion in chunked(records, 100)]
        assert [record for portion in portions for record in portion] == ROWS
        assert length_hint(records) == len(ROWS)


async def test_parquet_is_decoded_in_a_thread(rows):
    """Text is not: it takes less than the way to a thread."""
    threads = set()

    def note(row):
        threads.add(threading.current_thread())
        return row

    with records_of(rows, note) as records:
        async for _ in chunked(records, 100):
            await asyncio.sleep(0)
    is_here = threads == {threading.current_thread()}
    assert is_here == isinstance(records, PlainRecords) == (not isinstance(records, AwaitedRecords))


async def test_the_file_is_closed_where_somebody_stops_early(rows, recwarn):
    """While its thread is at work, too."""
    with records_of(rows, dict) as records:
        async for _ in chunked(records, 100):
            break
    with pytest.raises(StopIteration):
        next(records._open)
    assert not recwarn.list
