"""How records are cut into requests, and merged within a request."""

import json
from decimal import Decimal

import pytest

from aiotalonone.bulk import AudienceSync, InvalidRecord, ProfileSync
from aiotalonone.bulk.batches import build_batches
from aiotalonone.models import CustomerProfileAudienceRequestItem, MultipleCustomerProfileIntegrationRequestItem
from tests.bulk.recording_api import action, profile

PROFILES, MEMBERSHIPS = ProfileSync._kind, AudienceSync._kind


async def batches_of(records, kind=PROFILES, max_request_bytes=2**20):
    """Return the batches of a source."""
    return [batch async for batch in build_batches(records, kind, max_request_bytes)]


def decoded(batch):
    """Return the records of a batch, decoded."""
    return json.loads(b"[%b]" % b",".join(batch.content))


async def test_a_batch_has_at_most_1000_records():
    """Records are cut into batches of 1000, in the order of the source."""
    found = await batches_of([profile(f"c-{n}", n=n) for n in range(2500)])
    assert [(batch.first, batch.size) for batch in found] == [(0, 1000), (1000, 1000), (2000, 500)]
    assert [record for batch in found for record in decoded(batch)] == [profile(f"c-{n}", n=n) for n in range(2500)]


@pytest.mark.parametrize("max_request_bytes", [200, 1000, 4321, 100_000])
async def test_a_request_is_no_larger_than_its_limit(max_request_bytes):
    """No request is larger than max_request_bytes, brackets included, and no record is lost at the cuts."""
    records = [profile(f"c-{n}", name="x" * (n % 90)) for n in range(3000)]
    found = await batches_of(records, max_request_bytes=max_request_bytes)
    assert max(len(b'{"customerProfiles":[%b]}' % b",".join(batch.content)) for batch in found) <= max_request_bytes
    assert [record for batch in found for record in decoded(batch)] == records
    assert [batch.first for batch in found] == [sum(one.size for one in found[:n]) for n in range(len(found))]


async def test_an_oversized_record_is_sent_alone():
    """A record larger than the limit is a batch of its own, so that the API decides about it."""
    found = await batches_of(
        [profile("a", n=1), profile("b", name="x" * 5000), profile("c", n=2)], max_request_bytes=1000
    )
    assert [batch.entities for batch in found] == [{"a"}, {"b"}, {"c"}]


async def test_equal_sources_give_equal_batches():
    """The same records give batches with the same digests, whether the source is plain or async."""
    records = [profile(f"c-{n % 700}", name="x" * (n % 50)) for n in range(1500)]

    async def async_source():
        for record in records:
            yield record

    digests = [
        [batch.digest for batch in await batches_of(source, max_request_bytes=9000)]
        for source in (records, async_source())
    ]
    assert digests[0] == digests[1]
    assert len(set(digests[0])) > 5


async def test_records_of_one_customer_are_merged():
    """Merged records have the last value of each attribute, null included, as if they were sent one by one."""
    records = [profile("a", n=1, a=1), profile("b", n=2), profile("a", a=None, b=3), {"integrationId": "a"}]
    (batch,) = await batches_of(records)
    assert decoded(batch) == [profile("b", n=2), profile("a", n=1, a=None, b=3)]
    assert list(batch.positions) == [1, 3]
    assert batch.parts == {3: [(0, records[0]), (2, records[2]), (3, records[3])]}
    assert batch.size == 4


async def test_the_last_action_on_an_audience_wins():
    """Actions of one customer on one audience are merged to the last, and those on other audiences are kept."""
    records = [action("add", "a", 1), action("add", "a", 2), action("delete", "a", 1)]
    (batch,) = await batches_of(records, MEMBERSHIPS)
    assert decoded(batch) == [action("add", "a", 2), action("delete", "a", 1)]
    assert batch.entities == {"a"}


async def test_models_are_records():
    """A model is a record, alone or beside mappings."""
    item = MultipleCustomerProfileIntegrationRequestItem(integration_id="a", attributes={"n": Decimal("1.10")})
    (batch,) = await batches_of([item, profile("b", n=1), item])
    assert b'"n":1.10' in b",".join(batch.content)
    assert decoded(batch) == [profile("b", n=1), profile("a", n=1.1)]
    joining = CustomerProfileAudienceRequestItem(action="add", profile_integration_id="a", audience_id=1)
    (batch,) = await batches_of([joining], MEMBERSHIPS)
    assert decoded(batch) == [action("add", "a", 1)]


MISSPELT = "the record has the member attribute: is attributes meant? A newer member goes into the extra of a model"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"attributes": {}}, "integrationId must be a string of 1 to 1000 characters"),
        (profile("", n=1), "integrationId must be a string of 1 to 1000 characters"),
        (profile("x" * 1001), "integrationId must be a string of 1 to 1000 characters"),
        (profile(7), "integrationId must be a string of 1 to 1000 characters"),
        ({"integrationId": "a", "attributes": [1]}, "attributes must be an object"),
        (profile("a", n=float("nan")), "attributes.n is NaN or infinite"),
        (profile("a", n=object()), "attributes.n cannot be sent as JSON: object is not a JSON value"),
        ({"integrationId": "a", "attribute": {}}, MISSPELT),
        (
            profile("a") | {"integration_id": "a"},
            "the record has the member integration_id: its name in JSON is integrationId",
        ),
        ("a", "a record must be a model or a mapping in JSON names, not str"),
        (None, "a record must be a model or a mapping in JSON names, not NoneType"),
    ],
)
async def test_an_invalid_record_is_rejected_alone(record, reason):
    """A record that cannot be sent is rejected with its position and a reason without values; the others are sent."""
    records = [profile(f"c-{n}", n=n) for n in range(250)]
    records[123] = record
    (batch,) = await batches_of(records)
    ((reject,),) = [batch.invalid]
    assert (reject.position, reject.message, reject.status) == (123, reason, None)
    assert decoded(batch) == records[:123] + records[124:]
    assert list(batch.positions) == [n for n in range(250) if n != 123]
    assert batch.size == 250


async def test_a_source_can_mark_a_record_as_invalid():
    """An InvalidRecord of the source is rejected with the source's reason, at its position."""
    records = [
        profile("a", n=1),
        InvalidRecord({"integrationId": "b", "attributes": {"n": "7,5"}}, "n is not a number"),
    ]
    (batch,) = await batches_of([*records, profile("c", n=3)])
    ((reject,),) = [batch.invalid]
    assert (reject.position, reject.message, reject.record) == (1, "n is not a number", records[1])
    assert [record["integrationId"] for record in decoded(batch)] == ["a", "c"]


@pytest.mark.parametrize("source", ["text", {"a": 1}, 5, None])
async def test_a_source_must_be_records(source):
    """A source that is a string, a mapping or not iterable raises TypeError."""
    with pytest.raises(TypeError, match="records must be an iterable"):
        await batches_of(source)
