"""Members of requests that several operations read."""

from collections.abc import Collection, Mapping
from typing import Any

from aiotalonone.sandbox.operations._base import Context
from aiotalonone.sandbox.validation import (
    MAX_INTEGRATION_ID_LENGTH,
    TOO_SHORT,
    JsonObject,
    ValidationError,
    choice_error,
)


def read_attributes(context: Context, members: JsonObject, entity: str) -> dict[str, Any]:
    """Read the attributes of a request, or of a part of it."""
    attributes = members.mapping("attributes")
    context.account.attribute_types.check(entity, attributes, (*members.path, "attributes"))
    return attributes


def merge(held: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Set the given attributes and erase those that are null; the rest stays."""
    for name, value in changes.items():
        if value is None:
            held.pop(name, None)
        else:
            held[name] = value


def read_content(body: JsonObject, known: Collection[str]) -> list[str]:
    """Read the names in ``responseContent``."""
    names = body.texts("responseContent")
    for index, name in enumerate(names):
        if name not in known:
            raise choice_error(body.place("responseContent", index), known)
    return names


def read_store(members: JsonObject) -> str | None:
    """Read the integration ID of a store, None if it is left out."""
    store = members.text("storeIntegrationId", max_length=MAX_INTEGRATION_ID_LENGTH)
    if store == "":
        raise members.error("storeIntegrationId", "must not be empty", TOO_SHORT)
    return store


def read_ids(members: JsonObject, name: str, *, max_items: int) -> list[str]:
    """Read a list of integration IDs, which must not be empty; the list itself may be left out."""
    ids = members.texts(name, max_items=max_items, max_length=MAX_INTEGRATION_ID_LENGTH)
    if "" in ids:
        raise ValidationError(members.place(name, ids.index("")), "must not be empty", title=TOO_SHORT)
    return ids
