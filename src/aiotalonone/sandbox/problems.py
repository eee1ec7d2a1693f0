"""Error answers in the API's format."""

from collections.abc import Mapping, Sequence
from typing import Any

INVALID_DATA = "The submitted data was invalid"


class ProblemError(Exception):
    """Ends a request with an error answer."""

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
        """The body of the answer."""
        return {
            "message": self.message,
            "errors": self.errors,
            "StatusCode": self.status,
            "RequestUUID": request_uuid,
        }


def invalid(title: str, pointer: str = "") -> ProblemError:
    """400 for data that breaks a rule, with the place in the body."""
    error = {"title": title, "details": title, "source": {"pointer": pointer}}
    return ProblemError(400, INVALID_DATA, [error])


def invalid_parameter(title: str, parameter: str) -> ProblemError:
    """400 for a query parameter or header that breaks a rule."""
    error = {"title": title, "details": title, "source": {"parameter": parameter}}
    return ProblemError(400, INVALID_DATA, [error])


def not_found(what: str) -> ProblemError:
    """404 for something that the request names and the sandbox does not hold."""
    return ProblemError(404, f"{what} not found")
