"""The way of a call to the wire: deadline → lane → retry → attempt.

``way`` puts it together, each other module is one part of it. ``contract`` says what a middleware is; ``decision``,
``backoff`` and ``budget`` are plain functions and values that the machinery obeys.
"""

from aiotalonone.pipeline.contract import Exchange, Middleware, Proceed

__all__ = ["Exchange", "Middleware", "Proceed"]
