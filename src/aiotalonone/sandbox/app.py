"""The ASGI application: reads a request, passes it to its operation, answers in the API's format."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import orjson
from attrs import define, field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from aiotalonone.sandbox.auth import Keys
from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.campaigns import Account
from aiotalonone.sandbox.gate import Gate
from aiotalonone.sandbox.idempotency import HEADER, Replies, Reply, Scope
from aiotalonone.sandbox.limits import INTEGRATION_ID_LENGTH
from aiotalonone.sandbox.problems import ProblemError, invalid, invalid_parameter
from aiotalonone.sandbox.reading import UnfitError, pointer
from aiotalonone.sandbox.routes import Route, find_route
from aiotalonone.sandbox.state import State

Clock = Callable[[], datetime]
Pause = Callable[[str], Awaitable[None]]


@define
class Application:
    """The sandbox behind its HTTP face."""

    account: Account
    state: State
    keys: Keys
    clock: Clock
    pause: Pause | None = None
    """Awaited with the operation's name while it runs, and has its lane if it needs one."""
    _gate: Gate = field(factory=Gate, init=False)
    _replies: Replies = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._replies = Replies(self.clock)

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request."""
        request = Request(scope, receive)
        request_uuid = str(uuid4())
        headers = {"X-Request-ID": request_uuid}
        try:
            reply = await self._reply(request)
        except ProblemError as problem:
            reply = Reply(problem.status, _encoded(problem.content(request_uuid)))
            headers |= problem.headers
        media_type = "application/json" if reply.body else None
        await Response(reply.body, reply.status, headers, media_type)(scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        """Every operation passes here, from its address to its answer."""
        match = find_route(request.method, _raw_path(request))
        if len(match.value) > INTEGRATION_ID_LENGTH:
            raise invalid_parameter(f"must have at most {INTEGRATION_ID_LENGTH} characters", "path")
        caller = self.keys.check(request.headers, management=match.route.management)
        call = Call(match.route.operation_id, match.value, request.query_params, request.headers, await request.body())
        perform = partial(self._perform, match.route, call)
        key = request.headers.get(HEADER)
        try:
            if key is None or not match.route.idempotent or match.route.dry(call):
                return await perform()
            return await self._replies.once(Scope(caller, call.operation_id, call.path, key), perform)
        except UnfitError as unfit:
            raise invalid(unfit.text, pointer(unfit.path)) from unfit

    async def _perform(self, route: Route, call: Call) -> Reply:
        async with self._gate.enter(route.lane(call)):
            if self.pause is not None:
                await self.pause(call.operation_id)
            return self._apply(route, call)

    def _apply(self, route: Route, call: Call) -> Reply:
        """Performs an operation at one stroke: all of its changes are kept, or none."""
        draft = self.state.draft(call.now or self.clock())
        answer = route.perform(Desk(self.account, draft), call)
        reply = Reply(answer.status, _body(answer))
        if not route.dry(call):
            draft.save()
            if answer.erased is not None:
                self._replies.forget(answer.erased)
        return reply


def _raw_path(request: Request) -> str:
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.decode("ascii", errors="replace")


def _body(answer: Answer) -> bytes:
    return b"" if answer.content is None else _encoded(answer.content)


def _encoded(content: Any) -> bytes:
    return orjson.dumps(content, default=_number, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _number(amount: Any) -> float:
    if not isinstance(amount, Decimal):
        raise TypeError(f"{type(amount).__name__} has no JSON form")
    return float(amount)
