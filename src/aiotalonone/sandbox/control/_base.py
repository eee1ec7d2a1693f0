"""How a resource of the sandbox is declared: a decorator on the function that serves it."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Final

from attrs import define

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.query import Query
from aiotalonone.sandbox.platform import Platform

JSON = dict[str, Any]
Serve = Callable[[Platform, Request], Response]

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 500


@define(frozen=True)
class Resource:
    """A method of a resource, and the function that serves it."""

    method: str
    template: str
    serve: Serve


def resource(method: str, template: str) -> Callable[[Serve], Resource]:
    """Declare the decorated function as a resource, which it becomes."""
    return lambda serve: Resource(method, template, serve)


def limit_of(query: Query) -> int:
    """Return how many entries a request wants at most."""
    return query.integer("limit", DEFAULT_LIMIT, minimum=1, maximum=MAX_LIMIT)


def page(query: Query, entries: Mapping[Any, Any] | list[Any], show: Callable[[Any], JSON]) -> Response:
    """Return the entries that ``skip`` and ``limit`` select, as a list of JSON objects."""
    values: Iterable[Any] = entries.values() if isinstance(entries, Mapping) else entries
    skip = query.integer("skip", 0)
    limit = limit_of(query)
    shown = [show(entry) for entry in islice(values, skip, skip + limit)]
    return Response(200, {"total": len(entries), "hasMore": skip + len(shown) < len(entries), "data": shown})
