"""``aiotalonone catalogs sync``: rows as items of a catalog."""

import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from tests.cli.conftest import lines
from tests.support.sandbox_server import serving

SYNC = ["catalogs", "sync"]
CATALOG = {
    "id": 7,
    "name": "Food",
    "items": [{"sku": "tea", "price": 4, "attributes": {"color": "green", "old": True}, "product": {"name": "Tea"}}],
}
OPTIONS = ["--id-column", "sku", "--catalog", 7]


@pytest.fixture
def source():
    path = Path("items.csv")
    path.write_text("sku,price,brand,color,size\ntea,4.50,Acme,black,\njam,,,red,3\n")
    return path


@pytest.fixture
def sandbox():
    return Sandbox({"catalogs": [CATALOG]})


def held(sandbox):
    """Return price, attributes and product of each item."""
    now, items = sandbox.now, sandbox.state.catalog_items.values()
    return {item.sku: (getattr(item.price_at(now), "price", None), item.attributes, item.product) for item in items}


def write(path, entries):
    """Write an NDJSON file."""
    Path(path).write_text("".join(json.dumps(entry) + "\n" for entry in entries))


async def test_rows_update_items_and_add_new_ones(program, source, sandbox):
    """An item gets what its row has, keeps other attributes and its price, and is added if it is new."""
    columns = ["--price-column", "price", "--product-column", "brand"]
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source, *OPTIONS, *columns, "--json", url=server.url)
    assert (done.code, done.report["accepted"], done.report["job"]) == (0, 2, "items.csv.catalog")
    assert held(sandbox) == {
        "tea": (Decimal("4.5"), {"color": "black", "old": True}, {"name": "Acme"}),
        "jam": (None, {"color": "red", "size": 3}, None),
    }


async def test_rows_may_replace_items(program, source, sandbox):
    """With --replace an item has the attributes of its row alone; without a price in the row it keeps its own."""
    async with serving(sandbox.app) as server:
        done = await program(
            *SYNC, source, *OPTIONS, "--replace", "--column", "price=", "--column", "brand=", url=server.url
        )
    assert done.code == 0
    assert held(sandbox) == {
        "tea": (4, {"color": "black"}, None),
        "jam": (None, {"color": "red", "size": 3}, None),
    }


async def test_rows_may_remove_items(program, source, sandbox):
    """With --remove the items of the file are removed, unknown ones without an error; other columns are ignored."""
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source, *OPTIONS, "--remove", url=server.url)
    assert (done.code, held(sandbox)) == (0, {})


def test_a_dry_run_shows_the_actions(command, source):
    """A dry run shows the first actions and sends nothing."""
    done = command(*SYNC, source, *OPTIONS, "--price-column", "price", "--dry-run", "--json")
    assert (done.code, done.report["outcome"]) == (0, "dry run")
    payload = {"sku": "tea", "price": 4.5, "attributes": {"brand": "Acme", "color": "black"}, "createIfNotExists": True}
    assert done.report["first"][0] == {"type": "PATCH", "payload": payload}
    assert "(SKU)" in done.err
    assert "(price)" in done.err


async def test_invalid_rows_are_rejected_with_every_reason(program, sandbox):
    """A row with an invalid SKU, price or attribute is rejected with all that is wrong, and the others are sent."""
    rows = [{"sku": "a", "price": 1, "n": 2, "name": "A"}, {"sku": None, "price": "dear", "n": 1, "name": ["x"]}]
    write("items.ndjson", rows)
    columns = ["--price-column", "price", "--product-column", "name", "--json"]
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, "items.ndjson", *OPTIONS, *columns, url=server.url)
    assert (done.code, held(sandbox)["a"]) == (3, (1, {"n": 2}, {"name": "A"}))
    [reject] = lines(done.report["rejects"])
    assert reject["position"] == 1
    assert reject["message"] == "sku is empty; price is not a number; name is not text"


async def test_rejects_are_sent_again(program, source):
    """Repaired rejects are sent again as the actions that they are."""
    sandbox = Sandbox(
        {"attributes": {"CartItem": {"color": "string", "size": "number"}}, "catalogs": [{"id": 7, "name": "f"}]}
    )
    async with serving(sandbox.app) as server:
        first = await program(*SYNC, source, *OPTIONS, "--json", url=server.url)
        assert (first.code, first.report["rejected"]) == (3, 1)
        rejects = lines(first.report["rejects"])
        for reject in rejects:
            for name in ("brand", "price"):
                reject["record"]["payload"]["attributes"].pop(name, None)
        write("fixed.ndjson", rejects)
        second = await program(*SYNC, "--retry-rejects", "fixed.ndjson", "--catalog", 7, "--json", url=server.url)
    assert (second.code, second.report["accepted"]) == (0, 1)
    assert held(sandbox)["tea"] == (None, {"color": "black"}, None)


def test_a_parquet_file_keeps_its_types(command):
    """Numbers of a Parquet file are numbers, and an exact price stays exact."""
    table = pa.table({"sku": ["a"], "price": pa.array([Decimal("0.10")], pa.decimal128(10, 2)), "n": [1]})
    parquet.write_table(table, "items.parquet")
    done = command(*SYNC, "items.parquet", *OPTIONS, "--price-column", "price", "--dry-run")
    assert '"price":0.10,"attributes":{"n":1}' in done.out


def test_the_embedded_sandbox_has_the_catalog(command, source):
    """With --sandbox the catalog of the command exists."""
    done = command(*SYNC, source, *OPTIONS, "--sandbox", "--json")
    assert (done.code, done.report["accepted"]) == (0, 2)


async def test_an_unknown_catalog_stops_the_job(program, source, sandbox):
    """A catalog that does not exist stops the job, and no row is rejected."""
    async with serving(sandbox.app) as server:
        done = await program(*SYNC, source, "--id-column", "sku", "--catalog", 9, "--json", url=server.url)
    assert (done.code, done.report["rejected"]) == (4, 0)
    assert "404" in done.err


def test_an_empty_file_is_no_error(command):
    """A file without rows is a job without records."""
    Path("empty.csv").write_text("sku,price\n")
    done = command(*SYNC, "empty.csv", *OPTIONS, "--price-column", "price", "--sandbox", "--json")
    assert (done.code, done.report["records"]) == (0, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["items.csv", *OPTIONS, "--replace", "--remove"], "give either --replace or --remove"),
        (["items.csv", *OPTIONS, "--remove", "--price-column", "price"], "--remove takes only the column of the SKUs"),
        (["items.csv", *OPTIONS, "--remove", "--column", "size="], "--remove takes only the column of the SKUs"),
        (["items.csv", *OPTIONS, "--price-column", "sku"], "is the column of the SKUs and nothing else"),
        (["items.csv", *OPTIONS, "--price-column", "cost"], "the file has no column cost"),
        (
            ["items.csv", *OPTIONS, "--price-column", "price", "--product-column", "price"],
            "--price-column and --product-column must be different columns",
        ),
        *(
            (
                [f"items.{kind}", *OPTIONS, "--price-column", "price", "--column", "price=:text"],
                "the column of the price",
            )
            for kind in ("csv", "ndjson")
        ),
        (["items.csv", "--catalog", 7], "--id-column is missing"),
        (["items.csv", *OPTIONS[:2]], "--catalog"),
        (["--retry-rejects", "a.ndjson", "--catalog", 7, "--replace"], "a rejects file has the type"),
    ],
)
@pytest.mark.usefixtures("source")
def test_options_that_do_not_fit_are_an_error(command, options, message):
    """Options that contradict each other, or name no column of the file, are an error, and nothing is sent."""
    write("items.ndjson", [{"sku": "tea", "price": 4}])
    done = command(*SYNC, *options)
    assert done.code == 2
    assert message in " ".join(done.err.split())


def test_a_row_that_cannot_be_read_is_invalid(command):
    """A row with another number of cells is invalid, and the others are read."""
    Path("items.csv").write_text("sku,price\na,1\nb,2,3\n")
    done = command(*SYNC, "items.csv", *OPTIONS, "--price-column", "price", "--dry-run", "--json")
    assert (done.report["records"], done.report["invalid"]) == (2, 1)


def test_an_empty_file_of_rows_has_no_columns(command):
    """NDJSON without a row is a job without records, whatever columns the options name."""
    Path("empty.ndjson").write_text("")
    done = command(*SYNC, "empty.ndjson", *OPTIONS, "--price-column", "price", "--dry-run", "--json")
    assert (done.code, done.report["records"]) == (0, 0)


async def test_a_stopped_job_is_resumed_for_its_catalog_alone(program, sandbox):
    """A job that was stopped is resumed with --resume, and not for another catalog."""
    write("many.ndjson", [{"sku": f"s-{n}", "price": n} for n in range(1500)])
    options = ["many.ndjson", "--id-column", "sku", "--price-column", "price", "--concurrency", 1, "--json"]
    sandbox.faults.add("syncCatalog", Fault.STATUS_307, calls=(2,))
    async with serving(sandbox.app) as server:
        stopped = await program(*SYNC, *options, "--catalog", 7, url=server.url)
        neither = await program(*SYNC, *options, "--catalog", 7, url=server.url)
        other = await program(*SYNC, *options, "--catalog", 8, "--resume", url=server.url)
        resumed = await program(*SYNC, *options, "--catalog", 7, "--resume", url=server.url)
    assert (stopped.code, neither.code, other.code, resumed.code) == (4, 2, 2, 0)
    assert "is not finished" in neither.err
    assert "(syncCatalog 7, " in other.err
    assert (resumed.report["resumed"], resumed.report["accepted"]) == (1000, 1500)
    assert len(held(sandbox)) == 1501
