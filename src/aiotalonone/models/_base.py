"""What every model has: a place for members that its class does not know."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from attrs import Factory, define, field, fields


@define(kw_only=True)
class Model:
    """An object of the API. Members that its class does not know are in ``extra``."""

    extra: dict[str, Any] = field(factory=dict)
    """Members that the class does not know, by their JSON names: those that the API sent, and further ones to send."""

    def __repr__(self) -> str:
        names = [member.name for member in fields(type(self)) if member.name != "extra"]
        if self._extra:  # type: ignore[attr-defined]
            names.append("extra")
        shown = (f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        cls.__repr__ = Model.__repr__  # type: ignore[method-assign]  # attrs would start with ``extra``
        kind: Any = cls
        if _factories(kind):
            kind.__getattr__ = _make_default


@cache
def _factories(kind: Any) -> dict[str, Callable[[], Any]]:
    """Return what makes the lists and maps of a class, by their names."""
    members = (member for member in fields(kind) if member.name != "extra")
    return {member.name: member.default.factory for member in members if isinstance(member.default, Factory)}  # type: ignore[arg-type]


def _make_default(model: Model, name: str) -> object:
    """Make the empty list or map that a response left out, when it is first asked for.

    Only classes with such members have this ``__getattr__``: Python reads every member of a class with one more slowly.
    """
    kind: Any = type(model)
    factory = _factories(kind).get(name)
    if factory is None:
        raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}", name=name, obj=model)
    value = factory()
    setattr(model, name, value)
    return value


def _make_extra_lazy() -> None:
    """Let ``extra`` take a dict's memory from its first use on; ``_extra`` is its slot as it is, the dict or ``None``.

    Few models have such members, and an empty dict takes as much memory as the rest of a profile.
    """
    slot: Any = Model.extra  # type: ignore[misc]

    def read(model: Model) -> dict[str, Any]:
        extra = slot.__get__(model)
        if extra is None:
            extra = {}
            slot.__set__(model, extra)
        return cast("dict[str, Any]", extra)

    def write(model: Model, extra: dict[str, Any] | None) -> None:
        slot.__set__(model, extra or None)

    Model._extra = slot  # type: ignore[attr-defined]  # noqa: SLF001
    Model.extra = property(read, write)  # type: ignore[assignment,misc]


_make_extra_lazy()
