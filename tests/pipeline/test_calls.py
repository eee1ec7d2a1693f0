"""The query of a request: names, texts and lists, and what of them may name a customer."""

from datetime import UTC, datetime

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, BadRequestError, RetryPolicy
from aiotalonone.operation import Entity, Operation, RetrySafety
from aiotalonone.pipeline.calls import encode_keywords, entity_key

SEARCH = Operation(
    operation_id="search",
    request="GET /v1/programs/{programId}/things",
    query=("startDate", "sessionIDs", "campaignIds", "silent"),
    comma_separated=("campaignIds",),
    success=(200,),
    result="JSON",
    retry_safety=RetrySafety.SAFE,
)


async def sent_by(*path, status=200, **query):
    """Return the request that a call of the operation sends."""
    requests = []

    def respond(request):
        requests.append(request)
        message = f"nothing found for {request.url.params} in {request.url.path}"
        return httpx.Response(status, json={"message": message})

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http_client,
        AsyncIntegrationClient(
            "https://shop.talon.one", api_key="k", http_client=http_client, retry=RetryPolicy(attempts=1)
        ) as client,
    ):
        await client.call(SEARCH, *path, **query)
    return requests[0]


async def test_a_query_has_the_names_of_the_api():
    """Keywords in snake_case are sent by the operation's own names, in the caller's order, and ``None`` is not sent."""
    now = datetime(2030, 1, 1, tzinfo=UTC)
    request = await sent_by(7, session_ids=None, silent="no", start_date=now)
    assert request.url.raw_path == b"/v1/programs/7/things?silent=no&startDate=2030-01-01T00%3A00%3A00%2B00%3A00"


async def test_a_list_is_one_member_for_each_value():
    """A list repeats the member's name, in order, each value encoded on its own."""
    request = await sent_by(7, session_ids=["a&b", "c,d", 5])
    assert request.url.params.get_list("sessionIDs") == ["a&b", "c,d", "5"]
    assert request.url.raw_path == b"/v1/programs/7/things?sessionIDs=a%26b&sessionIDs=c,d&sessionIDs=5"


async def test_a_list_of_a_comma_separated_member_is_one_text():
    """The values of such a member are joined by commas, which are not encoded."""
    request = await sent_by(7, campaign_ids=("1", "2&3"))
    assert request.url.raw_path == b"/v1/programs/7/things?campaignIds=1,2%263"


async def test_an_empty_list_is_not_sent():
    """A list without values leaves the member out, whatever its style, and no question mark remains."""
    request = await sent_by(7, session_ids=[], campaign_ids=[])
    assert request.url.raw_path == b"/v1/programs/7/things"


def test_a_comma_in_a_comma_separated_value_is_rejected():
    """The server would read two values; the error names the member and does not show the value."""
    with pytest.raises(ValueError, match="campaignIds: no value may contain a comma") as caught:
        encode_keywords(SEARCH, {"campaign_ids": ["secret,1"]})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("keyword", ["startDate", "dry"])
def test_a_member_that_the_query_does_not_have_is_rejected(keyword):
    """A keyword that is not a member of the operation's query raises TypeError."""
    with pytest.raises(TypeError, match=f"search has no query member {keyword}"):
        encode_keywords(SEARCH, {keyword: True})


@pytest.mark.parametrize("value", [b"a", 1.5, {"a": 1}, {1}, [["a"]], [None]])
def test_a_value_of_another_type_is_rejected(value):
    """Only text, integers, flags, dates and flat lists of them can be sent in a query."""
    with pytest.raises(TypeError, match="query: sessionIDs must be a str"):
        encode_keywords(SEARCH, {"session_ids": value})


async def test_an_error_does_not_repeat_the_query():
    """Texts of the query and values of the path are left out of an error's line, like those of the body."""
    with pytest.raises(BadRequestError) as caught:
        await sent_by(87654321, status=400, session_ids=["session-of-anna"], campaign_ids=["4711"])
    assert "anna" not in str(caught.value)
    assert "4711" not in str(caught.value)
    assert "87654321" not in str(caught.value)


def test_an_entity_may_be_named_by_an_integer():
    """Updates of customer 7 and of customer "7" are updates of one profile."""
    update = Operation(
        operation_id="update",
        request="PUT /v1/profiles/{integrationId}",
        success=(200,),
        retry_safety=RetrySafety.IDEMPOTENT,
        entity=Entity.PROFILE,
    )
    assert entity_key(update, (7,), None) == entity_key(update, ("7",), None)
