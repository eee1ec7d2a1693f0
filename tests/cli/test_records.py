import asyncio
import inspect
import threading
from contextlib import aclosing
from operator import length_hint
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from aiotalonone.bulk.source import chunked
from aiotalonone.cli.records import Records
from aiotalonone.cli.rows import open_rows

ROWS = [{"id": f"c-{n}"} for n in range(2345)]


@pytest.fixture(params=["csv", "parquet"])
def rows(request):
    path = Path(f"rows.{request.param}")
    if request.param == "csv":
        path.write_text("id\n" + "".join(f"{row['id']}\n" for row in ROWS))
    else:
        parquet.write_table(pa.Table.from_pylist(ROWS), path)
    return open_rows(path)


async def test_records_have_the_order_of_the_rows(rows):
    """The records have the order of the rows, and the length hint is their number."""
    records = Records(rows, dict)
    chunks = [chunk async for chunk in chunked(records, 100)]
    assert [record for chunk in chunks for record in chunk] == ROWS
    assert length_hint(records) == len(ROWS)


async def test_rows_are_decoded_in_a_thread(rows):
    """A file is decoded in a thread, so that reading it never blocks the event loop."""
    threads = set()

    def record(row):
        threads.add(threading.current_thread())
        return row

    async for _ in chunked(Records(rows, record), 100):
        await asyncio.sleep(0)
    assert len(threads) == 1
    assert threading.current_thread() not in threads


async def test_file_is_closed_after_an_early_stop(rows, recwarn, monkeypatch):
    """The file is closed if the iteration stops early, even while the thread reads it."""
    opened = []
    read = rows.read
    monkeypatch.setattr(rows, "read", lambda columns: opened.append(read(columns)) or opened[-1])
    async with aclosing(chunked(Records(rows, dict), 100)) as chunks:
        await anext(chunks)
    (generator,) = opened
    assert inspect.getgeneratorstate(generator) == inspect.GEN_CLOSED
    assert not recwarn.list
