"""The ``__init__`` of models: as attrs makes it, but that lists and dicts are copied on the way into the model."""

from collections.abc import Callable, Iterator
from functools import cache, update_wrapper, wraps
from typing import Any, Final

from attrs import NOTHING, Attribute, Factory, fields
from attrs.validators import get_disabled

Init = Callable[..., None]
Copy = Callable[[str, Any], Any]

_BESIDE_INIT: Final = ("__attrs_pre_init__", "__attrs_post_init__", "__attrs_init__")


def copying_init(kind: Any, init: Init, copied: frozenset[str], copy: Copy) -> Init:
    """Return the ``__init__`` of a model that keeps copies of what it is given.

    Args:
        kind: The model.
        init: What attrs has made for it.
        copied: The names under which it is given lists and dicts.
        copy: Copies the value of a name.
    """
    return _generated_when_called(kind, init, copied, copy) if _is_plain(kind) else _wrapped(init, copied, copy)


def _is_plain(kind: Any) -> bool:
    """Return whether the ``__init__`` only sets members that are given by name, as in all classes of ours."""
    is_checked = any(member.validator for member in fields(kind))
    return (
        (is_checked or kind.__setattr__ is object.__setattr__)  # that of a frozen class fails
        and not any(hasattr(kind, name) for name in _BESIDE_INIT)
        and all(
            member.init and member.kw_only and member.converter is None and not _needs_model(member.default)
            for member in fields(kind)
        )
    )


def _needs_model(default: Any) -> bool:
    return isinstance(default, Factory) and default.takes_self  # type: ignore[arg-type]


def _wrapped(init: Init, copied: frozenset[str], copy: Copy) -> Init:
    @wraps(init)
    def copy_and_init(self: Any, *arguments: Any, **members: Any) -> None:
        for name, value in members.items():
            if name in copied:
                members[name] = copy(name, value)
        if arguments:  # a derived class may have members that are given by position
            arguments = tuple(copy("a member", argument) for argument in arguments)
        init(self, *arguments, **members)

    return copy_and_init


def _generated_when_called(kind: Any, init: Init, copied: frozenset[str], copy: Copy) -> Init:
    """Return what puts a generated ``__init__`` in its place: the other takes as long again to pack and unpack members.

    Callers make few of the classes, and to generate a function takes longer than a call of the API.
    """

    @cache
    def generate() -> Init:
        names: dict[str, Any] = {"copy": copy, "NOTHING": NOTHING, "get_disabled": get_disabled}
        names["set_member"] = object.__setattr__
        for member in fields(kind):
            names |= {f"member_{member.name}": member, f"default_{member.name}": member.default}
        source = "\n".join(_lines(kind, copied))
        exec(compile(source, f"<init {kind.__name__}>", "exec"), names)  # noqa: S102 - lines of our own
        generated: Init = update_wrapper(names["__init__"], init)
        if kind.__dict__.get("__init__") is generate_and_init:
            kind.__init__ = generated
        return generated

    @wraps(init)
    def generate_and_init(self: Any, *arguments: Any, **members: Any) -> None:
        generate()(self, *arguments, **members)

    generate_and_init.generate = generate  # type: ignore[attr-defined]
    return generate_and_init


def prepare_init(kind: Any) -> None:
    """Generate what the first model of a class would wait for, if there is such a thing."""
    generate = getattr(kind.__init__, "generate", None)
    if generate is not None:
        generate()


def _lines(kind: Any, copied: frozenset[str]) -> Iterator[str]:
    members = fields(kind)
    validated = [member for member in members if member.validator is not None]
    yield f"def __init__(self, *, {', '.join(map(_parameter, members))}):"
    # If members are checked, assigning one would check it; at the end all of them are.
    assignment = "set_member(self, {!r}, {})" if validated else "self.{} = {}"
    for member in members:
        if member.name == "extra" and member.inherited:
            yield f"  if extra is NOTHING: {assignment.format('_extra', None)}"  # its slot, without the empty dict
            yield f"  else: {assignment.format('extra', 'extra')}"
        else:
            yield f"  {assignment.format(member.name, _value(member, is_copied=member.alias in copied))}"
    if validated:
        yield "  if not get_disabled():"
        for member in validated:
            yield f"    member_{member.name}.validator(self, member_{member.name}, self.{member.name})"


def _parameter(member: "Attribute[Any]") -> str:
    if member.default is NOTHING:
        return str(member.alias)
    default = "NOTHING" if isinstance(member.default, Factory) else f"default_{member.name}"  # type: ignore[arg-type]
    return f"{member.alias}={default}"


def _value(member: "Attribute[Any]", *, is_copied: bool) -> str:
    """Return the source of what becomes of a parameter."""
    value = str(member.alias)
    if is_copied:
        value = f"None if {member.alias} is None else copy({member.alias!r}, {member.alias})"
    if isinstance(member.default, Factory):  # type: ignore[arg-type]
        value = f"default_{member.name}.factory() if {member.alias} is NOTHING else {value}"
    return value
