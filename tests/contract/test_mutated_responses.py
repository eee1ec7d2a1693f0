"""Whatever stands at a place of a response that fits its schema, the response is read, and is written as it was."""

from itertools import chain

import orjson
import pytest

from aiotalonone import structure, unstructure
from aiotalonone.codec import decode_as, mismatches
from aiotalonone.endpoints import all_operations
from aiotalonone.models import EFFECT_PROPS
from tests.contract.calls import described, result_of
from tests.contract.examples import example_of
from tests.endpoints.responses import COUPON, DISCOUNT, EVENT, PROFILE, REFERRAL
from tests.support.mutations import AWAY, at, mutations, slices, without_nothing
from tools.specs import VERSIONS, spec


def states_of_effects():
    """Yield a state for each type of effect, with an example of its props."""
    for effect_type, kind in sorted(EFFECT_PROPS.items()):
        for version in VERSIONS:
            if kind.__name__ in spec(version).schemas:
                props = example_of(spec(version), {"$ref": kind.__name__})
                effect = {**DISCOUNT, "effectType": effect_type, "props": props}
                yield f"{effect_type} {version}", "IntegrationStateV2", {"effects": [effect]}


def documented_responses():
    """Yield the example of each operation's response that a specification describes."""
    for operation in all_operations():
        for number, (specification, description) in enumerate(described(operation)):
            for status, schema in description["responses"].items():
                if operation.result and status.startswith("2") and schema and schema.get("type") != "string":
                    name = f"{operation.operation_id} {number}"
                    yield name, operation.result, example_of(specification, schema)


EXAMPLES = [
    *documented_responses(),
    *states_of_effects(),
    ("coupon", "Coupon", COUPON),
    ("referral", "Referral", REFERRAL),
    ("event", "IntegrationState", {"event": EVENT, "profile": PROFILE, "coupon": COUPON}),
    ("page", "ReservedCustomers", {"totalResultSize": 1, "data": [PROFILE]}),
]
EACH_EXAMPLE = pytest.mark.parametrize(
    ("model", "response"), [row[1:] for row in EXAMPLES], ids=[row[0] for row in EXAMPLES]
)


@EACH_EXAMPLE
def test_a_response_is_read_and_written_whatever_stands_at_a_place(model, response):
    """A response with one place away, null or of another kind is read, and what it holds is written as it came."""
    for path, other, content in chain.from_iterable(map(mutations, slices(response))):
        read = decode_as(model, content)
        written = unstructure(read)
        if other is not AWAY and other is not None:
            assert type(at(written, path)) is type(other), path
        assert without_nothing(written) == without_nothing(orjson.loads(content)), path
        assert structure(written, result_of(model)) == read, path


@EACH_EXAMPLE
def test_what_reading_notes_can_be_found(model, response):
    """If reading notes that a response is not what its model says, a search finds the place."""
    found = []

    def inspect(value, kind, is_mismatch):
        found.append((is_mismatch, next(mismatches(value, kind), None)))

    for _, _, content in chain.from_iterable(map(mutations, slices(response))):
        decode_as(model, content, inspect)
    assert not [place for is_mismatch, place in found if is_mismatch and place is None]
    assert {is_mismatch for is_mismatch, _ in found} == {True, False}


@EACH_EXAMPLE
def test_an_example_fits_its_model(model, response):
    """The responses that are mutated have no place where they are not what their model says."""
    assert list(mismatches(response, result_of(model))) == []
