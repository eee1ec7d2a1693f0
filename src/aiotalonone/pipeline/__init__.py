"""The way of a request to the wire: each middleware takes an exchange and the rest of the way, and returns the answer.

``contract`` says what a middleware is, ``wire`` is the last step: one attempt through httpx.
"""

from aiotalonone.pipeline.contract import Exchange, Middleware, Proceed, chain
from aiotalonone.pipeline.wire import Wire

__all__ = ["Exchange", "Middleware", "Proceed", "Wire", "chain"]
