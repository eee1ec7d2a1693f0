"""How the rows of a source are cut into partitions."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyarrow", reason="needs the extra ray or spark")
pytest.importorskip("numpy", reason="needs the extra ray or spark")

import pyarrow as pa

from aiotalonone.bulk.cluster import partitions as module
from aiotalonone.bulk.cluster.partitions import Partitioner, bucket_of
from aiotalonone.bulk.cluster.rows import FlatRow
from aiotalonone.bulk.kinds import Profiles

IDS = st.one_of(st.none(), st.sampled_from([f"c-{n}" for n in range(20)]), st.text(max_size=3))


def cut(tables, buckets):
    """Return the partitions of tables."""
    source = Partitioner("id", buckets)
    found = [partition for table in tables for partition in source.add(table)]
    return source, [*found, *source.rest()]


def rows_of(partition):
    """Return the rows of a partition with their positions."""
    return list(zip(partition.positions, partition.records(dict), strict=True))


@st.composite
def sources(draw):
    """Draw rows, and two ways to have them in tables."""
    ids = draw(st.lists(IDS, max_size=200))
    rows = [{"id": one, "n": number} for number, one in enumerate(ids)]
    schema = pa.schema([("id", pa.string()), ("n", pa.int64())])
    table = pa.Table.from_pylist(rows, schema=schema)

    def pieces():
        ends = [0, *sorted(draw(st.lists(st.integers(0, len(rows)), max_size=8))), len(rows)]
        return [table.slice(start, end - start) for start, end in pairwise(ends)]

    return rows, pieces(), pieces()


@pytest.fixture(autouse=True, scope="module")
def _small_partitions():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROWS", 7)
        yield


@given(sources(), st.integers(1, 5))
def test_every_row_is_in_one_partition(source, buckets):
    """Each row is in one partition, of its customer's bucket, with its position in the source."""
    rows, tables, _ = source
    partitioner, partitions = cut(tables, buckets)
    found = [(position, row) for partition in partitions for position, row in rows_of(partition)]
    assert sorted(found, key=lambda pair: pair[0]) == list(enumerate(rows))
    assert partitioner.end == len(rows)
    assert all(bucket_of(row["id"], buckets) == one.bucket for one in partitions for _, row in rows_of(one))


@given(sources(), st.integers(1, 5))
def test_the_sizes_of_tables_do_not_matter(source, buckets):
    """A job that is resumed finds the same partitions, however the source comes in tables this time."""
    _, tables, others = source
    first = {partition.name: rows_of(partition) for partition in cut(tables, buckets)[1]}
    again = {partition.name: rows_of(partition) for partition in cut(others, buckets)[1]}
    assert first == again


@given(sources(), st.integers(1, 5))
def test_the_rows_of_a_customer_keep_their_order(source, buckets):
    """In the order of a bucket's partitions, the rows of each customer are as in the source."""
    rows, tables, _ = source
    by_customer = defaultdict(list)
    for partition in sorted(cut(tables, buckets)[1], key=lambda one: (one.bucket, one.number)):
        for _, row in rows_of(partition):
            by_customer[row["id"]].append(row["n"])
    expected = defaultdict(list)
    for row in rows:
        expected[row["id"]].append(row["n"])
    assert by_customer == expected


@given(sources(), st.integers(1, 5))
def test_partitions_are_full_but_for_the_last_of_a_bucket(source, buckets):
    """A bucket's partitions are numbered from 0, and no more rows than one takes wait in memory."""
    by_bucket = defaultdict(list)
    for partition in cut(source[1], buckets)[1]:
        by_bucket[partition.bucket].append(partition)
    for partitions in by_bucket.values():
        assert [one.number for one in partitions] == list(range(len(partitions)))
        assert [len(one.positions) for one in partitions[:-1]] == [7] * (len(partitions) - 1)
        assert 1 <= len(partitions[-1].positions) <= 7


def test_an_empty_table_needs_no_columns():
    """What an empty dataset yields is valid."""
    assert cut([pa.table({}), pa.table({"id": []})], 3)[1] == []


def test_a_source_without_the_id_column_is_an_error():
    """The error names the columns that are there."""
    with pytest.raises(ValueError, match=r"the dataset has no column 'id': it has customer, name"):
        cut([pa.table({"customer": ["c-1"], "name": ["Ada"]})], 3)


def test_values_keep_their_types_if_tables_differ():
    """A whole number is not made a fraction, and a column that later tables lack is valid."""
    tables = [pa.table({"id": ["c"], "n": [1]}), pa.table({"id": ["c"], "n": [2.5]}), pa.table({"id": ["c"]})]
    [partition] = cut([*tables, pa.table({"id": ["c"], "n": ["three"]})], 1)[1]
    records = partition.records(FlatRow("id"))
    assert [record["attributes"].get("n") for record in records] == [1, 2.5, None, "three"]
    assert type(records[0]["attributes"]["n"]) is int
    assert partition.positions == [0, 1, 2, 3]


def test_a_number_is_in_the_bucket_of_its_text():
    """A customer whose ID is a number in one place and a text in another has one bucket."""
    assert bucket_of(1234, 64) == bucket_of("1234", 64)


def test_the_bucket_of_an_id_never_changes():
    """A job that another version resumes divides its customers as before."""
    assert [bucket_of(one, 64) for one in ("c-1", "c-2", "Zoë", None, "\ud800")] == [62, 4, 42, 49, 48]


def test_a_row_becomes_a_record():
    """Numbers are IDs, null is left out, and values that JSON lacks are left to the job, which rejects them."""
    when = datetime(2026, 7, 1, 12, tzinfo=UTC)
    row = {"id": 7, "Name": "Ada", "Gone": None, "Tags": ["a"], "Where": {"city": "Paris"}, "When": when}
    assert FlatRow("id")(row) == {
        "integrationId": "7",
        "attributes": {"Name": "Ada", "Tags": ["a"], "Where": {"city": "Paris"}, "When": when},
    }


@pytest.mark.parametrize("found", [None, True, 7.0, "", Decimal(7), date(2026, 7, 1), "x" * 1001])
def test_what_is_no_id_is_left_for_the_job_to_reject(found):
    """A record with such an ID is not sent."""
    with pytest.raises(ValueError, match="integrationId must be a string"):
        Profiles().entities([FlatRow("id")({"id": found})])
