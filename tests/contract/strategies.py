"""Random paths, queries and bodies of requests, within what a specification allows."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import attrs
from hypothesis import strategies as st

from aiotalonone.codec.fields import EXTRA, json_name, union_members
from aiotalonone.models import (
    CATALOG_ACTION_PAYLOADS,
    ActivateLoyaltyPoints,
    BestPriorTarget,
    CatalogAction,
    CatalogActionType,
    CatalogSyncRequest,
    DeleteLoyaltyTransactionsRequest,
)
from aiotalonone.models._fields import LimitError
from aiotalonone.operation import Operation
from tests.contract.calls import parameters
from tests.contract.specs import REQUIRED_BY_TEXT
from tools.specs import Schema, spec

Values = st.SearchStrategy[Any]

MAX_CHARACTERS = 30
MAX_ENTRIES = 3

TEXTS = st.text(max_size=MAX_CHARACTERS)
INTEGERS = st.integers(-(2**53), 2**53)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))

ATTRIBUTES = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | INTEGERS | FLOATS | DECIMALS | TEXTS,
        lambda inner: st.lists(inner, max_size=MAX_ENTRIES) | st.dictionaries(TEXTS, inner, max_size=MAX_ENTRIES),
        max_leaves=5,
    ),
    max_size=MAX_ENTRIES,
)

BY_PROSE = {"quantity": st.integers(1, 3000), "timeframe": st.integers(1, 365).map(str)}
"""Members with limits that no schema says: a cart has at most 10 000 units, each line one at least; days are digits."""

HAVE_RULES = {ActivateLoyaltyPoints, DeleteLoyaltyTransactionsRequest}
"""Models whose members may exclude or need each other, which no schema says."""


def paths(operation: Operation[Any]) -> Values:
    """Return values for the names in an operation's path; a text such as ``..`` would address another resource."""
    known = parameters(operation, "path")
    return st.tuples(*(_segments(known[name]["schema"]) for name in operation.path_names))


def _segments(schema: Schema) -> Values:
    if schema["type"] == "integer":
        return st.integers(1, 2**31 - 1)
    return st.text(min_size=schema.get("minLength", 1), max_size=schema.get("maxLength")).filter(
        lambda text: text not in {".", ".."}
    )


def bodies(model: type, version: str) -> Values:
    """Return instances of a model with the members that a version has: all that it requires, and any others."""
    if model in BY_HAND:
        return BY_HAND[model](version)
    described = spec(version).members(model.__name__)
    required = spec(version).required(model.__name__) | REQUIRED_BY_TEXT.get(model.__name__, set())
    members = {} if described else {"extra": ATTRIBUTES}
    for member in attrs.fields(model):
        name = json_name(member)
        if member.name != EXTRA and name in described:
            values = _member(member, described[name], version)
            members[member.name] = values if name in required else st.none() | values
    if model in HAVE_RULES:
        return (
            st.fixed_dictionaries(members)
            .filter(lambda values: _follows_rules(model, values))
            .map(lambda values: model(**values))
        )
    return st.builds(model, **members)


def _follows_rules(model: type, values: dict[str, Any]) -> bool:
    try:
        model(**values)
    except LimitError:
        return False
    return True


def _member(member: "attrs.Attribute[Any]", schema: Schema, version: str) -> Values:
    return BY_PROSE[member.name] if member.name in BY_PROSE else _values(member.type, schema, version)


def _values(annotation: Any, schema: Schema, version: str) -> Values:
    kinds = union_members(annotation) - {NoneType}
    schema = spec(version).resolve(schema)
    return st.one_of(*(_of_kind(kind, schema, version) for kind in sorted(kinds, key=str)))


def _of_kind(kind: Any, schema: Schema, version: str) -> Values:
    if kind in PLAIN:
        return PLAIN[kind](schema)
    if attrs.has(kind):
        return bodies(kind, version)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from([choice for choice in arguments if choice in schema["enum"]])
    if origin is list:
        entries = _values(*arguments, schema["items"], version)
        return st.lists(
            entries, **_sizes(schema["items"] | schema, "Items", MAX_ENTRIES), unique=schema.get("uniqueItems", False)
        )
    if arguments == (str, Any):
        return ATTRIBUTES
    return st.dictionaries(TEXTS, _values(arguments[-1], schema["additionalProperties"], version), max_size=MAX_ENTRIES)


def _catalog_syncs(version: str) -> Values:
    """Return requests whose actions have one type and name each SKU once, as only prose says."""

    def actions(choice: tuple[CatalogActionType, type]) -> Values:
        payloads = st.lists(bodies(choice[1], version), min_size=1, max_size=MAX_ENTRIES, unique_by=_sku_or_itself)
        return payloads.map(lambda made: [CatalogAction(type=choice[0], payload=payload) for payload in made])

    kinds = st.sampled_from(list(CATALOG_ACTION_PAYLOADS.items()))
    versions = st.none() | st.integers(1, 2**31 - 1)
    return st.builds(CatalogSyncRequest, actions=kinds.flatmap(actions), version=versions)


def _sku_or_itself(payload: Any) -> object:
    return getattr(payload, "sku", id(payload))


def _targets(_version: str) -> Values:
    """Return targets that name an audience if they are one."""
    audiences = st.builds(BestPriorTarget, target_type=st.just("AUDIENCE"), audience_id=INTEGERS)
    return st.just(BestPriorTarget(target_type="NONE")) | audiences


BY_HAND: dict[type, Callable[[str], Values]] = {
    BestPriorTarget: _targets,
    CatalogSyncRequest: _catalog_syncs,
}
"""Models whose members depend on each other."""


def _texts(schema: Schema) -> Values:
    if schema.get("format") == "uuid":
        return st.uuids().map(str)
    if "pattern" in schema:
        sizes = _sizes(schema, "Length", MAX_CHARACTERS)
        return st.from_regex(schema["pattern"], fullmatch=True).filter(
            lambda text: sizes["min_size"] <= len(text) <= sizes["max_size"]
        )
    return st.text(**_sizes(schema, "Length", MAX_CHARACTERS))


def _integers(schema: Schema) -> Values:
    return st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1))


def _sizes(schema: Schema, what: str, most: int) -> dict[str, int]:
    return {"min_size": schema.get(f"min{what}", 0), "max_size": min(schema.get(f"max{what}", most), most)}


PLAIN: dict[Any, Callable[[Schema], Values]] = {
    Any: lambda _: TEXTS | FLOATS,
    bool: lambda _: st.booleans(),
    str: _texts,
    int: _integers,
    float: lambda _: FLOATS,
    Decimal: lambda _: DECIMALS,
    datetime: lambda _: st.datetimes(timezones=OFFSETS),
}
