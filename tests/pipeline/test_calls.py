"""The query of a request: names, texts and lists, and what of them may name a customer."""

import enum
import re
from datetime import UTC, datetime

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient, BadRequestError, RetryPolicy
from aiotalonone.call import EntityKey, fill_path
from aiotalonone.operation import Entity, Operation, RetrySafety
from aiotalonone.pipeline.calls import ad_hoc_call, encode_keywords, encode_query, entity_key
from aiotalonone.pipeline.idempotency import SingleUseKey
from aiotalonone.settings import Credentials, validate_headers

SEARCH = Operation(
    operation_id="search",
    request="GET /v1/programs/{programId}/things",
    query=("startDate", "sessionIDs", "campaignIds", "silent"),
    repeated=("sessionIDs",),
    comma_separated=("campaignIds",),
    success=(200,),
    result="JSON",
    retry_safety=RetrySafety.SAFE,
)
UPDATE = Operation(
    operation_id="update",
    request="PUT /v1/profiles/{integrationId}",
    success=(200,),
    retry_safety=RetrySafety.IDEMPOTENT,
    entity=Entity.PROFILE,
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


@pytest.mark.parametrize("value", [b"a", 1.5, {"a": 1}, {1}, [["a"]], [None], int])
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
    assert entity_key(UPDATE, (7,), None) == entity_key(UPDATE, ("7",), None)


class Kind(enum.StrEnum):
    """Texts of a program."""

    NEW = "new"


class OldKind(str, enum.Enum):  # noqa: UP042 - of the older manner, whose str() is another text
    """Texts of a program."""

    NEW = "new"


class Number(enum.IntEnum):
    """Numbers of a program."""

    SEVEN = 7


class Index:
    """What Python takes for an integer."""

    def __index__(self):
        return 7


@pytest.mark.parametrize("text", [Kind.NEW, OldKind.NEW])
@pytest.mark.parametrize("number", [Number.SEVEN, Index()])
async def test_derived_texts_and_integers_are_sent_as_what_they_are(text, number):
    """Enums and other derived classes are sent as their text or number, in paths and queries."""
    request = await sent_by(number, session_ids=[text, number], silent=text)
    assert request.url.raw_path == b"/v1/programs/7/things?sessionIDs=new&sessionIDs=7&silent=new"
    assert (await sent_by(text)).url.raw_path == b"/v1/programs/new/things"
    assert entity_key(UPDATE, (text,), None) == entity_key(UPDATE, ("new",), None)


LONE = "\ud800jane.doe"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fill_path(SEARCH, [LONE]), "programId contains a lone surrogate and cannot be sent as UTF-8"),
        (lambda: encode_keywords(SEARCH, {"silent": LONE}), "query: silent contains a lone surrogate"),
        (lambda: encode_keywords(SEARCH, {"session_ids": ["a", LONE]}), "query: sessionIDs contains a lone surrogate"),
        (lambda: encode_query({"a": LONE}), "query: a contains a lone surrogate"),
        (lambda: encode_query({LONE: "a"}), "query: a name contains a lone surrogate"),
        (lambda: ad_hoc_call("GET", f"/v1/{LONE}", None, None, None), "path contains a lone surrogate"),
        (lambda: ad_hoc_call("POST", "/v1/x", None, {"a": [LONE]}, None), "a[0] contains a lone surrogate"),
        (lambda: ad_hoc_call("POST", "/v1/x", None, {LONE: 1}, None), "(entry 1) contains a lone surrogate"),
        (lambda: ad_hoc_call("POST", "/v1/x", None, LONE, None), "the body contains a lone surrogate"),
        (lambda: SingleUseKey(LONE), "idempotency_key must be 1 to 255 printable ASCII characters without spaces"),
        (lambda: validate_headers({"x-a": LONE}), "headers: the value of x-a contains characters"),
        (lambda: Credentials(api_key=LONE), "api_key must be non-empty, printable ASCII without spaces"),
    ],
)
def test_what_cannot_be_encoded_is_a_value_error_without_the_text(call, message):
    """A lone surrogate is a ValueError in our own words, and no error that it came from holds the text."""
    with pytest.raises(ValueError, match="^" + re.escape(message)) as caught:
        call()
    assert type(caught.value) is ValueError
    assert "jane" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", [None, 5, b"a"])
def test_a_name_in_a_query_is_text(name):
    """A name that is not text raises TypeError instead of becoming another one."""
    with pytest.raises(TypeError, match=f"^query: names must be str, not {type(name).__name__}$"):
        encode_query({name: "a"})


@pytest.mark.parametrize(("keyword", "name"), [("dry", "dry"), ("run_rule_engine", "runRuleEngine")])
@pytest.mark.parametrize("value", [0, 1, "no", "true", [], [True], datetime(2030, 1, 1, tzinfo=UTC)])
def test_a_flag_is_a_bool(keyword, name, value):
    """A flag of any other type raises a TypeError: a text that says no would be taken for true."""
    operation = Operation(
        operation_id="update",
        request="PUT /v1/profiles",
        query=(name,),
        success=(200,),
        retry_safety=RetrySafety.IDEMPOTENT,
    )
    with pytest.raises(TypeError, match=f"^{keyword} must be a bool or None, not {type(value).__name__}$"):
        encode_keywords(operation, {keyword: value})


def test_error_trackers_cannot_take_an_entity_apart():
    """The key of a lane, which stands in the variables of tracebacks, is not a tuple, and its repr has no ID."""
    key = EntityKey("profile", "anna")
    assert not isinstance(key, tuple)
    assert repr(key) == "<one profile>"
    assert {key: 1}[EntityKey("profile", "anna")] == 1
