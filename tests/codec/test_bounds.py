"""What a response can make the codec do: the memory that reading takes, and how much is told of what is wrong."""

import gc
import tracemalloc

import pytest

from aiotalonone import IntegrationStateV2, ReservedCustomers, structure
from aiotalonone.codec import decode_as, warm_up
from aiotalonone.codec.json import require_bounded
from aiotalonone.endpoints import all_operations

SIZES = [300_000, 3_000_000]
STATE = "IntegrationStateV2"
STATES = "MultipleCustomerProfileIntegrationResponseV2"
EFFECT = b'{"campaignId":1,"rulesetId":1,"ruleIndex":0,"ruleName":"","effectType":"%b","props":%b}'
MAX_RATIO = 20


def repeated(value, size):
    return b",".join([value] * (size // (len(value) + 1)))


def effects(value):
    return STATE, lambda size: b'{"effects":[%b]}' % repeated(value, size)


def unknown(value):
    return STATE, lambda size: b'{"moonPhases":[%b]}' % repeated(value, size)


def states(value):
    return STATES, lambda size: b'{"integrationStates":[%b]}' % repeated(value, size)


RESPONSES = {
    "effects without members": effects(b"{}"),
    "small effects": effects(EFFECT % (b"sing", b"{}")),
    "small discounts": effects(EFFECT % (b"setDiscount", b'{"name":"n","value":1.5}')),
    "malformed props": effects(EFFECT % (b"setDiscount", b"{}")),
    "a bad effect at the end": (STATE, lambda size: effects(EFFECT % (b"", b"{}"))[1](size)[:-2] + b",{}]}"),
    "states without members": states(b"{}"),
    "states of unknown members": states(b'{"a":"%b"}' % (b"x" * 26)),
    "objects": unknown(b"{}"),
    "small objects": unknown(b'{"a":0}'),
    "arrays": unknown(b"[]"),
    "arrays in arrays": unknown(b"[" * 500 + b"]" * 500),
    "numbers": unknown(b"0.5"),
    "texts": unknown('"é"'.encode()),
    "longer texts": unknown('"éééé"'.encode()),
    "names": (STATE, lambda size: b"{%b}" % b",".join(b'"member%08d":0' % number for number in range(size // 19))),
}


def read(model, content):
    try:
        return decode_as(model, content)
    except ValueError:
        return None


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("model", "make"), RESPONSES.values(), ids=RESPONSES)
def test_reading_takes_at_most_20_times_a_responses_memory(model, make, size):
    """The values that are read from any response take at most twenty times its bytes of memory."""
    warm_up(all_operations())
    content = make(size)
    read(model, content[:0])
    tracemalloc.start()
    try:
        result = read(model, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del result
    assert peak <= MAX_RATIO * len(content)


@pytest.mark.parametrize("name", ["small effects", "small discounts", "malformed props"])
def test_a_large_response_of_small_effects_is_read(name):
    """The densest response that the API can send is read."""
    model, make = RESPONSES[name]
    assert len(decode_as(model, make(1_000_000)).effects) > 8_000


@pytest.mark.parametrize("value", [b"{}", b"[]", b"1"])
def test_a_small_response_is_read_however_dense_it_is(value):
    """A response of a thousand empty states is read."""
    assert len(decode_as(STATES, b'{"integrationStates":[%b]}' % repeated(b"{}", 3000)).integration_states) == 1000
    assert len(decode_as("JSON", b"[%b]" % repeated(value, 60_000))) > 10_000


@pytest.mark.parametrize("content", [repeated(b"{}", 200_000), repeated(b"0", 200_000)])
def test_a_response_that_is_too_dense_is_not_parsed(content):
    """A response that is too dense is an error that says what there is too much of."""
    with pytest.raises(ValueError, match=r"^more than \d+ (objects|values), of less than \d+ bytes each$"):
        require_bounded(b"[%b]" % content)


def test_an_error_names_the_first_ten_places():
    """An error names the first ten places, however many cannot be read."""
    with pytest.raises(ValueError, match="missing") as caught:
        structure({"createdCoupons": [{"id": 1}] * 50_000}, IntegrationStateV2, strict=True)
    assert str(caught.value).count(" @ ") == 10


def test_an_error_names_places_of_several_entries():
    """A second entry that cannot be read is named beside the first."""
    page = {"totalResultSize": 1, "data": [{"integrationId": "anna"}, "secret"]}
    with pytest.raises(ValueError, match=r"missing @ \$\.data\[0\]\.created; .*not str @ \$\.data\[1\]$") as caught:
        structure(page, ReservedCustomers, strict=True)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
def test_deep_nesting_is_an_error_of_ours(bracket):
    """JSON nested beyond 1024 levels raises ValueError, and anything below is read."""
    close = b"]" if bracket == b"[" else b"}"
    assert decode_as(STATE, b'{"deep":%b1%b}' % (bracket * 1000, close * 1000)).extra["deep"]
    with pytest.raises(ValueError, match="not JSON"):
        decode_as(STATE, b'{"deep":%b1%b}' % (bracket * 1100, close * 1100))
    with pytest.raises(ValueError, match="not JSON"):
        decode_as(STATE, b'{"large":1e999,"deep":%b1%b}' % (bracket * 1100, close * 1100))
    assert decode_as(STATE, b'{"large":1e999,"deep":%b1%b}' % (bracket * 500, close * 500)).extra["deep"]


@pytest.mark.parametrize("effect_type", [b"sing", b"setDiscount"])
def test_props_are_kept_however_deep_they_are_nested(effect_type):
    """Props of an unknown type, and those that do not fit theirs, are kept whole at any depth that JSON may have."""
    props = b'{"value":%b1%b}' % (b"[" * 1000, b"]" * 1000)
    state = decode_as(STATE, b'{"effects":[%b]}' % (EFFECT % (effect_type, props)))
    assert state.effects[0].props.extra.keys() == {"value"}


@pytest.mark.parametrize("content", [effects(EFFECT % (b"", b"{}"))[1](100_000), b"[" * 100_000, b"{}"])
def test_the_garbage_collector_is_as_it_was_after_reading(content):
    """The garbage collector pauses while a large response is read, and is then on or off as before."""
    assert gc.isenabled()
    read(STATE, content)
    assert gc.isenabled()
    gc.disable()
    try:
        read(STATE, content)
        assert not gc.isenabled()
    finally:
        gc.enable()
