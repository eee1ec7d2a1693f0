"""The ASGI application: reads a request, passes it to its operation, answers in the API's format."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from attrs import define, field
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from aiotalonone.sandbox.auth import Keys
from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.campaigns import Account
from aiotalonone.sandbox.faults import Faults
from aiotalonone.sandbox.gate import Gate
from aiotalonone.sandbox.idempotency import HEADER, Replies, Reply, Scope
from aiotalonone.sandbox.limits import INTEGRATION_ID_LENGTH
from aiotalonone.sandbox.problems import ProblemError, invalid, invalid_parameter
from aiotalonone.sandbox.reading import UnfitError, pointer
from aiotalonone.sandbox.responses import answered, encoded, refused
from aiotalonone.sandbox.routes import Match, Route, find_route
from aiotalonone.sandbox.state import State

BEFORE_COMMIT = "aiotalonone.sandbox.before_commit"
"""Where a request's scope may hold a function to await before its changes are made."""

Clock = Callable[[], datetime]
Pause = Callable[[str], Awaitable[None]]


@define
class Application:
    """The sandbox behind its HTTP face."""

    account: Account
    state: State
    keys: Keys
    clock: Clock
    faults: Faults
    """Only to be scripted here, by a request: the application itself does everything right."""
    pause: Pause | None = None
    """Awaited with the operation's name while it runs, and has its lane if it needs one."""
    _gate: Gate = field(factory=Gate, init=False)
    _replies: Replies = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._replies = Replies(self.clock)

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request."""
        try:
            response = answered(await self._reply(Request(scope, receive)))
        except ProblemError as problem:
            response = refused(problem)
        except ClientDisconnect:  # in the middle of its request: nobody is left to answer
            return
        await response(scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        """Every operation passes here, from its address to its answer."""
        match = match_of(request.scope)
        if len(match.value) > INTEGRATION_ID_LENGTH:
            raise invalid_parameter(f"must have at most {INTEGRATION_ID_LENGTH} characters", "path")
        caller = self.keys.check(request.headers, management=match.route.management)
        call = Call(match.route.operation_id, match.value, request.query_params, request.headers, await request.body())
        perform = partial(self._perform, match.route, call, request.scope.get(BEFORE_COMMIT))
        key = request.headers.get(HEADER)
        try:
            if key is None or not match.route.idempotent or match.route.dry(call):
                return await perform()
            return await self._replies.once(Scope(caller, call.operation_id, call.path, key), perform)
        except UnfitError as unfit:
            raise invalid(unfit.text, pointer(unfit.path)) from unfit

    async def _perform(self, route: Route, call: Call, before_commit: Callable[[], Awaitable[None]] | None) -> Reply:
        async with self._gate.enter(route.lanes(call, self.state)):
            if self.pause is not None:
                await self.pause(call.operation_id)
            if before_commit is not None:
                await before_commit()
            return self._apply(route, call)

    def _apply(self, route: Route, call: Call) -> Reply:
        """Performs an operation at one stroke: all of its changes are kept, or none."""
        draft = self.state.draft(call.judged_at(self.clock(), dry=route.dry(call)))
        answer = route.perform(Desk(self.account, draft, self.faults), call)
        reply = Reply(answer.status, _body(answer))
        if not route.dry(call):
            draft.save()
            if route.changes:
                self.state.applied[route.operation_id] += 1
            if answer.erased is not None:
                self._replies.forget(answer.erased.profile_id, answer.erased.session_ids)
        return reply


def match_of(scope: ASGIScope) -> Match:
    """The operation that a request is for.

    Raises:
        ProblemError: 404 or 405, there is none.
    """
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return find_route(scope["method"], raw_path.decode("ascii", errors="replace"))


def _body(answer: Answer) -> bytes:
    return b"" if answer.content is None else encoded(answer.content)
