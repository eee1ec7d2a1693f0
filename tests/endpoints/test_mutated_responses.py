"""A call whose response has anything at any place returns its result, since the API has carried it out."""

from contextlib import nullcontext
from typing import get_origin

import httpx
import orjson
import pytest

from aiotalonone import AsyncIntegrationClient, unstructure
from aiotalonone.endpoints import all_operations
from tests.contract.test_mutated_responses import documented_responses
from tests.endpoints.test_requests import ROWS
from tests.support.clients import API_KEY, BASE_URL
from tests.support.mutations import AWAY, mutations, slices, without_nothing

EXAMPLES = {model: example for _, model, example in documented_responses()}
RESULT_OF = {operation.operation_id: operation.result for operation in all_operations()}
OTHERS_HERE = [AWAY, None, 7, []]
"""Some of what may stand at a place: the contract's tests have more."""

WITH_RESULT = pytest.mark.parametrize("operation_id", [name for name, row in ROWS.items() if row.result])


@WITH_RESULT
async def test_a_call_returns_its_result_whatever_stands_at_a_place(operation_id):
    """A response with a member or entry away, null or of another kind makes no call fail, and nothing of it is lost."""
    row = ROWS[operation_id]
    parts = [part for example in (row.response, EXAMPLES[RESULT_OF[operation_id]]) for part in slices(example)]
    contents = [content for part in parts for *_, content in mutations(part, OTHERS_HERE)]
    responses = iter(contents)
    transport = httpx.MockTransport(lambda _: httpx.Response(row.status, content=next(responses)))
    warning = pytest.deprecated_call() if row.deprecated else nullcontext()
    async with (
        httpx.AsyncClient(transport=transport) as http_client,
        AsyncIntegrationClient(BASE_URL, api_key=API_KEY, http_client=http_client) as client,
    ):
        with warning:
            for content in contents:
                result = await row.call(client)
                assert type(result) is (get_origin(row.result) or row.result)
                assert without_nothing(unstructure(result)) == without_nothing(orjson.loads(content))
