"""Catalog jobs: actions of one type in a request, and what two actions on one item come to."""

import random
from decimal import Decimal

import pytest

from aiotalonone.bulk import CatalogSync, CheckpointError, InvalidRecord, JobStoppedError
from aiotalonone.models import AddItemCatalogAction, CatalogAction, PatchItemCatalogAction, Product
from aiotalonone.sandbox.faults import Fault
from tests.bulk.recording_api import FAST_RETRY, RecordingApi, make_client, read_rejects


def patch(sku, **members):
    """Return a record that sets members of an item."""
    return {"type": "PATCH", "payload": {"sku": sku, "createIfNotExists": True, **members}}


def replace(sku, **members):
    """Return a record that replaces an item."""
    return {"type": "ADD", "payload": {"sku": sku, "replaceIfExists": True, **members}}


def remove(sku):
    """Return a record that removes an item."""
    return {"type": "REMOVE", "payload": {"sku": sku}}


def adjust(sku, reference, price):
    """Return a record that adds a price adjustment to an item."""
    adjustment = {"priceType": "member", "referenceId": reference, "price": price}
    return {"type": "ADD_PRICE_ADJUSTMENT", "payload": {"sku": sku, "adjustments": [adjustment]}}


async def run(api, records, folder, *, catalog_id=7, **options):
    """Run a catalog job and return its report."""
    files = {"rejects": folder / "rejects.ndjson", "checkpoint": folder / "nightly.sqlite"}
    async with make_client(api) as client:
        job = CatalogSync(client, catalog_id=catalog_id, job="nightly", retry=FAST_RETRY, **files, **options)
        return await job.run(records)


def held(api):
    """Return price, attributes and product of each item in the sandbox."""
    now, items = api.sandbox.now, api.sandbox.state.catalog_items.values()
    return {item.sku: (getattr(item.price_at(now), "price", None), item.attributes, item.product) for item in items}


async def test_every_item_is_sent(tmp_path):
    """A job sends all items, at most 1000 in a request, without idempotency keys."""
    api = RecordingApi()
    report = await run(api, [patch(f"sku-{n}", price=n, attributes={"n": n}) for n in range(2500)], tmp_path)
    assert (report.accepted, report.rejected, report.finished) == (2500, 0, True)
    assert held(api) == {f"sku-{n}": (n, {"n": n}, None) for n in range(2500)}
    assert sorted(map(len, api.requests)) == [500, 1000, 1000]
    assert set(api.keys) == {None}


async def test_records_may_be_models(tmp_path):
    """Actions that are models are sent as mappings are, a Decimal digit by digit."""
    payload = PatchItemCatalogAction(sku="tea", price=Decimal("1.10"), create_if_not_exists=True)
    whole = AddItemCatalogAction(sku="jam", product=Product(name="Jam"), replace_if_exists=True)
    api = RecordingApi()
    actions = [CatalogAction(type="PATCH", payload=payload), CatalogAction(type="ADD", payload=whole)]
    assert (await run(api, actions, tmp_path)).accepted == 2
    assert held(api) == {"tea": (Decimal("1.1"), {}, None), "jam": (None, {}, {"name": "Jam"})}


async def test_a_request_has_one_type_of_action(tmp_path):
    """Actions of different types go in different requests, those on one item in the order of the source."""
    api = RecordingApi()
    records = [patch(f"sku-{n}", price=n) for n in range(250)]
    records += [remove(f"sku-{n}") for n in range(0, 250, 2)]
    records += [replace("sku-0", price=7), adjust("sku-1", "r-1", Decimal("0.5"))]
    assert (await run(api, records, tmp_path)).accepted == len(records)
    assert {len({record["type"] for record in records}) for records in api.requests} == {1}
    assert len(held(api)) == 126
    assert (held(api)["sku-0"], held(api)["sku-1"]) == ((7, {}, None), (Decimal("0.5"), {}, None))


def random_record(dice, n):
    """Return an action on one of a few items."""
    sku = dice.choice("abc")
    members = dice.choice([{"price": n}, {"attributes": {dice.choice(["n", "name"]): None}}, {"attributes": {"n": n}}])
    if dice.random() < 0.3:
        members |= {"product": {"name": f"Product {n}"}}
    makers = [patch, patch, replace, lambda sku, **_: remove(sku), lambda sku, **_: adjust(sku, f"r-{n % 4}", n)]
    record = dice.choice(makers)(sku, **members)
    if dice.random() < 0.2:
        record["payload"].pop("createIfNotExists", None)
    return record


@pytest.mark.parametrize("seed", range(12))
async def test_merged_actions_come_to_the_same_as_single_ones(tmp_path, seed):
    """Whatever actions follow each other, the catalog and the rejects are those of one request for each action."""
    dice = random.Random(seed)
    records = [random_record(dice, n) for n in range(60)]
    together, alone = RecordingApi(), RecordingApi()
    (tmp_path / "alone").mkdir()
    report = await run(together, records, tmp_path)
    one_by_one = await run(alone, records, tmp_path / "alone", max_request_bytes=30, concurrency=1)
    assert held(together) == held(alone)
    assert (report.accepted, report.rejected) == (one_by_one.accepted, one_by_one.rejected)
    assert len(together.requests) < len(alone.requests)


@pytest.mark.parametrize("points_at_records", [True, False])
async def test_rejected_actions_are_found(tmp_path, points_at_records):
    """An action that the API rejects has a line with its position, whether or not the API points at it."""
    records = [patch(f"sku-{n}", attributes={"shoeSize" if n % 90 == 8 else "n": n}) for n in range(300)]
    records[33]["payload"].pop("createIfNotExists")
    api = RecordingApi(points_at_records=points_at_records)
    report = await run(api, records, tmp_path)
    rejects = {reject["position"]: reject for reject in read_rejects(tmp_path / "rejects.ndjson")}
    assert (report.rejected, rejects.keys()) == (5, {8, 33, 98, 188, 278})
    assert rejects[8]["record"] == records[8]
    if points_at_records:
        assert rejects[8]["pointer"] == "/payload/attributes/shoeSize"
    assert len(held(api)) == 295


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (patch(""), "sku must be a string that is not empty"),
        (patch(7), "sku must be a string that is not empty"),
        ({"type": "PATCH"}, "payload is missing"),
        ({"type": "PATCH", "payload": 7}, "a record must be a model or a mapping in JSON names, not int"),
        ({"payload": {}}, "type must be one of PATCH, ADD, REMOVE, ADD_PRICE_ADJUSTMENT"),
        ({"type": "REMOVE_MANY", "payload": {}}, "type must be one of PATCH, ADD, REMOVE, ADD_PRICE_ADJUSTMENT"),
        ({"type": ["PATCH"], "payload": {}}, "type must be one of PATCH, ADD, REMOVE, ADD_PRICE_ADJUSTMENT"),
        (
            {"type": "ADD", "payload": {"sku": "a"}},
            "an ADD needs replaceIfExists: it is sent again if its response is lost",
        ),
        (patch("a", price="1"), "payload.price must be a number, not str"),
        (patch("a", create_if_not_exists=True), "payload has the member create_if_not_exists"),
        (InvalidRecord({"type": "PATCH"}, "no such product"), "no such product"),
        (7, "a record must be a model or a mapping in JSON names, not int"),
    ],
)
async def test_a_record_that_cannot_be_sent_is_rejected_unsent(tmp_path, record, message):
    """A record that is not an action, or might act twice if it is sent again, is rejected with the reason, unsent."""
    api = RecordingApi()
    report = await run(api, [patch("before"), record, patch("after")], tmp_path)
    assert (report.accepted, report.rejected) == (2, 1)
    [reject] = read_rejects(tmp_path / "rejects.ndjson")
    assert (reject["position"], reject["status"]) == (1, None)
    assert reject["message"].startswith(message)
    assert held(api).keys() == {"before", "after"}


@pytest.mark.parametrize("fault", [Fault.STATUS_429, Fault.STATUS_503, Fault.DROP_AFTER_COMMIT, Fault.RESET])
async def test_a_request_whose_response_is_lost_is_sent_again(tmp_path, fault):
    """A failed request is retried: a second one leads to the same catalog."""
    api = RecordingApi()
    api.sandbox.faults.add("syncCatalog", fault, every=2, seconds=0)
    records = [replace(f"sku-{n}", price=n) for n in range(3000)] + [remove(f"sku-{n}") for n in range(1500)]
    report = await run(api, records, tmp_path, concurrency=2)
    assert (report.accepted, report.rejected) == (4500, 0)
    assert held(api) == {f"sku-{n}": (n, {}, None) for n in range(1500, 3000)}


async def test_an_unknown_catalog_stops_the_job(tmp_path):
    """An unknown catalog is not the fault of a record: the job stops, and rejects nothing."""
    with pytest.raises(JobStoppedError, match="404 Catalog not found") as caught:
        await run(RecordingApi(), [patch("a")], tmp_path, catalog_id=9)
    assert (caught.value.report.rejected, caught.value.report.not_attempted) == (0, 1)


async def test_an_unfinished_job_is_not_resumed_for_another_catalog(tmp_path):
    """A checkpoint belongs to its catalog: what one has stored, another one has not."""
    with pytest.raises(JobStoppedError):
        await run(RecordingApi(), [patch("a")], tmp_path, catalog_id=9)
    with pytest.raises(CheckpointError):
        await run(RecordingApi(), [patch("a")], tmp_path, catalog_id=7)
    with pytest.raises(JobStoppedError):
        await run(RecordingApi(), [patch("a")], tmp_path, catalog_id=9)


@pytest.mark.parametrize(("catalog_id", "error"), [(0, ValueError), ("7", TypeError), (True, TypeError)])
async def test_a_catalog_has_an_integer_for_its_id(tmp_path, catalog_id, error):
    """The catalog's ID is an integer of 1 or more."""
    with pytest.raises(error, match="catalog_id"):
        await run(RecordingApi(), [], tmp_path, catalog_id=catalog_id)
