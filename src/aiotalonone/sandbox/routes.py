"""Find what a request is for, and the path values of it, among things that have a method and a path's template."""

from collections.abc import Iterable, Mapping
from typing import Generic, Protocol, TypeVar
from urllib.parse import unquote

from attrs import define
from starlette.types import Scope

from aiotalonone.sandbox.http.problems import ApiProblem
from aiotalonone.sandbox.operations import OPERATIONS, Operation


class Addressed(Protocol):
    """Something that requests are for."""

    @property
    def method(self) -> str:
        """HTTP method."""
        ...

    @property
    def template(self) -> str:
        """Path; a segment such as ``{integrationId}`` is a value."""
        ...


A = TypeVar("A", bound=Addressed)


@define(frozen=True)
class Match(Generic[A]):
    """What a request is for, and the decoded values in its path, by name."""

    target: A
    path: Mapping[str, str]


class Routes(Generic[A]):
    """What requests may be for; the first two segments of each template, as in ``/v2/events``, are no values."""

    def __init__(self, targets: Iterable[A]) -> None:
        self._routes: dict[tuple[str, ...], list[tuple[A, list[str]]]] = {}
        for target in targets:
            template = target.template.split("/")
            self._routes.setdefault(_start(template), []).append((target, template))

    def match(self, scope: Scope) -> Match[A]:
        """Return what an ASGI request is for.

        Raises:
            ApiProblem: 404 or 405, there is nothing of that path or method.
        """
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        return self.find(scope["method"], raw_path.decode("ascii", errors="replace"))

    def find(self, method: str, raw_path: str) -> Match[A]:
        """Return what a path is for that is still encoded, so that an encoded slash stays inside its segment.

        Raises:
            ApiProblem: 404 for an unknown path, 405 for a known one with another method.
        """
        segments = raw_path.split("/")
        matches = [
            Match(target, path)
            for target, template in self._routes.get(_start(segments), ())
            if (path := _path_values(template, segments)) is not None
        ]
        for match in matches:
            if match.target.method == method:
                return match
        if matches:
            allowed = ", ".join(sorted({match.target.method for match in matches}))
            raise ApiProblem(405, "Method not allowed", headers={"Allow": allowed})
        raise ApiProblem(404, "Resource not found")


def _start(segments: list[str]) -> tuple[str, ...]:
    return tuple(segments[:3])


def _path_values(template: list[str], segments: list[str]) -> dict[str, str] | None:
    """Return the decoded values of a path, or None if it does not match the template."""
    if len(segments) != len(template):
        return None
    values: dict[str, str] = {}
    for expected, segment in zip(template, segments, strict=True):
        if expected.startswith("{") and segment:
            values[expected.strip("{}")] = unquote(segment)
        elif expected != segment:
            return None
    return values


API: Routes[Operation] = Routes(OPERATIONS)
"""The operations of the API."""


def operation_id_of(scope: Scope) -> str | None:
    """Return the name of the operation that an ASGI request is for, or None if there is no such operation."""
    try:
        return API.match(scope).target.operation_id
    except ApiProblem:
        return None
