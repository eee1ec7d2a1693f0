"""The client and the sandbox of the fixtures, without pytest's machinery."""

import asyncio
from datetime import UTC, datetime
from typing import Generic, TypeVar

import pytest
from attrs import define

from aiotalonone import ClientStateError, NotFoundError, TransportError
from aiotalonone.attributes import attributes
from aiotalonone.sandbox import SHOP, CampaignFileError, Fault, FaultFileError
from aiotalonone.testing.client import SandboxClient
from aiotalonone.testing.sandbox import SandboxSetup, TalonOneSandbox

REFERRAL = {"campaignId": 3, "advocateProfileIntegrationId": "ada"}


@pytest.fixture
def sandbox():
    return TalonOneSandbox(SHOP)


@pytest.fixture
def client(sandbox):
    return SandboxClient(sandbox)


async def test_requests_are_recorded(sandbox, client):
    """A request is recorded with its operation, method, path, query, headers and JSON value, and without the key."""
    await client.customers.update_customer_profile_v2("ada", {})
    await client.sessions.update_customer_session_v2("cart 1", {"customerSession": {"profileId": "ada"}}, dry=True)
    await client.customers.get_customer_inventory("ada", coupons=True)
    _, put, get = sandbox.requests
    assert (put.operation_id, put.method, put.path) == (
        "updateCustomerSessionV2",
        "PUT",
        "/v2/customer_sessions/cart%201",
    )
    assert put.query["dry"] == "true"
    assert put.headers["authorization"] == "ApiKey-v1"
    assert put.json == {"customerSession": {"profileId": "ada"}}
    assert (get.operation_id, get.query["coupons"], get.json) == ("getCustomerInventory", "true", None)


def test_a_reset_returns_to_what_the_test_started_with():
    """A reset brings back the faults and the time that a test gave its sandbox."""
    fault = {"operationId": "createReferral", "fault": "status503"}
    sandbox = SandboxSetup(SHOP, faults=[fault], now=datetime(2031, 1, 1, tzinfo=UTC)).sandbox()
    sandbox.faults.clear()
    sandbox.set_now(None)
    sandbox.reset()
    assert (sandbox.now.year, [rule.fault for rule in sandbox.faults.pending]) == (2031, [Fault.STATUS_503])


async def test_a_test_may_send_long_bodies(sandbox, client):
    """The sandbox of a test keeps whole bodies, however long they are."""
    await client.customers.update_customer_profile_v2("ada", {"attributes": {"long": "x" * 100_000}})
    [request] = sandbox.requests
    assert len(request.json["attributes"]["long"]) == 100_000


async def test_a_request_of_no_operation_is_recorded_as_such(sandbox, client):
    """A request whose path belongs to no operation is recorded without one."""
    with pytest.raises(NotFoundError):
        await client.request("GET", "/v1/nothing")
    [request] = sandbox.requests
    assert (request.operation_id, request.path) == (None, "/v1/nothing")


async def test_what_was_applied_once_passes(sandbox, client):
    """A lost response is a request that was applied once; its retry is recorded as well."""
    sandbox.faults.drop_after_commit("updateCustomerSessionV2")
    await client.sessions.update_customer_session_v2("cart", {"customerSession": {"profileId": "ada"}})
    assert len(sandbox.requests) == 2
    sandbox.assert_applied_once("updateCustomerSessionV2")


async def test_what_was_not_applied_once_fails(sandbox, client):
    """What was applied never or twice fails with the counts and the faults."""
    with pytest.raises(AssertionError, match=r"^createReferral was applied 0 times in 0 requests$"):
        sandbox.assert_applied_once("createReferral")
    sandbox.faults.drop_after_commit("createReferral")
    with pytest.raises(TransportError):
        await client.referrals.create_referral(REFERRAL)
    await client.referrals.create_referral(REFERRAL)
    with pytest.raises(AssertionError, match=r"applied 2 times in 2 requests, with the faults dropAfterCommit$"):
        sandbox.assert_applied_once("createReferral")
    with pytest.raises(ValueError, match="no operation 'createReferal'"):
        sandbox.assert_applied_once("createReferal")


async def test_no_retry_pauses(sandbox, client, monkeypatch):
    """The client pauses before no retry, whatever the API asks for."""
    slept = []

    async def sleep(seconds, _=asyncio.sleep):
        slept.append(seconds)
        await _(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    started = asyncio.get_running_loop().time()
    sandbox.faults.add("updateCustomerProfileV2", Fault.STATUS_429_SECONDS, seconds=20)
    sandbox.faults.add("updateCustomerProfileV2", Fault.STATUS_503, calls=(2,))
    await client.customers.update_customer_profile_v2("ada", {})
    assert len(sandbox.requests) == 3
    assert sum(slept) == 0
    assert asyncio.get_running_loop().time() - started < 10


async def test_the_proxy_of_the_environment_is_not_used(sandbox, client, monkeypatch):
    """The requests reach the sandbox although the environment names a proxy."""
    for variable in "HTTP_PROXY", "http_proxy", "ALL_PROXY":
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    client = SandboxClient(sandbox)
    await client.customers.update_customer_profile_v2("ada", {})
    assert len(sandbox.requests) == 1


def test_a_client_opens_on_the_loop_of_its_first_call(client, sandbox):
    """A client that was made without an event loop serves the loop of its first call, derived clients and all."""

    async def call():
        await client.warm_up()
        await client.with_options(headers={"X-Trace": "1"}).customers.update_customer_profile_v2("ada", {})

    asyncio.run(call())
    [request] = sandbox.requests
    assert request.headers["x-trace"] == "1"


def test_a_client_serves_several_event_loops(client, sandbox):
    """A client that was used on one event loop serves the next ones, as a framework's test client makes them."""
    derived = client.with_options(headers={"X-Trace": "1"})
    for each in (client, derived, client):
        asyncio.run(each.customers.update_customer_profile_v2("ada", {}))
    assert [request.headers.get("x-trace") for request in sandbox.requests] == [None, "1", None]


async def test_a_client_serves_two_event_loops_at_once(client, sandbox):
    """A service on the loop of another thread, and the test itself, share a client."""
    mine = client.customers.update_customer_profile_v2("ada", {})
    theirs = asyncio.to_thread(asyncio.run, client.customers.update_customer_profile_v2("bob", {}))
    await asyncio.gather(mine, theirs)
    assert {request.path for request in sandbox.requests} == {
        "/v2/customer_profiles/ada",
        "/v2/customer_profiles/bob",
    }


async def test_closing_is_for_one_event_loop(client):
    """A service that closes its client at its end leaves the one of the test open."""

    async def serve():
        async with client as opened:
            await opened.customers.update_customer_profile_v2("ada", {})
        with pytest.raises(ClientStateError, match="closed"):
            await client.customers.update_customer_profile_v2("ada", {})

    await asyncio.to_thread(asyncio.run, serve())
    await client.customers.update_customer_profile_v2("ada", {})


async def test_code_that_opens_and_closes_its_client_may_have_it(client):
    """The client can be opened and closed as any other."""
    async with client as opened:
        await opened.customers.update_customer_profile_v2("ada", {})


async def test_the_client_has_a_management_token(client, sandbox):
    """The operation that takes a management token is sent one, which the sandbox accepts."""
    audience = {"action": "add", "profileIntegrationId": "ada", "audienceId": 1}
    await client.customers.update_customer_profile_audiences({"audiences": [audience]})
    [request] = sandbox.requests
    assert request.headers["authorization"] == "Bearer"


@attributes
@define
class Customer:
    """Attributes of a customer."""

    name: str


def test_attributes_join_those_of_the_campaigns(tmp_path):
    """Declared classes and types by name are added to the attributes of a campaign file, or of its content."""
    added = {"CustomerProfile": Customer, "Event": {"stars": "number"}}
    (tmp_path / "shop.json").write_text('{"attributes": {"CartItem": {"color": "string"}, "Event": {"old": "time"}}}')
    for campaigns in tmp_path / "shop.json", {"attributes": {"CartItem": {"color": "string"}}}:
        assert SandboxSetup(campaigns, added).campaign_file() == {
            "attributes": {
                "CartItem": {"color": "string"},
                "CustomerProfile": {"name": "string"},
                "Event": {"stars": "number"},
            }
        }


@pytest.mark.parametrize(("content", "problem"), [("[]", "must be an object"), ("{", "Expecting property name")])
def test_a_file_that_is_no_object_is_an_error_with_its_name(tmp_path, content, problem):
    """A campaign file to which attributes cannot be added is an error that names the file."""
    (tmp_path / "shop.json").write_text(content)
    with pytest.raises(ValueError, match=rf"shop\.json: {problem}"):
        SandboxSetup(tmp_path / "shop.json", {"CustomerProfile": Customer}).campaign_file()


T = TypeVar("T")


@attributes
@define
class Ranked(Generic[T]):
    """Attributes of which one has a type that is told later."""

    rank: T


def test_a_generic_class_may_declare_attributes():
    """A declared class that is generic is given with its types."""
    file = SandboxSetup(attributes={"CustomerProfile": Ranked[int]}).campaign_file()
    assert file == {"attributes": {"CustomerProfile": {"rank": "number"}}}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"campaigns": 5}, "campaigns must be a campaign file, its content, or None, not int"),
        ({"attributes": [Customer]}, "attributes must be a mapping by entity, not list"),
        ({"faults": {"fault": "reset"}}, "faults must be a fault file or its content, a list, not dict"),
        ({"now": "2031-01-01T00:00:00Z"}, "now must be a datetime or None, not str"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_setup_of_a_wrong_type_is_an_error(members, message):
    """What a setup cannot be made of is a TypeError that names it."""
    with pytest.raises(TypeError) as caught:
        SandboxSetup(**members)
    assert str(caught.value) == message


def test_a_sandbox_starts_as_it_is_set_up():
    """A setup has a sandbox with its campaigns, faults and time."""
    now = datetime(2031, 1, 1, tzinfo=UTC)
    faults = [{"operationId": "createReferral", "fault": "status503", "calls": [2]}]
    sandbox = SandboxSetup(SHOP, faults=faults, now=now).sandbox()
    assert set(sandbox.state.coupons) == {"SUMMER", "WELCOME"}
    assert sandbox.now.year == 2031
    assert sandbox.faults.next_fault("createReferral") is None
    assert sandbox.faults.next_fault("createReferral").fault is Fault.STATUS_503
    assert SandboxSetup().sandbox().state.coupons == {}


@pytest.mark.parametrize(
    ("setup", "error", "text"),
    [
        (SandboxSetup({"campaigns": [{"id": 1}]}), CampaignFileError, "campaigns[0].name"),
        (SandboxSetup(attributes={"Shop": {"name": "string"}}), CampaignFileError, "unknown entity"),
        (SandboxSetup(faults=[{"operationId": "sing", "fault": "reset"}]), FaultFileError, "[0].operationId"),
        (SandboxSetup(now=datetime(2031, 1, 1)), ValueError, "offset"),  # noqa: DTZ001 - it is what is wrong
    ],
)
def test_an_invalid_setup_is_an_error(setup, error, text):
    """What cannot be set up is an error that names the place."""
    with pytest.raises(error) as caught:
        setup.sandbox()
    assert text in str(caught.value)
