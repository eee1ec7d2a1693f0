"""Every way in which one place of a JSON value can be another: away, null, or of another kind."""

from copy import copy
from datetime import datetime

import orjson

AWAY = object()
OTHERS = [AWAY, None, "no date, no number", 7, 1.5, True, [], [7], ["a", None], {}, {"a": 7}, [{"a": [None]}]]
"""What comes in the place of a value; of each kind that JSON has, some."""


MAX_SLICE = 1500
"""Bytes of JSON text, of a value that is quickly read some thousand times."""


def slices(value):
    """Yield a JSON value branch by branch, so that each is small and all together have each of its places."""
    if len(orjson.dumps(value)) <= MAX_SLICE:
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from ({name: part} for part in slices(member))
    else:
        for entry in value:
            yield from ([part] for part in slices(entry))


def places(value, path=()):
    """Yield the path of everything inside a JSON value, the whole excepted."""
    steps = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for step in steps:
        yield (*path, step)
        yield from places(value[step], (*path, step))


def mutations(value, others=OTHERS):
    """Yield a path, what comes there, and the JSON text of the value that results."""
    value = orjson.loads(orjson.dumps(value))
    for path in list(places(value)):
        *way, last = path
        holder = at(value, way)
        before = copy(holder)
        for other in others:
            if other is AWAY:
                del holder[last]
            else:
                holder[last] = other
            yield path, other, orjson.dumps(value)
            holder.clear()
            (holder.update if isinstance(holder, dict) else holder.extend)(before)


def at(value, path):
    """Return what stands at a path."""
    for step in path:
        value = value[step]
    return value


def without_nothing(value):
    """Return a JSON value without members that are null or empty, and its dates in one spelling."""
    match value:
        case dict():
            members = {name: without_nothing(member) for name, member in value.items()}
            return {name: member for name, member in members.items() if member not in (None, [], {})}
        case list():
            return [without_nothing(entry) for entry in value]
        case str() if value[10:11] == "T":
            return datetime.fromisoformat(value)
    return value


def assert_holds(written, response):
    """``written`` has every member of ``response``, null members, instants and numbers that came as text aside."""
    if isinstance(response, dict):
        assert isinstance(written, dict)
        for name, value in response.items():
            if value is not None or name in written:
                assert_holds(written.get(name), value)
    elif isinstance(response, list):
        assert len(written) == len(response)
        for one, other in zip(written, response, strict=True):
            assert_holds(one, other)
    elif written != response and response is not None:
        if isinstance(written, str):
            assert datetime.fromisoformat(written) == datetime.fromisoformat(response)
        else:
            assert written == float(response)
