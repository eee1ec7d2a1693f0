"""The members that a class declares as attributes: their names and types, those of generic bases included."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, NotRequired, Required, TypeVar, get_args, get_origin, get_type_hints

import attrs

from aiotalonone.codec.attribute_types import names_in, qualifiers_of


@attrs.frozen
class DeclaredMember:
    """A member of an attrs class or a TypedDict."""

    name: str
    """What the constructor calls it, or the key of the dict."""
    slot: str
    """What an object calls it: a private member has an underscore there."""
    annotation: Any
    is_required: bool

    @property
    def attribute(self) -> str:
        """The name of the attribute in the account.

        Raises:
            TypeError: It has several, or one that no attribute can have.
        """
        names = list(names_in(self.annotation))
        if len(names) > 1:
            raise TypeError("has more than one name")
        name: Any = names[0].name if names else self.name
        if not isinstance(name, str) or not name or name != name.strip():
            raise TypeError("the name of an attribute is a text that neither starts nor ends with a blank")
        return str(name)


def members_of(kind: Any) -> list[DeclaredMember]:
    """Return the members of an attrs class or TypedDict, possibly with the types that a generic one is given.

    Raises:
        TypeError: It is neither, a member is not given to the constructor, or an annotation cannot be resolved.
    """
    origin: Any = get_origin(kind) or kind
    if not _is_declarable(origin):
        raise TypeError("is neither an attrs class nor a TypedDict; @attributes stands above @define")
    members = _of_attrs_class if attrs.has(origin) else _of_typed_dict
    return list(members(origin, _annotations(kind)))


def _is_declarable(kind: Any) -> bool:
    return isinstance(kind, type) and (attrs.has(kind) or _is_typed_dict(kind))


def _is_typed_dict(kind: type) -> bool:
    """Return whether a class is a TypedDict, of ``typing`` or ``typing_extensions``."""
    return issubclass(kind, dict) and hasattr(kind, "__total__")


def _of_attrs_class(kind: Any, annotations: Mapping[str, Any]) -> Iterator[DeclaredMember]:
    for member in attrs.fields(kind):
        if not member.init:
            raise TypeError(f"{member.name} is not given to the constructor: make it a property or a ClassVar")
        annotation = annotations.get(member.name, member.type)
        yield DeclaredMember(member.alias, member.name, annotation, member.default is attrs.NOTHING)


def _of_typed_dict(kind: Any, annotations: Mapping[str, Any]) -> Iterator[DeclaredMember]:
    for name, annotation in annotations.items():
        qualifiers = qualifiers_of(annotation)  # those of an annotation in quotes are not in ``__required_keys__``
        is_required = Required in qualifiers or (name in kind.__required_keys__ and NotRequired not in qualifiers)
        yield DeclaredMember(name, name, annotation, is_required)


def _annotations(kind: Any) -> dict[str, Any]:
    """Return the types of all members, with the types that bases are given in place of their type variables."""
    origin: Any = get_origin(kind) or kind
    own = _own_annotations(origin)
    annotations: dict[str, Any] = {}
    for base in reversed(vars(origin).get("__orig_bases__", origin.__bases__)):
        if _is_declarable(get_origin(base) or base):
            annotations |= _annotations(base)
    if _is_typed_dict(origin):  # it repeats the members of its bases, without the types that those are given
        annotations = own | annotations
    else:
        annotations |= own
    given = dict(zip(getattr(origin, "__parameters__", ()), get_args(kind), strict=False))
    return {name: _given(annotation, given) for name, annotation in annotations.items()}


def _own_annotations(kind: Any) -> dict[str, Any]:
    try:
        hints = get_type_hints(kind, include_extras=True)
    except NameError as failure:
        problem = f"{failure.name} is not in its module when the program runs: import it outside of TYPE_CHECKING"
    else:
        return {name: hints[name] for name in inspect.get_annotations(kind)}
    raise TypeError(problem)


def _given(annotation: Any, given: Mapping[Any, Any]) -> Any:
    """Return a type with other types in place of its type variables."""
    if isinstance(annotation, TypeVar):
        return given.get(annotation, annotation)
    parameters = getattr(annotation, "__parameters__", ())
    return annotation[tuple(given.get(parameter, parameter) for parameter in parameters)] if parameters else annotation
