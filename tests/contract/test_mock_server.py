"""The client against a mock server of each specification, which refuses what its specification does not allow."""

from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone import APIStatusError, AsyncIntegrationClient, AuthenticationError, models
from aiotalonone.errors import status_class
from tests.contract.bodies import FULL, MINIMAL, known_to
from tests.contract.calls import OPERATIONS, WITHDRAWN, call, snake_case
from tests.contract.specs import VERSIONS, needs_specs, spec
from tests.contract.strategies import bodies

pytestmark = [needs_specs, pytest.mark.filterwarnings(r"ignore:.* \(V1\) is deprecated:DeprecationWarning")]

EACH_VERSION = pytest.mark.parametrize("version", VERSIONS)

EACH_OPERATION_OF_EACH_VERSION = pytest.mark.parametrize(
    ("version", "operation"),
    [
        pytest.param(version, operation, id=f"{version}-{operation.operation_id}")
        for version in VERSIONS
        for operation in OPERATIONS
        if version == "2021" or operation.operation_id not in WITHDRAWN
    ],
)

EACH_REFUSING_OPERATION = pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS if operation.operation_id not in WITHDRAWN],
    ids=lambda operation: operation.operation_id,
)
"""The first specification documents no refusals."""

IDS = st.text(min_size=1).filter(lambda text: text not in {".", ".."})


def client_of(url, **options):
    return AsyncIntegrationClient(url, api_key="key-of-the-tests", management_token="token-of-the-tests", **options)


def every_flag(operation):
    """All that an operation's query has, silence aside: a silent answer has nothing to read."""
    values = {"now": datetime(2030, 1, 1, tzinfo=UTC), "silent": False}
    return {name: values.get(name, True) for name in map(snake_case, operation.query)}


def result_type(operation):
    return getattr(models, operation.result) if operation.result else type(None)


def unset_members(value):
    """The members that are not set in a model and the models inside it."""
    if isinstance(value, dict):
        return unset_members(list(value.values()))
    if isinstance(value, list):
        return [name for entry in value for name in unset_members(entry)]
    if not attrs.has(type(value)):
        return []
    members = attrs.asdict(value, recurse=False)
    return [name for name in members if members[name] is None] + unset_members(members)


async def without_key(exchange, call_next):
    del exchange.request.headers["Authorization"]
    return await call_next(exchange)


@EACH_OPERATION_OF_EACH_VERSION
async def test_a_minimal_request_is_accepted(mock_urls, version, operation):
    """What a model demands is all that the specification requires of it."""
    async with client_of(mock_urls[version]) as client:
        answer = await call(client, operation, body=MINIMAL.get(operation.body))
    assert type(answer) is result_type(operation)


@EACH_OPERATION_OF_EACH_VERSION
async def test_a_full_request_is_accepted(mock_urls, version, operation):
    """With every flag, and every member that the version knows: the first specification forbids later ones."""
    body = known_to(version, FULL.get(operation.body))
    async with client_of(mock_urls[version]) as client:
        answer = await call(client, operation, body=body, flags=every_flag(operation))
    assert type(answer) is result_type(operation)


@pytest.mark.parametrize("name", FULL)
def test_a_full_request_sets_every_member(name):
    """A member that no test sends would never be judged by the mock server."""
    assert unset_members(FULL[name]) == []


@EACH_OPERATION_OF_EACH_VERSION
@settings(max_examples=10, deadline=None)  # a server takes the time it takes
@given(data=st.data())
async def test_a_random_request_is_accepted(mock_urls, version, operation, data):
    """Any ID and any text, number, date and attribute within the limits."""
    path_value = data.draw(IDS)
    body = data.draw(bodies(getattr(models, operation.body), version)) if operation.body else None
    async with client_of(mock_urls[version]) as client:
        answer = await call(client, operation, path_value=path_value, body=body)
    assert type(answer) is result_type(operation)


@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if "silent" in operation.query])
async def test_a_silent_request_is_accepted(mock_urls, operation):
    """The answer has no body then, and the call no result."""
    async with client_of(mock_urls["current"]) as client:
        quiet = client.with_options(headers={"Prefer": "code=204"})
        assert await call(quiet, operation, body=FULL[operation.body], flags={"silent": True}) is None
        assert await call(quiet, operation, body=FULL[operation.body]) is None


@EACH_VERSION
async def test_a_wrong_body_is_refused(mock_urls, version):
    """The mock server judges: were it to take anything, the other tests would say nothing."""
    async with client_of(mock_urls[version]) as client:
        with pytest.raises(APIStatusError) as caught:
            await client.sessions.update_customer_session_v2("s-1", {"customerSession": {"cartItems": "none"}})
    assert caught.value.status == 422


@EACH_VERSION
async def test_a_request_without_a_key_is_refused(mock_urls, version):
    """The mock server does judge: without its key a request gets 401."""
    async with client_of(mock_urls[version], middleware=[without_key]) as client:
        with pytest.raises(AuthenticationError):
            await client.customers.delete_customer_data("c-1")


@EACH_REFUSING_OPERATION
async def test_a_documented_refusal_is_raised_as_its_class(mock_urls, operation):
    """Each with a body as the specification describes it."""
    responses = spec("current").operations()[operation.operation_id]["responses"]
    refusals = [int(status) for status in responses if status.startswith("4")]
    assert 401 in refusals
    async with client_of(mock_urls["current"]) as client:
        for status in refusals:
            refused = client.with_options(headers={"Prefer": f"code={status}"})
            with pytest.raises(status_class(status)) as caught:
                await call(refused, operation, body=MINIMAL.get(operation.body))
            assert caught.value.status == status
