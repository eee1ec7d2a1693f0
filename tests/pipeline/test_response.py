"""Error responses in every shape that the API and the gateways before it have."""

import gzip
import tracemalloc
from traceback import walk_tb

import orjson
import pytest

from aiotalonone import ErrorDetail, Outcome, ResponseDecodeError
from aiotalonone.endpoints.events import TRACK_EVENT
from aiotalonone.pipeline.response import MAX_ERROR_BODY, MAX_ERRORS, status_class, status_error
from tests.support.clients import TRANSPORTS, make_client, url_of
from tests.support.raw_server import http_response, responding, serving


def problem(content, *, status=400, headers=None):
    content = content if isinstance(content, bytes) else orjson.dumps(content)
    return status_error(TRACK_EVENT, status, headers or {}, content)


def test_the_documented_shape_is_read_whole():
    """An error of the documented shape has message, details, pointer and request ID."""
    error = problem(
        {
            "message": "The submitted data was invalid",
            "errors": [
                {"title": "Unknown attribute", "details": "shoeSize", "source": {"pointer": "/attributes/shoeSize"}},
                {"title": "enum", "source": {"parameter": "dry"}},
                {"title": "Other"},
            ],
            "StatusCode": 400,
            "RequestUUID": "r-1",
        }
    )
    assert error.api_message == "The submitted data was invalid"
    assert error.errors == (
        ErrorDetail("Unknown attribute", "shoeSize", "/attributes/shoeSize"),
        ErrorDetail("enum", parameter="dry"),
        ErrorDetail("Other", None, None, None),
    )
    assert (error.status, error.request_id, error.operation_id) == (400, "r-1", "trackEvent")
    assert error.body["StatusCode"] == 400
    line = "400 The submitted data was invalid: Unknown attribute at /attributes/…; enum at dry, API message withheld"
    assert str(error) == f"trackEvent failed: {line} (rejected)"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", None),
        (b"<html><h1>Bad gateway</h1></html>", None),
        (b"{", None),
        (b"\xff\xfe", None),
        (b"null", None),
        (b"[]", None),
        (b'"text"', None),
        ({}, None),
        ({"message": None}, None),
        ({"message": ""}, None),
        ({"message": 7}, None),
        ({"message": "No", "errors": None}, "No"),
        ({"message": "No", "errors": {}}, "No"),
    ],
)
def test_any_body_gives_the_same_class(content, message):
    """The status alone decides the class; a message that is not a text counts as absent."""
    error = problem(content)
    assert type(error).__name__ == "BadRequestError"
    assert error.api_message == message
    assert error.errors == ()


def test_details_of_other_shapes_are_kept_or_passed_over():
    """Details that are plain texts become titles, and members of wrong types are left out."""
    error = problem(
        {"errors": ["too long", 7, None, {"title": 1, "source": "x"}, {"source": {"pointer": 5, "parameter": []}}]}
    )
    assert error.errors == (ErrorDetail("too long"), ErrorDetail(""), ErrorDetail(""))


def test_a_status_without_a_phrase_is_a_status():
    """A status that HTTP does not define is reported as its number."""
    assert str(problem(b"", status=599)) == "trackEvent failed: 599 unknown status (unknown)"


def test_the_header_names_the_request_first():
    """The request ID is that of the header, before that of the body."""
    assert problem({"RequestUUID": "body"}, headers={"x-request-id": "head"}).request_id == "head"


def test_a_byte_order_mark_before_an_error_is_passed_over():
    """The message of an error is read if a byte order mark precedes it."""
    assert problem(b'\xef\xbb\xbf{"message":"No"}').api_message == "No"


WITHHELD = "Bad Request, API message withheld"
MANY_ERRORS = b'{"message":"No","errors":[%b]}'


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"message": "x" * 8_000_000}, "Bad Request"),
        ({"message": "ж " * 100_000}, WITHHELD),
        ({"message": 'Value of "' * 80_000}, WITHHELD),
        ({"message": "invalid api key."}, "Invalid API key"),
        (MANY_ERRORS % b",".join([b'{"title":"wrong","details":"a longer text"}'] * 20_000), WITHHELD),
        (MANY_ERRORS % b",".join([b'""'] * 200_000), "Bad Request"),
        (MANY_ERRORS % b",".join([b"{}"] * 500_000), "Bad Request"),
        (b"[" * 10_000_000, "Bad Request"),
        ("é" * 8_000_000, "Bad Request"),
    ],
    ids=[
        "a message of 8 MB",
        "a long message",
        "the start of a known message again and again",
        "a known message",
        "many errors",
        "many empty errors",
        "1.5 MB of errors",
        "brackets",
        "8 M characters",
    ],
)
def test_an_error_of_any_size_takes_little_memory(content, line):
    """An error whose body is too large to look through shows the status alone, and keeps little of the body."""
    content = content if isinstance(content, bytes) else orjson.dumps(content)
    problem({})
    tracemalloc.start()
    try:
        error = problem(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(error) == f"trackEvent failed: 400 {line} (rejected)"
    assert peak <= 10_000_000 + 10 * len(content)
    assert len(error.errors) <= MAX_ERRORS
    assert len(str(error.body)) <= 2 * MAX_ERROR_BODY


def test_the_first_hundred_errors_are_kept():
    """An error keeps the first hundred details of a response."""
    error = problem({"errors": [{"title": f"{number}"} for number in range(1000)]})
    assert [detail.title for detail in error.errors] == [f"{number}" for number in range(100)]


@pytest.mark.parametrize("content", [b"{anna", b"null", b"[]", b"7", b'{"coupons":[{"anna":'])
async def test_a_response_that_is_not_the_result_is_a_decode_error(api, client, content):
    """A success that is not the result raises ResponseDecodeError, which alone holds the body."""
    api.get("/v1/customer_profiles/anna/inventory").respond(content=content)
    with pytest.raises(ResponseDecodeError) as caught:
        await client.customers.get_customer_inventory("anna")
    assert caught.value.outcome is Outcome.APPLIED
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert caught.value.content == content
    assert "anna" not in caught.value.reason


CANARY = b"anna"
GZIP = gzip.compress(b'{"coupons":"%b"}' % CANARY * 100, compresslevel=0)  # which leaves the text as it is
UNDECODABLE = {
    "a web page": (b"<p>anna", []),
    "cut off": (b'{"a":"anna', []),
    "a list": (b'["anna"]', []),
    "a text": (b'"anna"', []),
    "not UTF-8": (b'{"a":"anna\xff"}', []),
    "too deep": (b'{"anna":' * 2000, []),
    "too dense": (b'{"anna":[%b]}' % (b"{}," * 70_000), []),
    "too large": (b'"anna"' * 100_000, []),
    "half of gzip": (GZIP[:-4], ["Content-Encoding: gzip"]),
    "no gzip": (b"anna", ["Content-Encoding: gzip"]),
    "gzip of too much": (gzip.compress(CANARY * 200_000), ["Content-Encoding: gzip"]),
    "no deflate": (b"anna", ["Content-Encoding: deflate"]),
    "another encoding": (b"anna", ["Content-Encoding: br"]),
}
"""Bodies of success that cannot be decoded, with their headers."""


def contexts_of(error):
    """Yield causes and contexts of an error, suppressed ones included."""
    found = [error]
    for link in found:
        found += [other for other in (link.__cause__, link.__context__) if other is not None and other not in found]
    return found[1:]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("body", UNDECODABLE)
async def test_no_context_of_a_decode_error_holds_the_body(transport, body):
    """Neither words nor attributes nor frames of what a decode error comes from, suppressed or not, have the body."""
    content, headers = UNDECODABLE[body]
    respond = responding(http_response(200, content, *headers))
    async with serving(respond) as port, make_client(transport, url_of(port), max_response_bytes=500_000) as client:
        with pytest.raises(ResponseDecodeError) as caught:
            await client.customers.get_customer_inventory("c")
    assert caught.value.outcome is Outcome.APPLIED
    for link in contexts_of(caught.value):
        frames = [frame.f_locals for frame, _ in walk_tb(link.__traceback__)]
        assert "anna" not in repr((link, vars(link), frames))


async def test_a_byte_order_mark_before_a_result_is_passed_over(api, client):
    """A result behind a byte order mark is read like any other."""
    api.get("/v1/customer_profiles/c/inventory").respond(content=b'\xef\xbb\xbf{"coupons":[]}')
    assert (await client.customers.get_customer_inventory("c")).coupons == []


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (301, "RedirectError"),
        (307, "RedirectError"),
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (405, "APIStatusError"),
        (409, "ConflictError"),
        (418, "APIStatusError"),
        (422, "APIStatusError"),
        (429, "RateLimitError"),
        (500, "ServerError"),
        (502, "ServerError"),
        (503, "ServerError"),
        (504, "ServerError"),
        (599, "ServerError"),
        (100, "APIStatusError"),
    ],
)
def test_a_status_has_its_class(status, name):
    """Every status that is not a success has exactly one error class."""
    assert status_class(status).__name__ == name


def test_a_4xx_is_rejected_and_a_5xx_is_unknown():
    """A 5xx leaves open whether the request was applied, any other error status is REJECTED."""
    assert status_class(400).default_outcome is Outcome.REJECTED
    assert status_class(429).default_outcome is Outcome.REJECTED
    assert status_class(503).default_outcome is Outcome.UNKNOWN
