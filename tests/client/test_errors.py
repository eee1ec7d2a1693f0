"""The error tree: one base, one line, and no way to lose what it knows."""

import inspect
import pickle

import pytest

from aiotalonone import errors
from aiotalonone.errors import (
    APIStatusError,
    CircuitOpenError,
    ClientStateError,
    DeadlineExceededError,
    ErrorDetail,
    Outcome,
    ResponseDecodeError,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
    status_class,
)

CLASSES = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, BaseException)]
EXAMPLES = [
    TalonOneError("it broke", operation_id="trackEvent", outcome=Outcome.UNKNOWN),
    ClientStateError("the client is closed", operation_id="trackEvent"),
    CircuitOpenError(operation_id="trackEvent", retry_after=7.5),
    TransportError("cannot connect", operation_id="trackEvent", outcome=Outcome.NOT_SENT, permanent=True),
    TransportError("read error", operation_id="trackEvent", outcome=Outcome.UNKNOWN),
    TransportTimeoutError("read timeout", operation_id="trackEvent", outcome=Outcome.NOT_SENT),
    DeadlineExceededError("no response within the deadline", operation_id="trackEvent", outcome=Outcome.UNKNOWN),
    ResponseDecodeError("missing @ $.id", operation_id="trackEvent", status=200, request_id="r", content=b"{"),
    *(
        kind(
            "No",
            operation_id="trackEvent",
            status=499,
            message="No",
            errors=(ErrorDetail("t", "d", "/p"),),
            request_id="r",
            body={"message": "No"},
        )
        for kind in CLASSES
        if issubclass(kind, APIStatusError)
    ),
]


def test_every_class_has_an_example_here():
    """A new error class is tested like the others."""
    assert {type(example) for example in EXAMPLES} == set(CLASSES)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_under_the_base(kind):
    """``except TalonOneError`` catches whatever a call may raise."""
    assert issubclass(kind, TalonOneError)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_stands_in_the_drawn_tree(kind):
    """The text at the top of the module is the tree."""
    assert f" {kind.__name__} " in errors.__doc__


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_errors_survive_pickling(error):
    """Workers and process pools hand errors on with their facts; what may name people stays behind."""
    twin = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    left = {"call": None, "message": "", "errors": (), "body": None, "content": b""}
    assert vars(twin) == {name: left.get(name, value) for name, value in vars(error).items()} | {"call": None}


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_is_one_line_with_operation_and_outcome(error):
    """A log line says what was called and what became of it."""
    assert str(error).startswith("trackEvent failed: ")
    assert str(error).endswith(f"({error.outcome.value})")
    assert "\n" not in str(error)


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
    """Every error status leads to one class."""
    assert status_class(status).__name__ == name


def test_a_client_error_is_rejected_and_a_server_error_unknown():
    """Only a 5xx leaves open whether the request was carried out."""
    assert status_class(400).default_outcome is Outcome.REJECTED
    assert status_class(429).default_outcome is Outcome.REJECTED
    assert status_class(503).default_outcome is Outcome.UNKNOWN
