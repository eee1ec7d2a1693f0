"""Exchanges as the client makes them, for tests of single steps."""

from math import inf

import httpx

from aiotalonone.call import Call, lane_of, repeat_of
from aiotalonone.operation import fill_path
from aiotalonone.pipeline import Exchange


def exchange_of(operation, *path, query=None, content=None, idempotency_key=None, deadline=inf):
    """A call of an operation that has just begun."""
    call = Call(
        operation=operation,
        path=fill_path(operation, path),
        query=query or {},
        content=content,
        private=path,
        repeat=repeat_of(operation, query or {}),
        lane=lane_of(operation, path, content),
        idempotency_key=idempotency_key,
        made=0.0,
    )
    request = httpx.Request(operation.method, f"https://shop.talon.one{call.path}", content=content)
    return Exchange(call, request, started=0.0, deadline=deadline)
