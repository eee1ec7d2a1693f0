"""ASGI middleware that plays the scripted faults."""

from collections.abc import Callable
from datetime import datetime

from attrs import define
from starlette.types import ASGIApp, Receive, Scope, Send

from aiotalonone.sandbox.faults.connection_faults import CONNECTION_FAULTS, FaultedRequest
from aiotalonone.sandbox.faults.script import FaultRule, Faults
from aiotalonone.sandbox.faults.status_faults import status_problem
from aiotalonone.sandbox.http.body import read_unheeded
from aiotalonone.sandbox.http.messages import error_reply, http_response
from aiotalonone.sandbox.http.notes import notes_of


@define(frozen=True)
class FaultMiddleware:
    """An application some of whose calls meet a fault."""

    application: ASGIApp
    faults: Faults
    clock: Callable[[], datetime]
    operation_id_of: Callable[[Scope], str | None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request, with the fault that it meets."""
        rule = self._next_fault(scope)
        if rule is None:
            await self.application(scope, receive, send)
            return
        notes_of(scope).fault = rule.fault.value
        if rule.fault in CONNECTION_FAULTS:
            play = CONNECTION_FAULTS[rule.fault]
            await play(FaultedRequest(rule, self.application, self.faults.sleep, scope, receive, send))
        else:
            await read_unheeded(scope, receive)
            reply = error_reply(status_problem(rule, scope, self.clock()))
            await http_response(reply)(scope, receive, send)

    def _next_fault(self, scope: Scope) -> FaultRule | None:
        operation_id = self.operation_id_of(scope)
        return None if operation_id is None else self.faults.next_fault(operation_id)
