"""aiotalonone: the asyncio-native client for Talon.One's Integration API.

    async with AsyncIntegrationClient("https://acme.europe-west1.talon.one", api_key="…") as client:
        state = await client.sessions.update_customer_session_v2("cart-17", {"customerSession": {"profileId": "c-1"}})

Models stand in ``aiotalonone.models`` and are importable from here as well; they load when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aiotalonone import errors
from aiotalonone._version import __version__ as __version__
from aiotalonone.client import AsyncIntegrationClient as AsyncIntegrationClient
from aiotalonone.errors import *  # noqa: F403 - a class is named once, in the module's ``__all__``
from aiotalonone.settings import CircuitBreaker as CircuitBreaker
from aiotalonone.settings import RetryPolicy as RetryPolicy
from aiotalonone.settings import Timeouts as Timeouts

if TYPE_CHECKING:
    from aiotalonone.codec.structure import structure as structure
    from aiotalonone.codec.unstructure import unstructure as unstructure
    from aiotalonone.models import *  # noqa: F403
    from aiotalonone.pipeline.deadline import deadline as deadline
    from aiotalonone.pipeline.degraded import or_none as or_none
    from aiotalonone.pipeline.response import RawResponse as RawResponse
else:  # checkers take the imports above; with a list they would hide the models, with ``__getattr__`` accept any name
    __all__ = [
        "AsyncIntegrationClient",
        "CircuitBreaker",
        "RawResponse",
        "RetryPolicy",
        "Timeouts",
        "__version__",
        "deadline",
        "or_none",
        "structure",
        "unstructure",
    ]
    __all__ += errors.__all__
    _OF_THE_PIPELINE = {
        "RawResponse": "pipeline.response",
        "deadline": "pipeline.deadline",
        "or_none": "pipeline.degraded",
    }

    def __getattr__(name: str) -> Any:
        """Load a name when it is first used: the codec's functions, every model, and what needs asyncio."""
        if not name.startswith("_"):
            of_the_pipeline = _OF_THE_PIPELINE.get(name)
            for room in (of_the_pipeline,) if of_the_pipeline else ("codec", "models"):
                module = import_module(f"aiotalonone.{room}")
                if name in module.__all__:
                    value = globals()[name] = getattr(module, name)  # which is asked first the next time
                    return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*__all__, *import_module("aiotalonone.models").__all__})
