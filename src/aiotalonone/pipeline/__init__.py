"""One call from request to result: deadline → lane → retry → attempt.

``runtime`` puts it together, each other module is one part of it. ``middleware`` says what a middleware is; it loads
when its names are first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiotalonone.pipeline.middleware import CallNext, Exchange, Middleware
else:

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from aiotalonone.pipeline import middleware  # noqa: PLC0415

        return getattr(middleware, name)


__all__ = ["CallNext", "Exchange", "Middleware"]
