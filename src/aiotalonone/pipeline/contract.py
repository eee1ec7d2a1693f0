"""What a middleware is given, and what it gives back."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial, reduce
from typing import Any

import httpx
from attrs import define, field

from aiotalonone.operation import Operation


@define
class Exchange:
    """One call on its way: what is called, and the request that is sent for it."""

    operation: Operation[Any]
    request: httpx.Request = field(repr=False)


Proceed = Callable[[Exchange], Awaitable[httpx.Response]]
"""The rest of the way: sends the exchange and returns the whole answer of any status, or raises TransportError."""

Middleware = Callable[[Exchange, Proceed], Awaitable[httpx.Response]]
"""One step of the way: does its part before and after ``proceed(exchange)``, which it may call again, or not at all."""


def chain(steps: Sequence[Middleware], last: Proceed) -> Proceed:
    """The whole way: the first step is the outermost, ``last`` the one that sends."""
    return reduce(lambda rest, step: partial(_step, step, rest), reversed(steps), last)


def _step(step: Middleware, rest: Proceed, exchange: Exchange) -> Awaitable[httpx.Response]:
    return step(exchange, rest)
