"""The error tree: one base class, one line for each error, and facts that go through pickle, JSON and copies."""

import copy
import inspect
import json
import pickle
import pickletools

import pytest

from aiotalonone import errors
from aiotalonone.endpoints.events import TRACK_EVENT, TRACK_EVENT_V3
from aiotalonone.endpoints.sessions import UPDATE_CUSTOMER_SESSION_V2
from aiotalonone.errors import (
    APIStatusError,
    BadRequestError,
    CircuitOpenError,
    ClientStateError,
    DeadlineExceededError,
    ErrorDetail,
    MiddlewareError,
    Outcome,
    ResponseDecodeError,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
)
from aiotalonone.operation import RetrySafety
from tests.pipeline.factories import exchange_of

CLASSES = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, BaseException)]
EXAMPLES = [
    TalonOneError("it broke", operation_id="trackEvent", outcome=Outcome.UNKNOWN),
    ClientStateError("the client is closed", operation_id="trackEvent"),
    CircuitOpenError("the circuit breaker is open, next probe in 7.5 s", operation_id="trackEvent"),
    MiddlewareError("a middleware raised KeyError", operation_id="trackEvent", outcome=Outcome.APPLIED),
    TransportError("cannot connect", operation_id="trackEvent", outcome=Outcome.NOT_SENT, permanent=True),
    TransportError("read error", operation_id="trackEvent", outcome=Outcome.UNKNOWN),
    TransportTimeoutError("read timeout", operation_id="trackEvent", outcome=Outcome.NOT_SENT),
    DeadlineExceededError("no response within the deadline", operation_id="trackEvent", outcome=Outcome.UNKNOWN),
    ResponseDecodeError(
        "200 with a body that cannot be decoded",
        operation_id="trackEvent",
        status=200,
        reason="missing @ $.id",
        request_id="r",
        content=b"secret",
    ),
    *(
        kind(
            "499 unknown status, API message withheld",
            operation_id="trackEvent",
            status=499,
            api_message="secret",
            errors=(ErrorDetail("secret", "secret", "/secret"),),
            request_id="r",
            retry_after=2.5,
            body={"message": "secret"},
        )
        for kind in CLASSES
        if issubclass(kind, APIStatusError)
    ),
]


def test_every_class_has_an_example_here():
    """Every error class is among the examples that the other tests are run with."""
    assert {type(example) for example in EXAMPLES} == set(CLASSES)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_under_the_base(kind):
    """Every error that a call raises is caught by ``except TalonOneError``."""
    assert issubclass(kind, TalonOneError)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_in_the_drawn_tree(kind):
    """The tree in the module's docstring has every class at its place."""
    assert f" {kind.__name__} " in errors.__doc__


EACH_EXAMPLE = pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
API_WORDS = {"api_message": None, "errors": (), "body": None, "content": b""}
OF_THE_CALL = ("attempts", "elapsed", "request_id", "retry_budget_exhausted")


def ended(error, operation=UPDATE_CUSTOMER_SESSION_V2, outcome=Outcome.UNKNOWN):
    """Return an error as a call of three attempts ends in it."""
    error = copy.copy(error)
    error.call = exchange_of(operation, *("s",) * len(operation.path_names), content=b'{"name":"ada"}').call
    error.attempts, error.elapsed, error.retry_budget_exhausted, error.outcome = 3, 1.5, True, outcome
    return error


@EACH_EXAMPLE
def test_errors_survive_pickling(error):
    """A pickled error keeps its line and its facts, and drops the API's words."""
    twin = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(twin), str(twin), twin.args) == (type(error), str(error), error.args)
    assert {name: getattr(twin, name) for name in vars(error)} == vars(error) | {
        name: value for name, value in API_WORDS.items() if hasattr(error, name)
    }
    assert b"secret" not in pickle.dumps(error)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("operation", [UPDATE_CUSTOMER_SESSION_V2, TRACK_EVENT], ids=lambda each: each.operation_id)
def test_a_pickle_has_the_call_only_if_it_can_be_resumed(operation, outcome):
    """A pickled error holds the call, with its personal data, only if the call can be resumed."""
    error = ended(TransportError("read timeout", "op"), operation, outcome)
    content = pickle.dumps(error)
    is_resumable = operation is UPDATE_CUSTOMER_SESSION_V2 and outcome in (Outcome.UNKNOWN, Outcome.APPLIED)
    twin = pickle.loads(content)  # noqa: S301 - our own
    assert (b"ada" in content) is (twin.call is not None) is twin.is_resumable is error.is_resumable is is_resumable


def test_a_pickle_names_what_every_patch_version_has():
    """A pickled error refers to these names alone: without one of them, calls that wait in a queue would be lost."""
    error = TransportError("read timeout", "op")
    failures = [ended(error, operation) for operation in (TRACK_EVENT_V3, UPDATE_CUSTOMER_SESSION_V2)]
    content = pickle.dumps(failures, protocol=3)
    names = {argument for opcode, argument, _ in pickletools.genops(content) if opcode.name == "GLOBAL"}
    assert names == {
        "builtins getattr",
        "aiotalonone.call Call",
        "aiotalonone.call EntityKey",
        "aiotalonone.errors Outcome",
        "aiotalonone.errors TransportError",
        "aiotalonone.errors _restored",
        "aiotalonone.operation Authorization",
        "aiotalonone.operation Entity",
        "aiotalonone.operation Lookup",
        "aiotalonone.operation Operation",
        "aiotalonone.operation RetrySafety",
        "aiotalonone.operation _unpickled",
    }
    assert RetrySafety.IDEMPOTENT.value.encode() not in content


def test_what_another_version_pickled_is_read():
    """A field that is not known here is passed over, and one that is missing has its default."""
    restore, (kind, values) = TRACK_EVENT_V3.__reduce__()
    twin = restore(kind, {name: value for name, value in values.items() if name != "query"} | {"later": 1})
    assert (twin.request, twin.path, twin.query, twin.keywords) == (TRACK_EVENT_V3.request, "/v3/events", (), {})


def test_an_outcome_is_a_text_for_json():
    """An outcome is text for whatever writes JSON, as in the response of a service's error handler."""
    assert json.dumps({"outcome": Outcome.UNKNOWN}) == '{"outcome": "unknown"}'


@EACH_EXAMPLE
def test_an_error_goes_through_json(error):
    """An error that went through JSON has its class, its line and its facts, and nothing personal."""
    error = ended(error)
    text = json.dumps(error.to_dict())
    twin = TalonOneError.from_dict(json.loads(text))
    assert (type(twin), str(twin), twin.args) == (type(error), str(error), error.args)
    facts = [*OF_THE_CALL, *(name for name in ("status", "retry_after", "permanent") if hasattr(error, name))]
    assert [getattr(twin, name) for name in facts] == [getattr(error, name) for name in facts]
    assert "ada" not in text
    assert "secret" not in text
    assert not twin.is_resumable


@EACH_EXAMPLE
@pytest.mark.parametrize("through", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
def test_a_copy_keeps_everything(error, through):
    """A copy of an error has all that the error has, the API's words and the call among it."""
    error = ended(error)
    twin = through(error)
    assert (type(twin), str(twin), vars(twin).keys()) == (type(error), str(error), vars(error).keys())
    assert twin.call.content == error.call.content
    assert {name: getattr(twin, name, None) for name in ("api_message", "body", "content", "status")} == {
        name: getattr(error, name, None) for name in ("api_message", "body", "content", "status")
    }


@EACH_EXAMPLE
def test_a_queue_that_knows_class_and_args_keeps_the_outcome(error):
    """An error that a queue restores by its class and its ``args`` in JSON has operation, outcome and status."""
    error = ended(error, outcome=Outcome.APPLIED)
    twin = type(error)(*json.loads(json.dumps(error.args)))
    assert (twin.operation_id, twin.outcome, twin.args) == ("trackEvent", Outcome.APPLIED, error.args)
    assert getattr(twin, "status", None) == getattr(error, "status", None)


@EACH_EXAMPLE
def test_a_queue_may_give_the_text_alone(error):
    """The class of an error can be called with a text alone; the outcome is the class's own."""
    twin = type(error)(str(error))
    assert str(error) in str(twin)
    assert twin.outcome is type(error).default_outcome


def test_an_outcome_that_is_none_is_unknown():
    """An outcome that a queue has garbled counts as unknown."""
    assert TransportError("no", "op", "Outcome.NOT_SENT").outcome is Outcome.UNKNOWN


def test_a_class_that_is_not_imported_becomes_the_base():
    """An error whose class is not known here is a TalonOneError; a later member of its dict is passed over."""
    error = TransportError("no", "op", Outcome.APPLIED)
    twin = TalonOneError.from_dict({**error.to_dict(), "type": "LaterError", "later": [1]})
    assert (type(twin), twin.outcome) == (TalonOneError, Outcome.APPLIED)


@pytest.mark.parametrize(
    "changes", [{"outcome": "fine"}, {"outcome": None}, {"summary": 7}, {"type": []}, {"status": {}}, {"attempts": [1]}]
)
def test_a_dict_that_is_no_errors_is_a_value_error(changes):
    """A mapping that is not the dict of an error is a ValueError."""
    error = BadRequestError("400 Bad Request", "op", status=400)
    with pytest.raises(ValueError, match=r"not the dict of an error|not a valid Outcome"):
        TalonOneError.from_dict(error.to_dict() | changes)


@EACH_EXAMPLE
def test_no_attribute_is_named_as_error_trackers_expect(error):
    """No error has an attribute ``message`` or ``detail``, which Sentry shows in place of the line."""
    assert not {"message", "detail"} & set(dir(error))


@EACH_EXAMPLE
def test_a_repr_has_no_words_of_the_api(error):
    """The repr of an error, and that of its details, have none of the API's words."""
    assert "secret" not in repr(error) + str(error) + repr(getattr(error, "errors", ()))


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_is_one_line_with_operation_and_outcome(error):
    """The text of an error is one line with the operation and the outcome."""
    assert str(error).startswith("trackEvent failed: ")
    assert str(error).endswith(f"({error.outcome.value})")
    assert "\n" not in str(error)
