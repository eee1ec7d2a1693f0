"""The application as its clients see it: right, except where a fault is scripted."""

from collections.abc import Callable
from datetime import datetime

from attrs import define
from starlette.types import ASGIApp, Receive, Scope, Send

from aiotalonone.sandbox.app import match_of
from aiotalonone.sandbox.faults.encounter import Encounter
from aiotalonone.sandbox.faults.impairments import IMPAIRMENTS
from aiotalonone.sandbox.faults.refusals import refusal
from aiotalonone.sandbox.faults.script import Faults, Script
from aiotalonone.sandbox.problems import ProblemError
from aiotalonone.sandbox.responses import refused


@define(frozen=True)
class FaultyApplication:
    """An application some of whose calls meet a fault."""

    application: ASGIApp
    faults: Faults
    clock: Callable[[], datetime]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request, well or badly."""
        script = self._script(scope)
        if script is None:
            await self.application(scope, receive, send)
        elif script.fault in IMPAIRMENTS:
            impair = IMPAIRMENTS[script.fault]
            await impair(Encounter(script, self.application, self.faults.pause, scope, receive, send))
        else:
            await refused(refusal(script, scope, self.clock()))(scope, receive, send)

    def _script(self, scope: Scope) -> Script | None:
        try:
            return self.faults.meet(match_of(scope).route.operation_id)
        except ProblemError:  # no operation has this address, as the application will say
            return None
