"""The sandbox under requests that are made of the specification: valid ones, and some that are not."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from aiotalonone.sandbox.process import API_KEY, sandbox_process
from tests.conformance.specification import SPECIFICATION
from tests.support.all_operations import SHOP

EXAMPLES = 25
RESPONSE_CHECKS = [response_schema_conformance, status_code_conformance]

SESSION = "it requires members that sessions do not have, and tells the types of props by their members alone"
PROFILE = "it has no null for the memberships of a customer, though the API sends it"
SILENT = "it has a body, or no 204 at all, though a silent response is a 204 without one"
INVALID = "it has no 400, though a value of the path, the query or the body can be invalid"
NO_KEY = "it has no 401, though the operation needs a key"
MISSING = "it has no 404, though the program may not exist"
EXCEPTIONS: dict[tuple[str, int], str] = {
    ("updateCustomerSessionV2", 200): SESSION,
    ("getCustomerSession", 200): SESSION,
    ("updateCustomerProfileV2", 200): PROFILE,
    ("updateCustomerProfilesV2", 204): SILENT,
    ("trackEventV2", 204): SILENT,
    ("trackEventV3", 204): SILENT,
    ("updateAudienceV2", 400): INVALID,
    ("deleteAudienceMembershipsV2", 400): INVALID,
    ("updateAudienceCustomersAttributes", 400): INVALID,
    ("getCustomerInventory", 400): INVALID,
    ("bestPriorPrice", 400): INVALID,
    ("bestPriorPrice", 401): NO_KEY,
    ("getEventV3", 401): NO_KEY,
    ("generateLoyaltyCard", 404): MISSING,
}
"""Where the specification is wrong, by operation and status, each with what is wrong in it."""

schema = schemathesis.openapi.from_path(SPECIFICATION)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve a shop in a process of its own."""
    with asyncio.Runner() as runner:
        sandbox = sandbox_process(SHOP)
        yield runner.run(sandbox.__aenter__())
        runner.run(sandbox.__aexit__(None, None, None))


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_response_is_one_that_the_specification_has(case: Any, url: str) -> None:
    """No request is answered with 5xx, and each response is as its schema says, but for what the table explains."""
    response = case.call(base_url=url, headers={"Authorization": f"ApiKey-v1 {API_KEY}"})
    assert response.status_code < 500
    try:
        case.validate_response(response, checks=RESPONSE_CHECKS)
    except FailureGroup:
        if (case.operation.definition.raw["operationId"], response.status_code) not in EXCEPTIONS:
            raise
