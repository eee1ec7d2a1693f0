"""What a method does besides sending its request: silence, dry calls, wiping, and what a null becomes."""

from datetime import UTC, datetime

import httpx
import pytest

from aiotalonone import (
    AsyncIntegrationClient,
    CreatedReferrals,
    CustomerInventory,
    CustomerProfile,
    IntegrationRequest,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    NewCustomerSessionV2,
    NewReferralsForMultipleAdvocates,
    Outcome,
    ResponseDecodeError,
    ServerError,
    SetDiscountEffectProps,
    UnknownEffectProps,
)
from tests.endpoints.responses import CATALOG, DISCOUNT, EVENT, PROFILE, REFERRAL
from tests.support.clients import AT_ONCE, BASE_URL

REFERRALS = "/v1/referrals_for_multiple_advocates"
ADVOCATES = NewReferralsForMultipleAdvocates(campaign_id=3, advocate_profile_integration_ids=["c-1"], usage_limit=1)
PROFILES = MultipleCustomerProfileIntegrationRequest(
    customer_profiles=[MultipleCustomerProfileIntegrationRequestItem(integration_id="c-1", attributes={})]
)

EVENT_V2 = {"profileId": "c-1", "type": "signup"}
EVENT_V3 = {**EVENT_V2, "integrationId": "e-1"}


class TestSilence:
    """``silent`` travels as ``yes`` or ``no``, and decides whether a call has a result."""

    async def test_a_silent_update_returns_nothing(self, api, client, sent):
        """``silent=True`` travels as ``yes``; left out, the deployment decides."""
        route = api.put("/v2/customer_profiles").respond(204)
        assert await client.customers.update_customer_profiles_v2(PROFILES, silent=True) is None
        assert sent(route)[0] == "PUT /v2/customer_profiles?silent=yes"
        assert await client.customers.update_customer_profiles_v2(PROFILES) is None
        assert sent(route)[0] == "PUT /v2/customer_profiles"

    @pytest.mark.parametrize("response", [{"status_code": 204}, {"status_code": 201, "json": {"data": "unread"}}])
    async def test_a_body_that_was_not_asked_for_is_not_read(self, api, client, sent, response):
        """``silent=True`` returns ``None``, even if a deployment of 2021 sends a body all the same."""
        route = api.post(REFERRALS).respond(**response)
        assert await client.referrals.create_referrals_for_multiple_advocates(ADVOCATES, silent=True) is None
        assert sent(route)[0] == f"POST {REFERRALS}?silent=yes"

    @pytest.mark.parametrize(
        "content_type", ["Text/HTML; charset=utf-8", "application/xhtml+xml", "application/json", ""]
    )
    async def test_a_web_page_is_not_silence(self, api, client, content_type):
        """A silent call, or one without a result, is not told as done by what is neither JSON nor empty."""
        page = httpx.Response(200, content=b"<!DOCTYPE html><p>Sign in", headers={"content-type": content_type})
        api.route().mock(return_value=page)
        for call in (
            client.customers.delete_customer_data("c-1"),
            client.customers.update_customer_profile_audiences({"data": []}),
            client.customers.update_customer_profiles_v2(PROFILES, silent=True),
            client.referrals.create_referrals_for_multiple_advocates(ADVOCATES, silent=True),
        ):
            with pytest.raises(ResponseDecodeError) as caught:
                await call
            assert "web page" in caught.value.reason

    @pytest.mark.parametrize(
        "response", [{"content": b""}, {"content": b"\r\n"}, {"json": {}}, {"json": []}, {"json": None}]
    )
    async def test_json_or_an_empty_body_is_silence(self, api, client, response):
        """A call without a result accepts JSON, or an empty body, with any status of success."""
        api.route().respond(200, **response)
        assert await client.customers.delete_customer_data("c-1") is None
        assert await client.customers.update_customer_profile_audiences({"data": []}) is None

    async def test_without_silent_the_deployment_decides(self, api, client, sent):
        """Today's deployments are silent by default, those of 2021 are not."""
        route = api.post(REFERRALS).respond(204)
        assert await client.referrals.create_referrals_for_multiple_advocates(ADVOCATES) is None
        assert sent(route)[0] == f"POST {REFERRALS}"
        api.post(REFERRALS).respond(201, json={"totalResultSize": 0, "data": None})
        created = await client.referrals.create_referrals_for_multiple_advocates(ADVOCATES)
        assert created == CreatedReferrals(total_result_size=0, data=[])

    @pytest.mark.parametrize(("version", "body"), [("v2", EVENT_V2), ("v3", EVENT_V3)])
    async def test_an_event_is_silent_or_has_its_state(self, api, client, sent, version, body):
        """An event returns ``None`` for a response without a body, and the state that it was asked for."""
        path, method = f"/{version}/events", getattr(client.events, f"track_event_{version}")
        route = api.post(path).respond(204)
        assert await method(body) is None
        assert sent(route) == (f"POST {path}", body)
        assert await method(body, silent=True) is None
        assert sent(route)[0] == f"POST {path}?silent=yes"
        with pytest.raises(ResponseDecodeError):
            await method(body, silent=False)
        api.post(path).respond(200, json={"effects": [DISCOUNT]})
        assert [effect.effect_type for effect in (await method(body, silent=False)).effects] == ["setDiscount"]

    async def test_a_silence_that_was_not_asked_for_is_an_error(self, api, client):
        """``silent=False`` promises a result; the codes of referrals must not turn into ``None`` unnoticed."""
        api.post(REFERRALS).respond(204)
        with pytest.raises(ResponseDecodeError):
            await client.referrals.create_referrals_for_multiple_advocates(ADVOCATES, silent=False)
        api.put("/v2/customer_profiles").respond(204)
        with pytest.raises(ResponseDecodeError):
            await client.customers.update_customer_profiles_v2(PROFILES, silent=False)


class TestDryCalls:
    """A dry call that the API would carry out for real is rejected before it is sent."""

    @pytest.mark.parametrize("run_rule_engine", [None, False])
    async def test_a_dry_profile_update_needs_the_rule_engine(self, client, run_rule_engine):
        """The API ignores ``dry`` without the rule engine and stores the update."""
        with pytest.raises(ValueError, match="run_rule_engine=True"):
            await client.customers.update_customer_profile_v2("c-1", {}, run_rule_engine=run_rule_engine, dry=True)

    @pytest.mark.parametrize("dry", [None, False])
    async def test_complete_evaluation_is_for_dry_calls(self, client, dry):
        """An event whose complete evaluation is forced must be a dry one; the API would record it."""
        for track, body in ((client.events.track_event_v2, EVENT_V2), (client.events.track_event_v3, EVENT_V3)):
            with pytest.raises(ValueError, match="dry=True"):
                await track(body, dry=dry, force_complete_evaluation=True)

    async def test_now_is_for_dry_calls(self, client):
        """A moment to evaluate at needs ``dry``, and an offset."""
        body = {"customerSession": {}}
        with pytest.raises(ValueError, match="dry=True"):
            await client.sessions.update_customer_session_v2("s-1", body, now=datetime(2027, 1, 1, tzinfo=UTC))
        with pytest.raises(ValueError, match="no offset"):
            await client.sessions.update_customer_session_v2("s-1", body, dry=True, now=datetime(2027, 1, 1))  # noqa: DTZ001 - naive on purpose

    @pytest.mark.parametrize("flag", [0, 1, "no", "yes", []])
    async def test_flags_are_bools(self, client, flag):
        """A flag of another type raises a TypeError that names it, and the call is not sent for real."""
        calls = [
            client.sessions.update_customer_session_v2("s-1", {"customerSession": {}}, dry=flag),
            client.customers.update_customer_profile_v2("c-1", {}, dry=flag),
            client.customers.update_customer_profile_v2("c-1", {}, run_rule_engine=flag),
            client.customers.update_customer_profiles_v2(PROFILES, silent=flag),
            client.customers.get_customer_inventory("c-1", coupons=flag),
            client.events.track_event_v2(EVENT_V2, silent=flag),
            client.events.track_event_v3(EVENT_V3, force_complete_evaluation=flag),
            client.sessions.return_cart_items("s-1", {"return": {"returnedCartItems": []}}, dry=flag),
        ]
        names = (
            *("dry", "dry", "run_rule_engine", "silent", "coupons"),
            *("silent", "force_complete_evaluation", "dry"),
        )
        for call, name in zip(calls, names, strict=True):
            with pytest.raises(TypeError, match=f"^{name} must be a bool or None, not {type(flag).__name__}$"):
                await call


class TestSessionsInRequests:
    """What a caller leaves out of a session is not sent."""

    async def test_the_state_of_a_session_is_never_invented(self, api, client, sent):
        """A ``state`` that the caller did not set would reopen a closed session, or fail on it."""
        route = api.put("/v2/customer_sessions/s-1").respond(json={"effects": []})
        request = IntegrationRequest(customer_session=NewCustomerSessionV2())
        await client.sessions.update_customer_session_v2("s-1", request)
        assert sent(route)[1] == {"customerSession": {}}

    async def test_wiping_is_not_leaving_out(self, api, client, sent):
        """An empty list and an empty code wipe what the session has, so they are sent."""
        route = api.put("/v2/customer_sessions/s-1").respond(json={"effects": []})
        session = NewCustomerSessionV2(coupon_codes=[], referral_code="")
        await client.sessions.update_customer_session_v2("s-1", IntegrationRequest(customer_session=session))
        assert sent(route)[1] == {"customerSession": {"couponCodes": [], "referralCode": ""}}


class TestResponses:
    """What the members of a response become."""

    async def test_effects_are_of_the_class_of_their_type(self, api, client):
        """An effect of a known type has that type's props, any other keeps its props as they came."""
        unknown = {**DISCOUNT, "effectType": "teleport", "props": {"planet": "Mars"}}
        api.put("/v2/customer_sessions/s-1").respond(json={"effects": [DISCOUNT, unknown], "createdCoupons": None})
        state = await client.sessions.update_customer_session_v2("s-1", {"customerSession": {}})
        match [effect.props for effect in state.effects]:
            case [SetDiscountEffectProps(name=name, value=value), UnknownEffectProps(extra=extra)]:
                assert (name, value, extra) == ("Ten off", 10.0, {"planet": "Mars"})
            case other:
                pytest.fail(f"unexpected effects: {other}")
        assert state.created_coupons == []

    async def test_effects_of_the_first_version_are_arrays(self, api, client):
        """The effects of a V1 event stay the arrays that the server sends."""
        api.post("/v1/events").respond(201, json={"event": EVENT})
        with pytest.deprecated_call():
            state = await client.events.track_event({"type": "signup", "attributes": {}, "sessionId": "s-1"})
        assert state.event.effects == EVENT["effects"]
        assert state.event.ledger_entries == []

    async def test_a_null_list_is_empty(self, api, client):
        """A list that the server sends as null is an empty list of the model."""
        api.get("/v1/coupon_reservations/customerprofiles/C").respond(json={"totalResultSize": 1, "data": [PROFILE]})
        [profile] = (await client.coupons.get_reserved_customers("C")).data
        assert isinstance(profile, CustomerProfile)
        assert (profile.integration_id, profile.loyalty_memberships, profile.audience_memberships) == ("c-1", [], [])
        api.get("/v1/customer_profiles/c-1/inventory").respond(json={"coupons": None})
        assert await client.customers.get_customer_inventory("c-1") == CustomerInventory()

    async def test_a_referral_has_its_code(self, api, client):
        """The codes that a bulk call mints are in its result, in the server's order."""
        data = [REFERRAL, {**REFERRAL, "code": "FRIEND-2"}]
        api.post(REFERRALS).respond(201, json={"totalResultSize": 2, "data": data})
        created = await client.referrals.create_referrals_for_multiple_advocates(ADVOCATES, silent=False)
        assert [referral.code for referral in created.data] == ["FRIEND-1", "FRIEND-2"]


@pytest.mark.parametrize(("management_token", "authorization"), [(None, "ApiKey-v1 k"), ("token", "Bearer token")])
async def test_the_management_token_authorizes_audiences(api, management_token, authorization):
    """Audiences are updated with the management token if the client has one, otherwise with the API key."""
    route = api.post("/v2/customer_audiences").respond(204)
    async with AsyncIntegrationClient(BASE_URL, api_key="k", management_token=management_token) as client:
        await client.customers.update_customer_profile_audiences({"data": []})
    assert route.calls.last.request.headers["Authorization"] == authorization


class TestRetriesOfCatalogs:
    """Whether a sync is sent again after an unknown outcome depends on its actions."""

    @pytest.mark.parametrize(
        ("action", "attempts"),
        [
            ({"type": "ADD", "payload": {"sku": "a"}}, 1),
            ({"type": "ADD", "payload": {"sku": "a", "replaceIfExists": False}}, 1),
            ({"type": "ADD", "payload": {"sku": "a", "replaceIfExists": True}}, 3),
            ({"type": "PATCH", "payload": {"sku": "a", "createIfNotExists": True}}, 3),
            ({"type": "REMOVE", "payload": {"sku": "a"}}, 3),
            ({"type": "REMOVE_MANY", "payload": {}}, 3),
        ],
    )
    async def test_only_what_leads_to_the_same_catalog_is_sent_again(self, api, client, action, attempts):
        """An ADD that fails if its item exists is sent once, since its retry would fail if the first try worked."""
        route = api.put("/v1/catalogs/7/sync").respond(503)
        with pytest.raises(ServerError) as caught:
            await client.with_options(retry=AT_ONCE).catalogs.sync_catalog(7, {"actions": [action]})
        assert (route.call_count, caught.value.attempts) == (attempts, attempts)
        assert caught.value.outcome is Outcome.UNKNOWN

    async def test_a_lone_null_among_actions_changes_nothing(self, api, client):
        """A null among the actions, which a server may read as one, does not make the call fail by itself."""
        route = api.put("/v1/catalogs/7/sync").respond(json=CATALOG)
        await client.catalogs.sync_catalog(7, {"actions": [None, {"type": "REMOVE", "payload": {"sku": "a"}}]})
        assert route.called

    async def test_an_add_that_was_rejected_early_is_sent_again(self, api, client):
        """A 429 says that nothing was done: any sync is sent again."""
        route = api.put("/v1/catalogs/7/sync")
        route.side_effect = [httpx.Response(429), httpx.Response(200, json=CATALOG)]
        body = {"actions": [{"type": "ADD", "payload": {"sku": "a"}}]}
        await client.with_options(retry=AT_ONCE).catalogs.sync_catalog(7, body)
        assert route.call_count == 2
