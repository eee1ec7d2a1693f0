"""Find the operation and the path values of a request."""

from collections.abc import Mapping
from urllib.parse import unquote

from attrs import define
from starlette.types import Scope

from aiotalonone.sandbox.operations import OPERATIONS, Operation
from aiotalonone.sandbox.problems import ApiProblem

ROUTES = tuple((operation, tuple(operation.template.split("/"))) for operation in OPERATIONS)


@define(frozen=True)
class Match:
    """An operation and the decoded values in its path, by name."""

    operation: Operation
    path: Mapping[str, str]


def match_request(scope: Scope) -> Match:
    """Return the operation that an ASGI request is for.

    Raises:
        ApiProblem: 404 or 405, there is no such operation.
    """
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return find_operation(scope["method"], raw_path.decode("ascii", errors="replace"))


def operation_id_of(scope: Scope) -> str | None:
    """Return the name of the operation that an ASGI request is for, or None if there is no such operation."""
    try:
        return match_request(scope).operation.operation_id
    except ApiProblem:
        return None


def find_operation(method: str, raw_path: str) -> Match:
    """Return the operation for a path that is still encoded, so that an encoded slash stays inside its segment.

    Raises:
        ApiProblem: 404 for an unknown path, 405 for a known one with another method.
    """
    segments = raw_path.split("/")
    matches = [
        Match(operation, path)
        for operation, template in ROUTES
        if (path := _path_values(template, segments)) is not None
    ]
    for match in matches:
        if match.operation.method == method:
            return match
    if matches:
        allowed = ", ".join(sorted({match.operation.method for match in matches}))
        raise ApiProblem(405, "Method not allowed", headers={"Allow": allowed})
    raise ApiProblem(404, "Resource not found")


def _path_values(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
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
