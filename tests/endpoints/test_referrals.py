"""createReferral, createReferralsForMultipleAdvocates."""

from datetime import UTC, datetime

import pytest

from aiotalonone import CreatedReferrals, NewReferral, NewReferralsForMultipleAdvocates, Referral, ResponseDecodeError

REFERRAL = {
    "id": 9,
    "created": "2026-11-01T08:00:00Z",
    "usageLimit": 1,
    "campaignId": 3,
    "advocateProfileIntegrationId": "c-1",
    "code": "FRIEND-1",
    "usageCounter": 0,
}
MANY = NewReferralsForMultipleAdvocates(campaign_id=3, advocate_profile_integration_ids=["c-1"], usage_limit=1)
MANY_JSON = {"campaignId": 3, "advocateProfileIntegrationIds": ["c-1"], "usageLimit": 1}
PATH = "/v1/referrals_for_multiple_advocates"


async def test_create_referral(api, client, sent):
    """What is not set is not sent, dates carry their offset."""
    route = api.post("/v1/referrals").respond(201, json=REFERRAL)
    referral = await client.referrals.create_referral(
        NewReferral(campaign_id=3, advocate_profile_integration_id="c-1", expiry_date=datetime(2027, 1, 1, tzinfo=UTC))
    )
    assert sent(route) == (
        "POST",
        "/v1/referrals",
        {"campaignId": 3, "advocateProfileIntegrationId": "c-1", "expiryDate": "2027-01-01T00:00:00+00:00"},
    )
    assert isinstance(referral, Referral)
    assert referral.code == "FRIEND-1"


async def test_create_referrals_for_multiple_advocates(api, client, sent):
    """``silent=False`` travels as ``no`` and answers the referrals."""
    route = api.post(PATH).respond(201, json={"totalResultSize": 1, "data": [REFERRAL]})
    created = await client.referrals.create_referrals_for_multiple_advocates(MANY, silent=False)
    assert sent(route) == ("POST", f"{PATH}?silent=no", MANY_JSON)
    assert isinstance(created, CreatedReferrals)
    assert [referral.code for referral in created.data] == ["FRIEND-1"]


@pytest.mark.parametrize("answer", [{"status_code": 204}, {"status_code": 201, "json": {"data": "unread"}}])
async def test_silent_answers_nothing(api, client, sent, answer):
    """``silent=True`` gives None, even where a deployment of 2021 answers a body all the same."""
    route = api.post(PATH).respond(**answer)
    assert await client.referrals.create_referrals_for_multiple_advocates(MANY, silent=True) is None
    assert sent(route)[1] == f"{PATH}?silent=yes"


async def test_without_silent_the_deployment_decides(api, client, sent):
    """Today's deployments are silent by default, those of 2021 are not."""
    route = api.post(PATH).respond(204)
    assert await client.referrals.create_referrals_for_multiple_advocates(MANY) is None
    assert sent(route)[1] == PATH
    api.post(PATH).respond(201, json={"totalResultSize": 0, "data": None})
    created = await client.referrals.create_referrals_for_multiple_advocates(MANY)
    assert created == CreatedReferrals(total_result_size=0, data=[])


async def test_a_silence_that_was_not_asked_for_is_no_result(api, client):
    """``silent=False`` promises the referrals; their codes must not turn into None unnoticed."""
    api.post(PATH).respond(204)
    with pytest.raises(ResponseDecodeError):
        await client.referrals.create_referrals_for_multiple_advocates(MANY, silent=False)
