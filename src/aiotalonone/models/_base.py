"""What every model has: a place for members that its class does not know, and lists and dicts of its own."""

from collections import UserString
from collections.abc import Callable, Hashable, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from functools import cache
from types import GeneratorType, UnionType
from typing import Any, Final, Union, cast, get_args, get_origin

from attrs import Factory, define, field, fields

from aiotalonone.models._init import copying_init


@define(kw_only=True)
class Model:
    """An object of the API. Members that its class does not know are in ``extra``.

    What a model is made with is copied: later changes of a caller's list or dict do not change it.
    """

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
        _KEPT.add(kind)
        init = "__attrs_init__" if "__attrs_init__" in kind.__dict__ else "__init__"  # beside one of the caller's own
        copied = frozenset(member.alias for member in fields(kind) if is_list(member.type) or is_dict(member.type))
        setattr(kind, init, copying_init(kind, getattr(kind, init), copied, own_copy))
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


_KEPT: Final[set[type]] = {bool, float, int, str, type(None)}
"""Types whose values are not copied; every model is added."""


def own_copy(name: str, value: Any) -> Any:
    """Return a copy of lists and dicts, and of what stands for them, down to the models and values in them.

    Raises:
        TypeError: The member of that name contains itself, or is nested too deeply.
        ValueError: A generator in it has been used already.
    """
    error: Exception
    try:
        return value if type(value) in _KEPT else _copy(value)
    except RecursionError:
        error = TypeError(f"{name} contains itself, or is nested too deeply")
    except _UsedGeneratorError:
        error = ValueError(f"{name} has a generator that has been used: it would be sent as an empty list")
    raise error


class _UsedGeneratorError(Exception):
    """A generator that has nothing more to give."""


def _copy(value: Any) -> Any:
    if type(value) is dict:
        return _copy_dict(value)
    if type(value) is list:
        return _copy_list(value)
    if isinstance(value, (Model, str)):
        return value
    if isinstance(value, Mapping):
        return _copy_dict(value)
    if isinstance(value, GeneratorType) and value.gi_frame is None:
        raise _UsedGeneratorError
    entries = value if isinstance(value, Iterator) else as_list(value)
    return value if entries is None else _copy_list(entries)


def _copy_dict(value: Mapping[Any, Any]) -> dict[Any, Any]:
    copied = dict(value)
    if not _KEPT.issuperset(map(type, copied.values())):
        for name, entry in copied.items():
            copied[name] = _copy(entry)
    return copied


def _copy_list(entries: Iterable[Any]) -> list[Any]:
    copied = list(entries)
    return copied if _KEPT.issuperset(map(type, copied)) else [_copy(entry) for entry in copied]


def as_list(value: object) -> Sequence[Any] | None:
    """Return what may stand for a list, ``None`` if it cannot: texts and sets are no lists, an iterator ends."""
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, (str, bytes, bytearray, memoryview, UserString)):
        return None
    if isinstance(value, (Sequence, KeysView, ValuesView)) or _is_array(value):
        return cast("Sequence[Any]", value)
    return None


def _is_array(value: object) -> bool:
    """Return whether it is an array in the manner of numpy, rather than a scalar of it."""
    return hasattr(value, "tolist") and getattr(value, "shape", ()) != ()


@cache
def is_list(annotation: Hashable) -> bool:
    """Return whether a member is a list, possibly ``None``."""
    return list in _origins(annotation)


@cache
def is_dict(annotation: Hashable) -> bool:
    """Return whether a member is a dict, possibly ``None``."""
    return dict in _origins(annotation)


def _origins(annotation: Any) -> set[Any]:
    is_union = get_origin(annotation) in {Union, UnionType}
    return {get_origin(kind) for kind in (get_args(annotation) if is_union else (annotation,))}


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

    def write(model: Model, extra: Mapping[str, Any] | None) -> None:
        if extra is None or (type(extra) is dict and not extra):  # nearly always
            slot.__set__(model, None)
        elif isinstance(extra, Mapping):
            slot.__set__(model, own_copy("extra", extra) or None)
        else:
            raise TypeError(f"extra must be a mapping, not {type(extra).__name__}")

    Model._extra = slot  # type: ignore[attr-defined]  # noqa: SLF001
    Model.extra = property(read, write)  # type: ignore[assignment,misc]


_make_extra_lazy()
