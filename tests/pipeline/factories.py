"""Exchanges as the client makes them, and senders that follow a script, for tests of single steps."""

from copy import copy
from math import inf

import httpx

from aiotalonone.call import Call, fill_path, retry_safety_of
from aiotalonone.errors import Outcome, TransportError
from aiotalonone.pipeline import Exchange
from aiotalonone.pipeline.calls import entity_key


def exchange_of(operation, *path, query=None, content=None, idempotency_key=None, deadline=inf):
    """Return the exchange of a call that has just started."""
    call = Call(
        operation=operation,
        path=fill_path(operation, path),
        query=query or {},
        content=content,
        retry_safety=retry_safety_of(operation, query or {}, {}),
        entity=entity_key(operation, path, content),
        idempotency_key=idempotency_key,
        created_at=0.0,
    )
    request = httpx.Request(operation.method, f"https://shop.talon.one{call.path}", content=content)
    return Exchange(call, request, started=0.0, deadline=deadline)


def error_of(outcome, error=TransportError, **options):
    """Return an error that an attempt may end in."""
    return error("it failed", operation_id="op", outcome=outcome, **options)


class ScriptedSender:
    """Ends each attempt as its script says, and notes what a transport would observe of it; the last result repeats.

    A result is a status, an error, or a function of the exchange that is awaited.
    """

    def __init__(self, *script):
        self.script = script
        self.sent = 0

    async def __call__(self, exchange):
        """Send a request once."""
        result = self.script[min(self.sent, len(self.script) - 1)]
        self.sent += 1
        progress = exchange.start_attempt()
        progress.observed = True
        if isinstance(result, TransportError):
            progress.written = result.outcome is not Outcome.NOT_SENT
            progress.status = 200 if result.outcome is Outcome.APPLIED else None
            raise (result if result.call else copy(result)) from result.__cause__
        if not isinstance(result, int):
            progress.written = True
            return await result(exchange)
        progress.written, progress.status = True, result
        return httpx.Response(result)
