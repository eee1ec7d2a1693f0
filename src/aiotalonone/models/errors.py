"""What the API says about a request it rejected."""

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import json_name

__all__ = [
    "APIError",
    "ErrorResponse",
    "ErrorResponseWithStatus",
    "ErrorSource",
]


@define(kw_only=True)
class ErrorSource(Model):
    """The part of the request that a problem is about. Schema ``ErrorSource``."""

    pointer: str | None = None
    """JSON pointer into the body, such as ``/attributes/City``."""
    parameter: str | None = None
    """Name of the query parameter."""
    line: str | None = None
    """Line of an uploaded file, ``N/A`` if it is unknown."""
    resource: str | None = None
    """Pointer to the resource that is at fault."""


@define(kw_only=True)
class APIError(Model):
    """One problem with a request. Schema ``APIError``."""

    title: str
    """The problem in a few words."""
    details: str | None = None
    """What is wrong this time."""
    source: ErrorSource | None = None
    """Where the problem lies, if the API can tell."""


@define(kw_only=True)
class ErrorResponse(Model):
    """The body of an error response. Schema ``ErrorResponse``."""

    message: str
    """The error in a sentence."""
    errors: list[APIError] = field(factory=list)
    """The single problems."""


@define(kw_only=True)
class ErrorResponseWithStatus(Model):
    """The body of an error response, with its HTTP status. Schema ``ErrorResponseWithStatus``."""

    message: str | None = None
    """The error in a sentence."""
    errors: list[APIError] = field(factory=list)
    """The single problems."""
    status_code: int | None = field(default=None, metadata=json_name("StatusCode"))
    """The HTTP status, as in the status line."""
