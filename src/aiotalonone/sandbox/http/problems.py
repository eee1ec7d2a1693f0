"""Error responses in the API's format, for operations to raise."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiotalonone.sandbox.validation import INVALID, ValidationError, pointer

INVALID_DATA = "The submitted data was invalid"


class ApiProblem(Exception):  # noqa: N818 - a response that the API documents
    """Ends a request with an error response in the API's format."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors: list[Mapping[str, Any]] = list(errors)
        self.headers: dict[str, str] = dict(headers or {})

    def content(self, request_uuid: str) -> dict[str, Any]:
        """Return the body of the error response."""
        return {
            "message": self.message,
            "errors": self.errors,
            "StatusCode": self.status,
            "RequestUUID": request_uuid,
        }


def invalid(error: ValidationError) -> ApiProblem:
    """Return a 400 for an invalid member, with its JSON pointer."""
    return _invalid(error.title, error.details, {"pointer": pointer(error.path)})


def invalid_parameter(parameter: str, details: str, title: str = INVALID) -> ApiProblem:
    """Return a 400 for an invalid path value, query parameter or header."""
    return _invalid(title, details, {"parameter": parameter})


def _invalid(title: str, details: str, source: Mapping[str, str]) -> ApiProblem:
    return ApiProblem(400, INVALID_DATA, [{"title": title, "details": details, "source": source}])


def not_found(what: str) -> ApiProblem:
    """Return a 404 for something that the request names and the sandbox does not hold."""
    return ApiProblem(404, f"{what} not found")
