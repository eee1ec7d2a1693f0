"""Attributes in requests: checked against their definitions, merged key by key."""

from collections.abc import Mapping
from typing import Any

from aiotalonone.sandbox.calls import Desk
from aiotalonone.sandbox.reading import Members


def read_attributes(desk: Desk, members: Members, entity: str) -> dict[str, Any]:
    """The attributes of a request, or of a part of it."""
    attributes = members.mapping("attributes")
    desk.account.definitions.check(entity, attributes, (*members.path, "attributes"))
    return attributes


def merge(held: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Sets what is given and erases what is null; the rest stays."""
    for name, value in changes.items():
        if value is None:
            held.pop(name, None)
        else:
            held[name] = value
