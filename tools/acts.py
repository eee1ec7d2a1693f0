"""What a difference between two specifications asks of a maintainer, by what the client has."""

import re
import sys
from typing import Any, Final

import attrs

from aiotalonone import endpoints, models
from aiotalonone.codec.fields import json_name
from aiotalonone.operation import Operation
from tools.differences import ENUM, Difference
from tools.specs import Spec

_CHECKS: Final = {"type": "type", "required": "default", ENUM: "Literal"}
"""What of a member is checked, by what has changed; of all else its limits and docstring."""


class Acts:
    """Tells what is to be done about differences from a specification.

    Raises:
        KeyError: The specification refers to a schema that it does not have.
    """

    def __init__(self, theirs: Spec) -> None:
        self._operations: dict[str, tuple[Operation[Any], str]] = {
            constant.operation_id: (constant, _file(module.__name__))
            for module in endpoints.modules()
            for constant in vars(module).values()
            if isinstance(constant, Operation)
        }
        called = [facts for name, facts in theirs.operations.items() if name in self._operations]
        bodies = [facts["body"]["schema"] for facts in called if "body" in facts]
        self._reached = theirs.reached(
            [*bodies, *(schema for facts in called for schema in facts["responses"].values())]
        )

    def on_authorization(self, difference: Difference) -> str:
        """Return what is to be done about a way to authorize."""
        return (
            "keep it in settings.py while servers have it" if difference.what == "gone" else "check it in settings.py"
        )

    def on_operation(self, difference: Difference) -> str:
        """Return what is to be done about an operation, or a part of one."""
        is_whole = difference.place == difference.root
        operation, file = self._operations.get(difference.root, (None, ""))
        if operation is None:
            return "add an endpoint" if is_whole and difference.what == "new" else "nothing: no method calls it"
        part = difference.place.removeprefix(f"{difference.root} ")
        if re.match("[13-5]", part):
            return "nothing: an error has the class of its status"
        if difference.what == "gone":
            return f"keep it in {file} while servers have it"
        if difference.what == "new":
            return f"nothing: {file} has it" if is_whole or _has_part(operation, part) else f"add it in {file}"
        return f"deprecate it in {file}" if difference.aspects == {"deprecated"} else f"check it in {file}"

    def on_schema(self, difference: Difference) -> str:
        """Return what is to be done about a schema, or a member of one."""
        kind = vars(models).get(difference.root)
        if kind is None:
            if difference.root not in self._reached:
                return "nothing: no method reaches it"
            return "add a class to models/" if difference.place == difference.root else "check what reads it"
        file = _file(kind.__module__)
        if difference.what == "gone":
            return f"keep it in {file} while servers have it"
        if difference.what == "new":
            return f"nothing: {file} has it" if _has_member(kind, difference.place) else f"add it in {file}"
        check = next((_CHECKS[aspect] for aspect in _CHECKS if aspect in difference.aspects), "limits and docstring")
        return f"check its {check} in {file}"


def _has_part(operation: Operation[Any], part: str) -> bool:
    """Return whether a constant has a parameter, body or status."""
    place, _, name = part.partition(" ")
    has = {"query": name in operation.query, "path": name in operation.path_names, "body": operation.body is not None}
    return has.get(place, place in map(str, operation.success))


def _has_member(kind: Any, place: str) -> bool:
    """Return whether a class is that of a place, or has its member."""
    return "." not in place or place.partition(".")[2] in map(json_name, attrs.fields(kind))


def _file(module: str) -> str:
    """Return a module's path below the package."""
    is_package = hasattr(sys.modules[module], "__path__")
    return f"{'/'.join(module.split('.')[1:])}{'/' if is_package else '.py'}"
