"""The members of ``**query: Unpack[…]``, which the reference spells out as parameters of the method."""

import typing
from importlib import import_module
from types import FunctionType
from typing import Any, NamedTuple, Unpack, is_typeddict

from sphinx.pycode import ModuleAnalyzer


class Query(NamedTuple):
    """A parameter that takes several by their names."""

    parameter: str
    kind: Any
    """The TypedDict of its members."""


def query_of(function: FunctionType) -> Query | None:
    """Return the query of a function whose annotations are resolved, ``None`` if it has no such parameter."""
    for name, annotation in function.__annotations__.items():
        origin: Any = typing.get_origin(annotation)
        if origin is Unpack:
            return Query(name, typing.get_args(annotation)[0])
    return None


def texts_of(kind: Any) -> dict[str, str]:
    """Return the texts of a TypedDict's members, in their order.

    At runtime a TypedDict does not know what it extends. Its members tell: a base has some of them, and no other.
    """
    module = import_module(kind.__module__)
    texts: dict[str, str] = {}
    for (owner, member), lines in ModuleAnalyzer.for_module(kind.__module__).find_attr_docs().items():
        other = getattr(module, owner, None)
        if is_typeddict(other) and (other is kind or other.__annotations__.keys() < kind.__annotations__.keys()):
            texts[member] = " ".join(lines).strip()
    return {member: texts[member] for member in typing.get_type_hints(kind)}
