"""Error answers in every shape that the API and the gateways before it have."""

import orjson
import pytest

from aiotalonone.errors import ErrorDetail
from aiotalonone.problem import private_values, status_error


def problem(content, *, status=400, headers=None, private=()):
    content = content if isinstance(content, bytes) else orjson.dumps(content)
    return status_error("trackEvent", status, headers or {}, content, private=private)


def test_the_documented_shape_is_read_whole():
    """Message, details, pointer and the request's ID are the caller's to inspect."""
    error = problem(
        {
            "message": "The submitted data was invalid",
            "errors": [
                {"title": "Unknown attribute", "details": "shoeSize", "source": {"pointer": "/attributes/shoeSize"}},
                {"title": "Other"},
            ],
            "StatusCode": 400,
            "RequestUUID": "r-1",
        }
    )
    assert error.message == "The submitted data was invalid"
    assert error.errors == (
        ErrorDetail("Unknown attribute", "shoeSize", "/attributes/shoeSize"),
        ErrorDetail("Other", None, None),
    )
    assert (error.status, error.request_id, error.operation_id) == (400, "r-1", "trackEvent")
    assert error.body["StatusCode"] == 400
    assert str(error) == "trackEvent failed: 400 The submitted data was invalid (rejected)"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Bad Request"),
        (b"<html><h1>Bad gateway</h1></html>", "Bad Request"),
        (b"{", "Bad Request"),
        (b"\xff\xfe", "Bad Request"),
        (b"null", "Bad Request"),
        (b"[]", "Bad Request"),
        (b'"text"', "Bad Request"),
        ({}, "Bad Request"),
        ({"message": None}, "Bad Request"),
        ({"message": ""}, "Bad Request"),
        ({"message": 7}, "Bad Request"),
        ({"message": "No", "errors": None}, "No"),
        ({"message": "No", "errors": {}}, "No"),
    ],
)
def test_any_body_gives_the_same_class(content, message):
    """HTML, nothing, broken JSON: the status alone decides, the phrase stands in for a message."""
    error = problem(content)
    assert type(error).__name__ == "BadRequestError"
    assert error.message == message
    assert error.errors == ()


def test_details_of_other_shapes_are_kept_or_passed_over():
    """Plain strings become titles; sources and members of wrong types do not raise."""
    error = problem({"errors": ["too long", 7, None, {"title": 1, "source": "x"}, {"source": {"pointer": 5}}]})
    assert error.errors == (ErrorDetail("too long"), ErrorDetail(""), ErrorDetail(""))


def test_a_status_without_a_phrase_is_a_status():
    """A number that HTTP does not know is reported as it came."""
    assert str(problem(b"", status=599)) == "trackEvent failed: 599 unknown status (unknown)"


def test_the_header_names_the_request_first():
    """The gateway's request ID is the one its logs know."""
    assert problem({"RequestUUID": "body"}, headers={"x-request-id": "head"}).request_id == "head"


def test_the_line_repeats_nothing_private():
    """A server that echoes IDs does not bring them into the log; the attribute keeps the text."""
    error = problem({"message": 'profile "c-1" cannot use SUMMER, c-10 can'}, private=("c-1", "SUMMER"))
    assert str(error) == 'trackEvent failed: 400 profile "…" cannot use …, c-10 can (rejected)'
    assert "SUMMER" in error.message


@pytest.mark.parametrize(
    ("message", "private"),
    [
        ("no route for /v2/customer_profiles/anna%40x", "anna@x"),
        ("session_anna_locked", "anna"),
        ("ANNA is unknown", "anna"),
        ('no "anna \\"the\\" boss"', 'anna "the" boss'),
        ("phone 491701234567", "491701234567"),
        ("nobody at ?name=anna+%26+bob", "anna & bob"),
        ("no route for /v2/customer_profiles/%C3%89anna", "Éanna"),
        ("the value @anna is taken", "@anna"),
    ],
)
def test_other_spellings_of_what_is_private_are_hidden(message, private):
    """Encoded, escaped, in other letters or inside of a word: what was sent does not come back in the line."""
    line = str(problem({"message": message}, private=[private]))
    assert private.casefold() not in line.casefold()
    assert "…" in line
    assert "anna" not in line.casefold()


def test_the_longest_value_is_hidden_first():
    """An ID that is the beginning of an address must not leave its end."""
    line = str(problem({"message": "ann@example.com is taken"}, private=["anna", "ann", "ann@example.com"]))
    assert line == "trackEvent failed: 400 … is taken (rejected)"


def test_the_line_is_short_and_one():
    """Line breaks and novels in a message do not break the log."""
    line = str(problem({"message": "first\nsecond " + "long " * 100}))
    assert "first second long" in line
    assert len(line) < 250


def test_every_text_of_a_request_is_private_but_the_api_s_own_words():
    """IDs, codes and attributes are a customer's; ``open`` in ``state`` is the API's."""
    body = {
        "customerSession": {"profileId": "c-1", "state": "open", "couponCodes": ["A", "B"], "attributes": {"x": "y"}},
        "responseContent": ["coupons"],
        "count": 3,
        "attributes": {"state": "Ohio", "type": {"type": "diabetic"}, "phone": 491701234567, "vip": True},
    }
    assert sorted(private_values(orjson.dumps(body))) == [
        "491701234567",
        "A",
        "B",
        "Ohio",
        "c-1",
        "diabetic",
        "y",
    ]
    assert list(private_values(b"")) == []
