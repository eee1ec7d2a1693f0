"""aiotalonone: the asyncio-native client for Talon.One's Integration API.

    async with AsyncIntegrationClient("https://acme.europe-west1.talon.one", api_key="…") as client:
        state = await client.sessions.update_customer_session_v2("cart-17", {"customerSession": {"profileId": "c-1"}})

Models stand in ``aiotalonone.models`` and are importable from here as well. Every name loads when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aiotalonone._version import __version__ as __version__

if TYPE_CHECKING:
    from aiotalonone.client import AsyncIntegrationClient as AsyncIntegrationClient
    from aiotalonone.codec.structure import structure as structure
    from aiotalonone.codec.unstructure import unstructure as unstructure
    from aiotalonone.errors import *  # noqa: F403 - a class is named once, in the module's ``__all__``
    from aiotalonone.models import *  # noqa: F403
    from aiotalonone.pipeline.deadline import deadline as deadline
    from aiotalonone.pipeline.degraded import or_none as or_none
    from aiotalonone.pipeline.response import RawResponse as RawResponse
    from aiotalonone.settings import CircuitBreaker as CircuitBreaker
    from aiotalonone.settings import RetryPolicy as RetryPolicy
    from aiotalonone.settings import Timeouts as Timeouts
else:  # checkers take the imports above; with a list they would hide the models, with ``__getattr__`` accept any name
    _MODULES = {
        "AsyncIntegrationClient": "client",
        "CircuitBreaker": "settings",
        "RawResponse": "pipeline.response",
        "RetryPolicy": "settings",
        "Timeouts": "settings",
        "deadline": "pipeline.deadline",
        "or_none": "pipeline.degraded",
        "structure": "codec",
        "unstructure": "codec",
    }

    def __getattr__(name: str) -> Any:
        """Load a name when it is first used: pytest, which loads the package for its plugin, may never use one."""
        if name == "__all__":
            value = [*_MODULES, "__version__", *import_module("aiotalonone.errors").__all__]
        else:
            value = getattr(_module_of(name), name)
        globals()[name] = value  # which is asked first the next time
        return value

    def _module_of(name: str) -> Any:
        if name in _MODULES:
            return import_module(f"aiotalonone.{_MODULES[name]}")
        if name[0].isupper():  # no module's name, which must load no models, nor an interpreter's
            for room in ("errors", "models"):
                module = import_module(f"aiotalonone.{room}")
                if name in module.__all__:
                    return module
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*__getattr__("__all__"), *import_module("aiotalonone.models").__all__})
