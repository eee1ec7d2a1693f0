"""aiotalonone: the asyncio-native client for Talon.One's Integration API.

    async with AsyncIntegrationClient("https://acme.europe-west1.talon.one", api_key="…") as client:
        state = await client.sessions.update_customer_session_v2("cart-17", {"customerSession": {"profileId": "c-1"}})

Models stand in ``aiotalonone.models`` and are importable from here as well; they load when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aiotalonone._version import __version__
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    CircuitOpenError,
    ClientStateError,
    ConflictError,
    DeadlineExceededError,
    ErrorDetail,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RateLimitError,
    RedirectError,
    ResponseDecodeError,
    ServerError,
    TalonOneError,
    TransportError,
    TransportTimeoutError,
)
from aiotalonone.settings import CircuitBreaker, RetryPolicy, Timeouts

if TYPE_CHECKING:
    from aiotalonone.codec.structure import structure
    from aiotalonone.codec.unstructure import unstructure
    from aiotalonone.models import *  # noqa: F403 - every model is a public name of the package
    from aiotalonone.pipeline.deadline import deadline
else:  # a checker would take any name for one of the package

    def __getattr__(name: str) -> Any:
        """Load a name when it is first used: the codec's functions, every model, and what needs asyncio."""
        if not name.startswith("_"):
            for room in ("aiotalonone.codec", "aiotalonone.models", "aiotalonone.pipeline.deadline"):
                module = import_module(room)
                if name in module.__all__:
                    value = globals()[name] = getattr(module, name)  # which is asked first the next time
                    return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "APIStatusError",
    "AsyncIntegrationClient",
    "AuthenticationError",
    "BadRequestError",
    "CircuitBreaker",
    "CircuitOpenError",
    "ClientStateError",
    "ConflictError",
    "DeadlineExceededError",
    "ErrorDetail",
    "NotFoundError",
    "Outcome",
    "PermissionDeniedError",
    "RateLimitError",
    "RedirectError",
    "ResponseDecodeError",
    "RetryPolicy",
    "ServerError",
    "TalonOneError",
    "Timeouts",
    "TransportError",
    "TransportTimeoutError",
    "__version__",
    "deadline",
    "structure",
    "unstructure",
]

if TYPE_CHECKING:
    from aiotalonone import models

    __all__ += models.__all__  # what a checker lets users import from here


def __dir__() -> list[str]:
    return sorted({*__all__, *import_module("aiotalonone.models").__all__})
