"""Whatever a response holds is there again when it is written."""

from copy import deepcopy
from functools import cache

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotalonone import models, structure, unstructure
from aiotalonone.codec.fields import EXTRA, TAGS, container, is_date, is_number, json_name
from tests.support.mutations import assert_holds

MODELS = [value for name in models.__all__ if isinstance(value := getattr(models, name), type) and attrs.has(value)]

SENT = {
    models.IntegrationRequest,
    models.MultipleCustomerProfileIntegrationRequest,
    models.ReturnIntegrationRequest,
}
RECEIVED = [
    model for model in MODELS if model not in SENT and not any(field.validator for field in attrs.fields(model))
]
"""Models of responses alone: those of requests have limits, which random values break."""
REJECTING = {model for model in MODELS if model not in RECEIVED or issubclass(model, tuple(TAGS))}
"""Models that no object becomes that lacks a required member."""

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
objects = st.dictionaries(text, json_values, max_size=2)


def values_of(annotation, depth):  # noqa: PLR0911 - one line for each kind of type
    """Draw JSON values that a server may send for a member of this type."""
    if is_number(annotation):
        return numbers
    if is_date(annotation):
        return st.datetimes(timezones=st.timezones()).map(lambda moment: moment.replace(microsecond=0).isoformat()[:25])
    if annotation in TAGS:
        return objects | st.none()
    kinds = {kind for kind in getattr(annotation, "__args__", (annotation,)) if kind is not type(None)}
    if container(annotation) is list:
        return st.none() | st.lists(values_of(annotation.__args__[0], depth) | st.none(), max_size=2)
    if container(annotation) is dict:
        return st.none() | st.dictionaries(text, values_of(annotation.__args__[1], depth) | st.none(), max_size=2)
    for kind in kinds:
        if attrs.has(kind):
            return responses(kind, depth - 1) if depth else st.none()
        if container(kind) is not None:
            return values_of(kind, depth)
    return text if str in kinds else json_values


@cache
def responses(model, depth=1):
    """Draw JSON objects that a server may send for a model, with members that it does not know."""
    fields = [field for field in attrs.fields(model) if field.name != EXTRA]
    required = {json_name(f): values_of(f.type, depth) for f in fields if f.default is attrs.NOTHING}
    optional = {json_name(f): st.none() | values_of(f.type, depth) for f in fields if f.default is not attrs.NOTHING}
    known = st.fixed_dictionaries(required, optional=optional)
    unknown = st.dictionaries(st.sampled_from(["brandNew", "x-y", "ümlaut", ""]), json_values, max_size=2)
    return st.builds(lambda extra, members: extra | members, unknown, known)


@cache
def bent(model):
    """Draw objects with the members of a model and values of any type."""
    names = st.sampled_from([json_name(field) for field in attrs.fields(model)])
    return st.dictionaries(names, json_values, max_size=4)


VALID = {
    models.IntegrationStateV2: {
        "customerSession": {
            "id": 1,
            "created": "2026-11-25T09:00:00Z",
            "integrationId": "cart-1",
            "applicationId": 3,
            "profileId": "ada",
            "state": "open",
            "cartItems": [{"sku": "a", "quantity": 1, "price": "9.50", "additionalCosts": {"gift": {"price": 1}}}],
            "couponCodes": ["SUMMER"],
            "attributes": {"City": "Berlin", "Since": None},
            "firstSession": True,
            "total": 9.5,
            "cartItemTotal": 9.5,
            "additionalCostTotal": 0,
            "updated": "2026-11-25T09:00:00Z",
        },
        "effects": [
            {
                "campaignId": 1,
                "rulesetId": 2,
                "ruleIndex": 0,
                "ruleName": "Ten off",
                "effectType": effect_type,
                "props": props,
            }
            for effect_type, props in (("setDiscount", {"name": "n", "value": 1}), ("sing", {"key": "C"}))
        ],
        "loyalty": {"cards": [], "programs": {}},
        "triggeredCampaigns": None,
        "moonPhase": "full",
    },
    models.CustomerProfile: {
        "id": 6,
        "created": "2024-06-10T09:05:27.993483Z",
        "integrationId": "ada",
        "attributes": {"Tier": "gold"},
        "accountId": 31,
        "closedSessions": 17,
        "totalSales": 1299.5,
        "audienceMemberships": [{"id": 1, "name": "Regulars"}, None],
        "lastActivity": "2026-11-25T09:05:27Z",
    },
}
"""Responses as the API sends them."""


@st.composite
def mutated(draw, value):
    """Draw a JSON value with a member or entry left out, added or replaced."""
    value = deepcopy(value)
    place = value
    while True:
        if not place:
            return value
        step = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if isinstance(place[step], (dict, list)) and draw(st.booleans()):
            place = place[step]
            continue
        match draw(st.sampled_from(["drop", "replace", "add"])):
            case "drop":
                del place[step]
            case "replace":
                place[step] = draw(json_values)
            case _ if isinstance(place, dict):
                place[draw(text)] = draw(json_values)
            case _:
                place.append(draw(json_values))
        return value


@pytest.mark.parametrize("model", RECEIVED, ids=lambda model: model.__name__)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_nothing_of_a_response_is_lost(model, data):
    """Every member of any response survives reading and writing, unknown ones included."""
    response = data.draw(responses(model))
    assert_holds(unstructure(structure(response, model)), response)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_any_object_is_read_and_any_other_json_is_a_value_error(model, data):
    """Reading any JSON object as a response ends in its model, and any other JSON in ValueError."""
    response = data.draw(json_values | bent(model))
    try:
        read = structure(response, model)
    except ValueError:
        assert not isinstance(response, dict) or model in REJECTING
    else:
        assert isinstance(read, model)
        assert_holds(unstructure(read), response)


@pytest.mark.parametrize("model", VALID, ids=lambda model: model.__name__)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_is_read_of_a_mutated_response_is_written_again(model, data):
    """A valid response that was changed somewhere is read and written whole."""
    response = data.draw(mutated(VALID[model]))
    before = deepcopy(response)
    read = structure(response, model)
    assert_holds(unstructure(read), response)
    assert response == before
    assert structure(unstructure(read), model) == read


@pytest.mark.parametrize("model", VALID, ids=lambda model: model.__name__)
def test_a_valid_response_is_read_and_written(model):
    """The responses that are mutated are valid themselves."""
    assert_holds(unstructure(structure(VALID[model], model)), VALID[model])
