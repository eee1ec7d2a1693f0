"""How records are cut into requests, and merged in them."""

import json
from decimal import Decimal

import pytest

from aiotalonone.bulk import UnfitRecord, audiences, batches, profiles
from aiotalonone.models import CustomerProfileAudienceRequestItem, MultipleCustomerProfileIntegrationRequestItem
from tests.bulk.api import action, profile

PROFILES, MEMBERSHIPS = profiles.ProfileSync._subject, audiences.AudienceSync._subject


async def cut(records, subject=PROFILES, most_bytes=2**20):
    """All batches of a source."""
    return [batch async for batch in batches.batches_of(records, subject, most_bytes)]


def sent(batch):
    """What goes out, read back."""
    return json.loads(b"[%b]" % b",".join(batch.content))


async def test_a_batch_has_a_thousand_records():
    """More than a thousand are several requests, in the order of the source."""
    found = await cut([profile(f"c-{n}", n=n) for n in range(2500)])
    assert [(batch.first, batch.size) for batch in found] == [(0, 1000), (1000, 1000), (2000, 500)]
    assert [record for batch in found for record in sent(batch)] == [profile(f"c-{n}", n=n) for n in range(2500)]


@pytest.mark.parametrize("most_bytes", [200, 1000, 4321, 100_000])
async def test_a_batch_has_no_more_bytes_than_asked_for(most_bytes):
    """The request as a whole, its brackets included; nothing is lost at the cuts."""
    records = [profile(f"c-{n}", name="x" * (n % 90)) for n in range(3000)]
    found = await cut(records, most_bytes=most_bytes)
    assert max(len(b'{"customerProfiles":[%b]}' % b",".join(batch.content)) for batch in found) <= most_bytes
    assert [record for batch in found for record in sent(batch)] == records
    assert [batch.first for batch in found] == [sum(one.size for one in found[:n]) for n in range(len(found))]


async def test_a_record_that_is_too_large_goes_alone():
    """The API decides about it."""
    found = await cut([profile("a", n=1), profile("b", name="x" * 5000), profile("c", n=2)], most_bytes=1000)
    assert [batch.customers for batch in found] == [{"a"}, {"b"}, {"c"}]


async def test_the_same_source_gives_the_same_batches():
    """Another run finds what it has settled, whether the source is plain or async."""
    records = [profile(f"c-{n % 700}", name="x" * (n % 50)) for n in range(1500)]

    async def awaited():
        for record in records:
            yield record

    digests = [[batch.digest for batch in await cut(source, most_bytes=9000)] for source in (records, awaited())]
    assert digests[0] == digests[1]
    assert len(set(digests[0])) > 5


async def test_two_records_of_one_customer_become_one():
    """Each attribute has its last value, null included, as if the API had taken one after the other."""
    records = [profile("a", n=1, a=1), profile("b", n=2), profile("a", a=None, b=3), {"integrationId": "a"}]
    (batch,) = await cut(records)
    assert sent(batch) == [profile("b", n=2), profile("a", n=1, a=None, b=3)]
    assert list(batch.positions) == [1, 3]
    assert batch.parts == {3: [(0, records[0]), (2, records[2]), (3, records[3])]}
    assert batch.size == 4


async def test_the_last_action_on_an_audience_counts():
    """Other audiences of the same customer are untouched."""
    records = [action("add", "a", 1), action("add", "a", 2), action("delete", "a", 1)]
    (batch,) = await cut(records, MEMBERSHIPS)
    assert sent(batch) == [action("add", "a", 2), action("delete", "a", 1)]
    assert batch.customers == {"a"}


async def test_models_are_records_too():
    """Alone, and beside mappings."""
    item = MultipleCustomerProfileIntegrationRequestItem(integration_id="a", attributes={"n": Decimal("1.10")})
    (batch,) = await cut([item, profile("b", n=1), item])
    assert b'"n":1.10' in b",".join(batch.content)
    assert sent(batch) == [profile("b", n=1), profile("a", n=1.1)]
    joining = CustomerProfileAudienceRequestItem(action="add", profile_integration_id="a", audience_id=1)
    (batch,) = await cut([joining], MEMBERSHIPS)
    assert sent(batch) == [action("add", "a", 1)]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"attributes": {}}, "integrationId must be a text of 1 to 1000 characters"),
        (profile("", n=1), "integrationId must be a text of 1 to 1000 characters"),
        (profile("x" * 1001), "integrationId must be a text of 1 to 1000 characters"),
        (profile(7), "integrationId must be a text of 1 to 1000 characters"),
        ({"integrationId": "a", "attributes": [1]}, "attributes must be an object"),
        (profile("a", n=float("nan")), "a number is NaN or infinite"),
        (profile("a", n=object()), "the body cannot be sent as JSON: object is no JSON value"),
        ("a", "a record must be a model or a mapping in JSON names, not str"),
        (None, "a record must be a model or a mapping in JSON names, not NoneType"),
    ],
)
async def test_what_cannot_be_sent_is_set_aside(record, reason):
    """With its place and the reason, which repeats nothing of it; everything around it goes out."""
    records = [profile(f"c-{n}", n=n) for n in range(250)]
    records[123] = record
    (batch,) = await cut(records)
    ((reject,),) = [batch.unfit]
    assert (reject.position, reject.message, reject.status) == (123, reason, None)
    assert sent(batch) == records[:123] + records[124:]
    assert list(batch.positions) == [n for n in range(250) if n != 123]
    assert batch.size == 250


async def test_a_source_may_say_itself_what_is_unfit():
    """With a reason of its own; the record keeps its place among the others."""
    records = [profile("a", n=1), UnfitRecord({"integrationId": "b", "attributes": {"n": "7,5"}}, "n is no number")]
    (batch,) = await cut([*records, profile("c", n=3)])
    ((reject,),) = [batch.unfit]
    assert (reject.position, reject.message, reject.record) == (1, "n is no number", records[1])
    assert [record["integrationId"] for record in sent(batch)] == ["a", "c"]


@pytest.mark.parametrize("source", ["text", {"a": 1}, 5, None])
async def test_a_source_must_be_records(source):
    """A text or a mapping is iterable, and surely not meant."""
    with pytest.raises(TypeError, match="records must be an iterable"):
        await cut(source)
