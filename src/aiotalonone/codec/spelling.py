"""Which member is meant by a name that a model does not know."""

from functools import lru_cache
from typing import Any, Final

import attrs

from aiotalonone.codec.fields import EXTRA, json_name

_SIMILAR: Final = 0.85
"""From which likeness on, of 1 for equal names, one is taken for the other."""


@lru_cache(maxsize=1024)
def closest_member(kind: Any, name: str) -> str | None:
    """Return the JSON name of the member that an unknown name is close to, ``None`` if there is no such member."""
    names = {_normal(json_name(member)): json_name(member) for member in attrs.fields(kind) if member.name != EXTRA}
    if not names:
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - few mappings have such a name

    found = get_close_matches(_normal(name), names, n=1, cutoff=_SIMILAR)
    return names[found[0]] if found else None


def is_spelled_alike(name: str, other: str) -> bool:
    """Return whether two names differ in case, underscores and hyphens alone."""
    return _normal(name) == _normal(other)


def _normal(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()
