"""One call from request to result: deadline → lane → retry → attempt.

``runtime`` puts it together, each other module is one part of it. ``middleware`` says what a middleware is.
"""

from aiotalonone.pipeline.middleware import CallNext, Exchange, Middleware

__all__ = ["CallNext", "Exchange", "Middleware"]
