"""The client against a mock server of each specification, which rejects what its specification does not allow."""

from typing import get_args, get_origin

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone import APIStatusError, AsyncIntegrationClient, AuthenticationError, models
from aiotalonone.endpoints import all_operations
from aiotalonone.pipeline.response import status_class
from tests.contract.bodies import ALTERNATIVES, FULL, MINIMAL, known_to
from tests.contract.calls import call, query_values, result_of
from tests.contract.strategies import bodies, paths
from tools.specs import VERSIONS, spec

pytestmark = pytest.mark.filterwarnings(r"ignore:.* \(V1\) is deprecated:DeprecationWarning")

EACH_VERSION = pytest.mark.parametrize("version", VERSIONS)

EACH_OPERATION_OF_EACH_VERSION = pytest.mark.parametrize(
    ("version", "operation"),
    [
        pytest.param(version, operation, id=f"{version}-{operation.operation_id}")
        for version in VERSIONS
        for operation in all_operations()
        if operation.operation_id in spec(version).operations
    ],
)


def documented_errors(version, operation):
    responses = spec(version).operations[operation.operation_id]["responses"]
    return [int(status) for status in responses if status.startswith("4")]


EACH_OPERATION_WITH_ERRORS = pytest.mark.parametrize(
    ("version", "operation"),
    [
        pytest.param(version, operation, id=f"{version}-{operation.operation_id}")
        for version in VERSIONS
        for operation in all_operations()
        if operation.operation_id in spec(version).operations and documented_errors(version, operation)
    ],
)
"""The first specification documents no errors."""


def client_of(url, **options):
    return AsyncIntegrationClient(url, api_key="key-of-the-tests", management_token="token-of-the-tests", **options)


def assert_returned(result, operation):
    """Check that a call has returned what its operation does; of a list, each entry."""
    expected = result_of(operation.result) if operation.result else type(None)
    entries, kind = (result, *get_args(expected)) if get_origin(expected) is list else ([result], expected)
    assert {type(entry) for entry in entries} == {kind}


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
        result = await call(client, operation, body=MINIMAL.get(operation.body))
    assert_returned(result, operation)


@EACH_OPERATION_OF_EACH_VERSION
async def test_a_full_request_is_accepted(mock_urls, version, operation):
    """A request with every query member, and every body member that the version knows, is accepted."""
    body = known_to(version, FULL.get(operation.body))
    async with client_of(mock_urls[version]) as client:
        result = await call(client, operation, body=body, query=query_values(operation))
    assert_returned(result, operation)


@pytest.mark.parametrize("name", FULL)
def test_a_full_request_sets_every_member(name):
    """A member that no test sends would never be judged by the mock server."""
    assert set(unset_members(FULL[name])) == ALTERNATIVES.get(name, set())
    assert ALTERNATIVES.get(name, set()).isdisjoint(unset_members(MINIMAL[name]))


@EACH_OPERATION_OF_EACH_VERSION
@settings(max_examples=10, deadline=None)  # a server takes the time it takes
@given(data=st.data())
async def test_a_random_request_is_accepted(mock_urls, version, operation, data):
    """Any ID and any text, number, date and attribute within the limits."""
    path = data.draw(paths(operation))
    body = data.draw(bodies(getattr(models, operation.body), version)) if operation.body else None
    async with client_of(mock_urls[version]) as client:
        result = await call(client, operation, path=path, body=body)
    assert_returned(result, operation)


@pytest.mark.parametrize(
    "operation",
    [
        operation
        for operation in all_operations()
        if "silent" in operation.query and "204" in spec("current").operations[operation.operation_id]["responses"]
    ],
)
async def test_a_silent_request_is_accepted(mock_urls, operation):
    """A silent response has no body, and the call returns ``None``."""
    async with client_of(mock_urls["current"]) as client:
        quiet = client.with_options(headers={"Prefer": "code=204"})
        assert await call(quiet, operation, body=FULL[operation.body], query={"silent": True}) is None
        assert await call(quiet, operation, body=FULL[operation.body]) is None


@EACH_VERSION
async def test_an_invalid_body_is_rejected(mock_urls, version):
    """The mock server rejects an invalid body; if it accepted anything, the other tests would say nothing."""
    async with client_of(mock_urls[version]) as client:
        with pytest.raises(APIStatusError) as caught:
            await client.request("PUT", "/v2/customer_sessions/s-1", body={"customerSession": {"cartItems": "none"}})
    assert caught.value.status == 422


@EACH_VERSION
async def test_a_request_without_a_key_is_rejected(mock_urls, version):
    """A request without its key gets 401 from the mock server."""
    async with client_of(mock_urls[version], middleware=[without_key]) as client:
        with pytest.raises(AuthenticationError):
            await client.customers.delete_customer_data("c-1")


@EACH_OPERATION_WITH_ERRORS
async def test_a_documented_error_is_raised_as_its_class(mock_urls, version, operation):
    """Each error status of an operation, with a body as the specification describes it, has its own class."""
    statuses = documented_errors(version, operation)
    assert {401, 404} & set(statuses)
    async with client_of(mock_urls[version]) as client:
        for status in statuses:
            rejected = client.with_options(headers={"Prefer": f"code={status}"})
            with pytest.raises(status_class(status)) as caught:
                await call(rejected, operation, body=MINIMAL.get(operation.body))
            assert caught.value.status == status
