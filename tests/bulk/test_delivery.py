"""How a job finds the records that the API rejects, and how many requests it takes."""

import re
from decimal import Decimal

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, Outcome
from aiotalonone.bulk import AudienceSync, JobStoppedError, ProfileSync
from tests.bulk.recording_api import FAST_RETRY, RecordingApi, action, make_client, profile, read_rejects


async def sync(api, records, folder, kind=ProfileSync, **options):
    """Run a job and return its report."""
    async with make_client(api) as client:
        return await kind(client, job="j", rejects=folder / "rejects.ndjson", retry=FAST_RETRY, **options).run(records)


def ten_thousand_profiles(*invalid):
    """Return profiles, of which those at some positions have an attribute that the account does not define."""
    records = [profile(f"c-{n}", n=n) for n in range(10_000)]
    for position in invalid:
        records[position]["attributes"]["shoeSize"] = 42
    return records


@pytest.mark.parametrize("invalid", [0, 4321, 4999, 9999])
async def test_an_invalid_record_is_found_by_bisection(tmp_path, invalid):
    """If the API does not say which of 10,000 records is invalid, at most 22 further requests find it."""
    api = RecordingApi(points_at_records=False)
    report = await sync(api, ten_thousand_profiles(invalid), tmp_path)
    assert (report.accepted, report.rejected, report.not_attempted) == (9999, 1, 0)
    assert report.requests == len(api.requests) <= 10 + 22
    sizes = sorted(
        {len(request) for request in api.requests if invalid in (record["attributes"]["n"] for record in request)}
    )
    assert len(sizes) <= 1 + 10
    assert set(api.attributes()) == {f"c-{n}" for n in range(10_000)} - {f"c-{invalid}"}
    (reject,) = read_rejects(tmp_path / "rejects.ndjson")
    assert reject == {
        "position": invalid,
        "status": 400,
        "message": "The submitted data was invalid",
        "pointer": None,
        "record": profile(f"c-{invalid}", n=invalid, shoeSize=42),
    }


async def test_a_pointed_record_needs_no_bisection(tmp_path):
    """If the API points at the invalid record, one further request sends the others of its batch."""
    api = RecordingApi()
    report = await sync(api, ten_thousand_profiles(4321), tmp_path)
    assert (report.accepted, report.rejected) == (9999, 1)
    assert len(api.requests) == 10 + 1
    (reject,) = read_rejects(tmp_path / "rejects.ndjson")
    assert reject["position"] == 4321
    assert reject["pointer"] == "/attributes/shoeSize"
    assert 'The attribute "shoeSize" is not defined on CustomerProfile entities.' in reject["message"]


@pytest.mark.parametrize("points_at_records", [True, False])
async def test_several_invalid_records_are_all_found(tmp_path, points_at_records):
    """Several invalid records are all rejected, also if they are neighbours."""
    invalid = [0, 1, 2, 500, 998, 999, 1500, 2999]
    report = await sync(
        RecordingApi(points_at_records=points_at_records), ten_thousand_profiles(*invalid)[:3000], tmp_path
    )
    assert (report.accepted, report.rejected) == (3000 - len(invalid), len(invalid))
    assert sorted(reject["position"] for reject in read_rejects(tmp_path / "rejects.ndjson")) == invalid


@pytest.mark.parametrize("points_at_records", [True, False])
async def test_numbers_stay_exact(tmp_path, points_at_records):
    """A Decimal keeps its digits if its record is merged, sent again without an invalid one, or rejected."""
    exact = Decimal("12345678901234567890.10")
    records = [profile("a", n=exact), profile("b", n=exact, shoeSize=exact), profile("c", n=exact), profile("a", a=1)]
    bodies = []

    async def record_body(request):
        bodies.append(request.content)

    api = RecordingApi(points_at_records=points_at_records)
    async with httpx.AsyncClient(transport=api, event_hooks={"request": [record_body]}) as http_client:
        client = AsyncIntegrationClient("http://localhost", api_key="sandbox-key", http_client=http_client)
        async with client:
            report = await ProfileSync(client, job="j", rejects=tmp_path / "rejects.ndjson", retry=FAST_RETRY).run(
                records
            )
    assert (report.accepted, report.rejected, report.merged) == (3, 1, 1)
    numbers = [
        re.findall(rb'"(?:n|shoeSize)":([0-9.]+)', text)
        for text in [*bodies, (tmp_path / "rejects.ndjson").read_bytes()]
    ]
    assert {number for found in numbers for number in found} == {b"12345678901234567890.10"}
    assert len(bodies) > 1


@pytest.mark.parametrize("points_at_records", [True, False])
async def test_a_small_batch_of_invalid_records_is_rejected(tmp_path, points_at_records):
    """If every record of a small batch is invalid, each of them is rejected."""
    records = [profile(f"c-{n}", shoeSize=n) for n in range(40)]
    report = await sync(RecordingApi(points_at_records=points_at_records), records, tmp_path)
    assert (report.accepted, report.rejected) == (0, 40)


@pytest.mark.parametrize("points_at_records", [True, False])
async def test_a_job_stops_if_all_records_are_rejected(tmp_path, points_at_records):
    """If a first large batch is rejected as a whole, the job stops and leaves all its records to a later run."""
    api = RecordingApi(points_at_records=points_at_records)
    records = [profile(f"c-{n}", shoeSize=n) for n in range(20_000)]
    with pytest.raises(JobStoppedError, match="all of its first 200 records were rejected") as caught:
        await sync(api, records, tmp_path, concurrency=2, max_request_bytes=13_000)
    assert caught.value.outcome is Outcome.REJECTED
    assert caught.value.report.not_attempted == 20_000
    assert len(api.requests) <= 2 * 2 * 200
    assert sum(map(len, api.requests)) <= 2 * 200 * 45
    assert read_rejects(tmp_path / "rejects.ndjson") == []


async def test_invalid_records_at_the_start_do_not_stop_a_job(tmp_path):
    """Many invalid records at the start do not stop a job if another record of their batch is accepted."""
    report = await sync(RecordingApi(), ten_thousand_profiles(*range(150)), tmp_path)
    assert (report.accepted, report.rejected) == (9850, 150)


@pytest.mark.parametrize("points_at_records", [True, False])
async def test_only_the_invalid_part_of_a_merged_record_is_rejected(tmp_path, points_at_records):
    """The parts of a rejected merged record are sent one by one, and only the invalid one is rejected."""
    api = RecordingApi(points_at_records=points_at_records)
    records = [profile("a", n=1), profile("b", n=5), profile("a", n=2, shoeSize=42), profile("a", a=3)]
    report = await sync(api, records, tmp_path)
    assert (report.accepted, report.rejected) == (3, 1)
    assert [reject["position"] for reject in read_rejects(tmp_path / "rejects.ndjson")] == [2]
    assert api.attributes() == {"a": {"n": 1, "a": 3}, "b": {"n": 5}}


async def test_413_makes_requests_smaller(tmp_path):
    """After a 413 the batch is split, and no record is rejected if smaller requests are accepted."""

    def gateway(request):
        return httpx.Response(413 if len(request.content) > 2000 else 204)

    report = await sync(httpx.MockTransport(gateway), ten_thousand_profiles()[:500], tmp_path)
    assert (report.accepted, report.rejected) == (500, 0)


async def test_an_unknown_audience_rejects_its_record(tmp_path):
    """A 404 with the API's message means an unknown audience: its record is rejected, and the job continues."""
    api = RecordingApi()
    records = [action("add", f"c-{n}", 1 if n != 17 else 99) for n in range(100)]
    report = await sync(api, records, tmp_path, kind=AudienceSync)
    assert (report.accepted, report.rejected) == (99, 1)
    assert [(reject["position"], reject["status"]) for reject in read_rejects(tmp_path / "rejects.ndjson")] == [
        (17, 404)
    ]
    assert {name for name, held in api.sandbox.state.profiles.items() if held.audiences == {1}} == {
        f"c-{n}" for n in range(100) if n != 17
    }


async def test_redacted_rejects_contain_no_values(tmp_path):
    """With redact=True a reject holds the names of the record's members and attributes, and no value and no ID."""
    records = [profile("c-1", name="canary-of-the-record", shoeSize=42), profile("c-2", name=5)]
    records.append({"integrationId": "c-3", "attributes": "canary-of-the-attributes"})

    def echo(request):
        if b"canary" in request.content:
            detail = {
                "title": "invalid name: canary-of-the-record",
                "source": {"pointer": "/customerProfiles/0/attributes/name"},
            }
            return httpx.Response(400, json={"message": "invalid: canary-of-the-record", "errors": [detail]})
        return httpx.Response(204)

    await sync(httpx.MockTransport(echo), records, tmp_path, redact=True)
    text = (tmp_path / "rejects.ndjson").read_text(encoding="utf-8")
    assert "canary" not in text
    assert [reject["record"] for reject in read_rejects(tmp_path / "rejects.ndjson")] == [
        {"integrationId": "…", "attributes": {"name": "…", "shoeSize": "…"}},
        {"integrationId": "…", "attributes": "…"},
    ]
