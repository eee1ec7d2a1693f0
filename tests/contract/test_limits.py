"""The limits that the specifications document for bodies of requests."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from aiotalonone import models, structure, unstructure
from tests.contract.bodies import FULL
from tools.specs import VERSIONS, Schema, Spec, spec

NO_LONGER = {("NewCustomerSession", "name")}
"""Members that a newer specification has freed of their limit."""


def newest(name: str) -> Spec:
    return [spec(version) for version in VERSIONS if name in spec(version).schemas][-1]


def beyond(value: Any, schema: Schema) -> Iterator[Any]:
    """Yield a value beyond each limit of a schema."""
    if "minLength" in schema:
        yield value[: schema["minLength"] - 1]
    if "maxLength" in schema:
        yield value * (schema["maxLength"] + 1)
    if "pattern" in schema:
        yield f"{value} "
    if "minItems" in schema:
        yield value[: schema["minItems"] - 1]
    if "maxItems" in schema:
        yield value * (schema["maxItems"] + 1)
    if "uniqueItems" in schema:
        yield [*value, value[0]]
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1


def limits_of(name: str) -> Iterator[tuple[list[str | int], Any]]:
    """Yield each place in the full body of a model that has a limit, with a value beyond it."""
    described = newest(name)
    pending: list[tuple[list[str | int], Any, Schema]] = [([], unstructure(FULL[name]), {"$ref": name})]
    while pending:
        steps, value, schema = pending.pop()
        schema = described.resolve(schema)
        is_known = not steps or (name, steps[-1]) not in NO_LONGER
        yield from ((steps, wrong) for wrong in beyond(value, schema) if is_known)
        if isinstance(value, list) and "items" in schema:
            pending += [([*steps, index], entry, schema["items"]) for index, entry in enumerate(value)]
        elif isinstance(value, dict):
            members = described.merged(schema)[0]
            pending += [([*steps, member], value[member], members[member]) for member in value if member in members]


CASES = [
    pytest.param(name, steps, wrong, id="-".join(map(str, [name, *steps, repr(wrong)[:8]])))
    for name in FULL
    for steps, wrong in limits_of(name)
]


@pytest.mark.parametrize(("name", "steps", "wrong"), CASES)
def test_a_value_beyond_a_documented_limit_is_rejected(name: str, steps: list[Any], wrong: Any) -> None:
    """A full body is read, and is an error if one of its members is beyond a limit that the specification has."""
    body = unstructure(FULL[name])
    structure(body, getattr(models, name))
    changed = deepcopy(body)
    place = changed
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = wrong
    with pytest.raises(ValueError, match=f"not a {name}: "):
        structure(changed, getattr(models, name))
