"""Records that the API minds: which they are, and what it takes to find them."""

import re
from decimal import Decimal

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, Outcome
from aiotalonone.bulk import AudienceSync, JobStoppedError, ProfileSync
from tests.bulk.api import QUICK, Api, action, client_of, lines, profile


async def synced(api, records, folder, kind=ProfileSync, **options):
    """The report of a job."""
    async with client_of(api) as client:
        return await kind(client, job="j", rejects=folder / "rejects.ndjson", retry=QUICK, **options).run(records)


def ten_thousand(*poisoned):
    """Profiles, some of which hold an attribute that the account does not know."""
    records = [profile(f"c-{n}", n=n) for n in range(10_000)]
    for place in poisoned:
        records[place]["attributes"]["shoeSize"] = 42
    return records


@pytest.mark.parametrize("place", [0, 4321, 4999, 9999])
async def test_one_poisoned_record_is_found_by_halves(tmp_path, place):
    """The API does not say where: at most 22 requests more, and all others are accepted."""
    api = Api(says_where=False)
    report = await synced(api, ten_thousand(place), tmp_path)
    assert (report.accepted, report.rejected, report.not_attempted) == (9999, 1, 0)
    assert report.requests == len(api.requests) <= 10 + 22
    sizes = sorted(
        {len(request) for request in api.requests if place in (record["attributes"]["n"] for record in request)}
    )
    assert len(sizes) <= 1 + 10
    assert set(api.attributes()) == {f"c-{n}" for n in range(10_000)} - {f"c-{place}"}
    (reject,) = lines(tmp_path / "rejects.ndjson")
    assert reject == {
        "position": place,
        "status": 400,
        "message": "The submitted data was invalid",
        "pointer": None,
        "record": profile(f"c-{place}", n=place, shoeSize=42),
    }


async def test_where_the_api_says_which_nobody_searches(tmp_path):
    """The request that was refused, and one for the others in it: no request for the search."""
    api = Api()
    report = await synced(api, ten_thousand(4321), tmp_path)
    assert (report.accepted, report.rejected) == (9999, 1)
    assert len(api.requests) == 10 + 1
    (reject,) = lines(tmp_path / "rejects.ndjson")
    assert reject["position"] == 4321
    assert reject["pointer"] == "/attributes/shoeSize"
    assert "attribute shoeSize is not defined for CustomerProfile" in reject["message"]


@pytest.mark.parametrize("says_where", [True, False])
async def test_many_poisoned_records_are_all_found(tmp_path, says_where):
    """Each is set aside with its own reason, wherever they stand together."""
    places = [0, 1, 2, 500, 998, 999, 1500, 2999]
    report = await synced(Api(says_where=says_where), ten_thousand(*places)[:3000], tmp_path)
    assert (report.accepted, report.rejected) == (3000 - len(places), len(places))
    assert sorted(reject["position"] for reject in lines(tmp_path / "rejects.ndjson")) == places


@pytest.mark.parametrize("says_where", [True, False])
async def test_numbers_stay_exact_on_every_way(tmp_path, says_where):
    """Merged, sent again without a record that the API minds, or in the file of rejects."""
    exact = Decimal("12345678901234567890.10")
    records = [profile("a", n=exact), profile("b", n=exact, shoeSize=exact), profile("c", n=exact), profile("a", a=1)]
    bodies = []

    async def heard(request):
        bodies.append(request.content)

    api = Api(says_where=says_where)
    async with httpx.AsyncClient(transport=api, event_hooks={"request": [heard]}) as http_client:
        client = AsyncIntegrationClient("http://localhost", api_key="sandbox-key", http_client=http_client)
        async with client:
            report = await ProfileSync(client, job="j", rejects=tmp_path / "rejects.ndjson", retry=QUICK).run(records)
    assert (report.accepted, report.rejected, report.merged) == (3, 1, 1)
    numbers = [
        re.findall(rb'"(?:n|shoeSize)":([0-9.]+)', text)
        for text in [*bodies, (tmp_path / "rejects.ndjson").read_bytes()]
    ]
    assert {number for found in numbers for number in found} == {b"12345678901234567890.10"}
    assert len(bodies) > 1


@pytest.mark.parametrize("says_where", [True, False])
async def test_a_batch_of_nothing_but_poison(tmp_path, says_where):
    """Nothing is accepted, nothing lost."""
    records = [profile(f"c-{n}", shoeSize=n) for n in range(40)]
    report = await synced(Api(says_where=says_where), records, tmp_path)
    assert (report.accepted, report.rejected) == (0, 40)


@pytest.mark.parametrize("says_where", [True, False])
async def test_a_job_all_of_whose_records_are_rejected_stops(tmp_path, says_where):
    """Their fault is one and the same; nothing is settled, so that a later run sends them all."""
    api = Api(says_where=says_where)
    records = [profile(f"c-{n}", shoeSize=n) for n in range(20_000)]
    with pytest.raises(JobStoppedError, match="all of its first 200 records were rejected") as caught:
        await synced(api, records, tmp_path, concurrency=2, most_bytes=13_000)
    assert caught.value.outcome is Outcome.REJECTED
    assert caught.value.report.not_attempted == 20_000
    assert len(api.requests) <= 2 * 2 * 200
    assert sum(map(len, api.requests)) <= 2 * 200 * 45
    assert lines(tmp_path / "rejects.ndjson") == []


async def test_bad_records_at_the_begin_do_not_stop_a_job(tmp_path):
    """As long as any of their batch is accepted."""
    report = await synced(Api(), ten_thousand(*range(150)), tmp_path)
    assert (report.accepted, report.rejected) == (9850, 150)


@pytest.mark.parametrize("says_where", [True, False])
async def test_of_a_merged_record_only_the_culprit_is_rejected(tmp_path, says_where):
    """The records it was made of go out one by one, in their order."""
    api = Api(says_where=says_where)
    records = [profile("a", n=1), profile("b", n=5), profile("a", n=2, shoeSize=42), profile("a", a=3)]
    report = await synced(api, records, tmp_path)
    assert (report.accepted, report.rejected) == (3, 1)
    assert [reject["position"] for reject in lines(tmp_path / "rejects.ndjson")] == [2]
    assert api.attributes() == {"a": {"n": 1, "a": 3}, "b": {"n": 5}}


async def test_an_answer_for_too_large_requests_makes_them_smaller(tmp_path):
    """413 minds no record as long as there are several."""

    def gateway(request):
        return httpx.Response(413 if len(request.content) > 2000 else 204)

    report = await synced(httpx.MockTransport(gateway), ten_thousand()[:500], tmp_path)
    assert (report.accepted, report.rejected) == (500, 0)


async def test_an_audience_that_does_not_exist_is_the_record_s_fault(tmp_path):
    """Its 404 is in the API's words, and no other host's."""
    api = Api()
    records = [action("add", f"c-{n}", 1 if n != 17 else 99) for n in range(100)]
    report = await synced(api, records, tmp_path, kind=AudienceSync)
    assert (report.accepted, report.rejected) == (99, 1)
    assert [(reject["position"], reject["status"]) for reject in lines(tmp_path / "rejects.ndjson")] == [(17, 404)]
    assert {name for name, held in api.sandbox.state.profiles.items() if held.audiences == {1}} == {
        f"c-{n}" for n in range(100) if n != 17
    }


async def test_redacted_rejects_hold_no_value(tmp_path):
    """Neither of the record nor in the API's words; who it was and what it minds remain."""
    records = [profile("c-1", name="canary-of-the-record", shoeSize=42), profile("c-2", name=5)]
    records.append({"integrationId": "c-3", "attributes": "canary-of-no-object"})

    def echo(request):
        if b"canary" in request.content:
            detail = {
                "title": "unfit: canary-of-the-record",
                "source": {"pointer": "/customerProfiles/0/attributes/name"},
            }
            return httpx.Response(400, json={"message": "invalid: canary-of-the-record", "errors": [detail]})
        return httpx.Response(204)

    await synced(httpx.MockTransport(echo), records, tmp_path, redact=True)
    text = (tmp_path / "rejects.ndjson").read_text(encoding="utf-8")
    assert "canary" not in text
    assert [reject["record"] for reject in lines(tmp_path / "rejects.ndjson")] == [
        {"integrationId": "c-1", "attributes": {"name": "…", "shoeSize": "…"}},
        {"integrationId": "c-3", "attributes": "…"},
    ]
