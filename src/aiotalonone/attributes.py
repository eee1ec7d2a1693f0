"""An account's attributes as types: declared once, checked before they are sent, read back as what they are.

    @attributes
    @frozen(kw_only=True)
    class ShopProfile:
        tier: Annotated[str | Unset | None, Named("Loyalty Tier")] = UNSET

    to_attributes(ShopProfile(tier="gold"))                # {"Loyalty Tier": "gold"}, for ``attributes=`` of a model
    from_attributes(profile.attributes, ShopProfile).tier  # "gold"

A declaration is an attrs class or a TypedDict, one for each entity or type of event that has attributes of its own.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, TypeVar, get_origin, overload

import attrs

from aiotalonone.codec.attribute_members import members_of
from aiotalonone.codec.attribute_types import AttributeType, Location, Named, Unset, attribute_type, is_open
from aiotalonone.codec.shape import MAX_PLACES, Mismatch, another_kind

__all__ = ["UNSET", "Location", "Named", "Unset", "attribute_types", "attributes", "from_attributes", "to_attributes"]

T = TypeVar("T")

UNSET: Final = Unset.UNSET
"""What a member is that was not set: it is not sent. It counts as false."""

_logger: Final = logging.getLogger("aiotalonone")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
"""A name that a program has given, and that an error may show."""


@overload
def to_attributes(value: attrs.AttrsInstance) -> dict[str, Any]: ...
@overload
def to_attributes(value: T, kind: type[T]) -> dict[str, Any]: ...
def to_attributes(value: object, kind: Any = None) -> dict[str, Any]:
    """Return what a declared class holds, by the account's names, as JSON values; a Decimal stays one.

    Members that are ``UNSET`` are left out, as keys of a TypedDict that are not there; ``None`` stays and erases the
    attribute.

    Args:
        value: An object of a declared class, or the dict of a TypedDict.
        kind: The class that declares it. It may be left out for an object, unless its class is generic.

    Raises:
        TypeError: The class is not declared, or a member has another type.
        ValueError: A member is missing or is not declared, or a value cannot be sent.
    """
    declaration = _concrete(type(value) if kind is None else kind)
    given = declaration.given(value)
    return {member.attribute: member.type.write(member.name, entry) for member, entry in given if entry is not UNSET}


def from_attributes(attributes: Mapping[str, Any] | None, kind: type[T], *, strict: bool = False) -> T:
    """Return the attributes of a model as the class that declares them.

    Attributes that the class does not declare are passed over. One that is missing leaves its member at the default; so
    does null, unless the member can be ``None``. A member without a default is then ``None``. A value of another type
    stays as it came, and a line at WARNING names the attribute, once for each class. Validators of the class run, and
    what they raise is not caught.

    Args:
        attributes: ``attributes`` of a model; ``None`` counts as empty.
        kind: The class to read.
        strict: Raise if a value has another type, or is missing whose member has no default and cannot be ``None``.

    Raises:
        TypeError: The class is not declared.
        ValueError: ``attributes`` is not a mapping, or ``strict`` finds something. The message names attributes, not
            values.
    """
    declaration = _concrete(kind)
    if attributes is not None and not isinstance(attributes, Mapping):
        raise ValueError(f"not a {declaration.name}: {another_kind(dict, attributes)}")
    values, mismatches = declaration.read(attributes or {})
    if mismatches and strict:
        raise ValueError(f"not a {declaration.name}: {'; '.join(map(str, mismatches[:MAX_PLACES]))}")
    for mismatch in mismatches:
        _log(declaration, mismatch)
    made: T = declaration.kind(**values)
    return made


def attributes(kind: type[T]) -> type[T]:
    """Declare an account's attributes: a class decorator that checks an attrs class or a TypedDict, and returns it.

    A member is a ``str``, a ``Literal`` or ``Enum`` of texts, a number (``int``, ``float``, ``Decimal`` or a union of
    these), a ``bool``, a ``datetime``, a ``Location``, or a ``list``, ``Sequence`` or ``tuple[…, ...]`` of one of these
    other than ``bool``. With ``| None`` it can be erased; with ``| Unset`` and the default ``UNSET``, left out.

    Raises:
        TypeError: It is neither of the two, the API has no such type, two members have the same attribute, or an
            annotation cannot be resolved.
    """
    declared: Any = kind  # a class has a hash, says everyone but mypy
    _declaration_of(declared)
    _declared.add(declared)
    return kind


def attribute_types(kind: type[Any]) -> dict[str, str]:
    """Return the API's types of declared attributes by their names, as a campaign file of the sandbox has them.

    Raises:
        TypeError: The class is not declared.
    """
    return {member.attribute: member.type.name for member in _concrete(kind).members}


@attrs.frozen
class _Member:
    """One attribute of a declaration."""

    name: str
    """What the constructor calls it, or the key of the dict."""
    slot: str
    """What an object calls it."""
    attribute: str
    """What the account calls it."""
    type: AttributeType
    is_required: bool


@attrs.frozen(eq=False)
class _Declaration:
    """What a class declares."""

    name: str
    kind: Any
    members: tuple[_Member, ...]
    is_open: bool
    """Whether there are members whose type is a type variable's, which are left out of ``members``."""

    def given(self, value: Any) -> Iterator[tuple[_Member, Any]]:
        """Return the members that an object or dict has, with their values.

        Raises:
            TypeError: It is neither.
            ValueError: A member of a dict is missing, or is not declared.
        """
        expected: Any = self.kind if attrs.has(self.kind) else Mapping
        if not isinstance(value, expected):
            raise TypeError(f"the attributes must be a {self.name}, not {type(value).__name__}")
        if expected is not Mapping:
            return ((member, getattr(value, member.slot)) for member in self.members)
        self._check_names(value)
        return ((member, value[member.name]) for member in self.members if member.name in value)

    def _check_names(self, value: Mapping[Any, Any]) -> None:
        names = {member.name for member in self.members}
        for name in value:
            if name not in names:
                shown = name if _IDENTIFIER.fullmatch(str(name)) else "a member of the attributes"
                raise ValueError(f"{self.name} does not declare {shown}")
        for member in self.members:
            if member.is_required and member.name not in value:
                raise ValueError(f"{member.name} is missing")

    def read(self, attributes: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mismatch]]:
        """Return the values of the members, and where the attributes are not what is declared."""
        values: dict[str, Any] = {}
        mismatches: list[Mismatch] = []
        for member in self.members:
            name, steps = member.attribute, (member.attribute,)
            value = attributes.get(name)
            if value is not None:
                found: list[Mismatch] = []
                values[member.name] = member.type.read(value, steps, found)
                mismatches += found
            elif member.is_required or (name in attributes and member.type.is_nullable):
                values[member.name] = None
                if not member.type.is_nullable:
                    mismatches.append(Mismatch(steps, "null" if name in attributes else "missing"))
        return values, mismatches


_declared: Final[set[Any]] = set()
_told: Final[set[tuple[_Declaration, str]]] = set()


def _log(declaration: _Declaration, mismatch: Mismatch) -> None:
    key = (declaration, mismatch.pointer)
    if key not in _told:
        _told.add(key)
        problem = f"the attributes are not what it declares at {mismatch.pointer}: {mismatch.problem}"
        _logger.warning("%s: %s", declaration.name, problem)


def _concrete(kind: Any) -> _Declaration:
    """Return what a class declares that was decorated, and whose types are all known.

    Raises:
        TypeError: It is not such a class.
    """
    if (get_origin(kind) or kind) not in _declared:
        problem = "a dict needs the TypedDict that declares it" if kind is dict else "it needs @attributes"
        raise TypeError(f"{_name_of(kind)} is not declared: {problem}")
    declaration = _declaration_of(kind)
    if declaration.is_open:
        name = declaration.name
        raise TypeError(f"{name} is generic: derive a class with its types, or name them, as in {name}[str]")
    return declaration


@cache
def _declaration_of(kind: Any) -> _Declaration:
    """Return what a class declares.

    Raises:
        TypeError: It is not a class that can declare attributes, or the API has no such attributes.
    """
    place = _name_of(kind)
    members: dict[str, _Member] = {}
    is_generic = False
    try:
        for declared in members_of(kind):
            place = f"{_name_of(kind)}.{declared.name}"
            if is_open(declared.annotation):
                is_generic = True
                continue
            name, type_ = declared.attribute, attribute_type(declared.annotation)
            if name in members:
                raise TypeError(f"{members[name].name} is the attribute {name} as well")  # noqa: TRY301 - with its place
            members[name] = _Member(declared.name, declared.slot, name, type_, declared.is_required)
    except TypeError as failure:
        problem = f"{place}: {failure}"
    else:
        return _Declaration(_name_of(kind), get_origin(kind) or kind, tuple(members.values()), is_generic)
    raise TypeError(problem)


def _name_of(kind: Any) -> str:
    return str(getattr(get_origin(kind) or kind, "__name__", kind))
