"""The ASGI application: reads a request, performs its operation, responds in the API's format."""

from collections.abc import Awaitable, Callable
from functools import partial

from attrs import define, field
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from aiotalonone.sandbox.clock import SettableClock
from aiotalonone.sandbox.concurrency import EntityLocks
from aiotalonone.sandbox.faults import Faults
from aiotalonone.sandbox.http import (
    BEFORE_COMMIT,
    MAX_BODY_BYTES,
    MAX_BODY_SECONDS,
    Keys,
    Reply,
    Request,
    error_reply,
    http_response,
    read_body,
)
from aiotalonone.sandbox.idempotency import HEADER, ReplyStore, Scope
from aiotalonone.sandbox.operations import Context, Operation
from aiotalonone.sandbox.problems import ApiProblem, invalid_parameter
from aiotalonone.sandbox.query import Query
from aiotalonone.sandbox.routes import match_request
from aiotalonone.sandbox.rules.campaigns import Account
from aiotalonone.sandbox.state import State
from aiotalonone.sandbox.validation import MAX_INTEGRATION_ID_LENGTH, TOO_LONG, ValidationError

BeforeCommit = Callable[[str], Awaitable[object]]

PROFILE = "integrationId"
"""Name of the path value that is a profile's ID, which has a maximum length; a session's ID may have any."""


@define
class Application:
    """The sandbox as an ASGI application."""

    account: Account
    state: State
    keys: Keys
    clock: SettableClock
    faults: Faults
    """Scripted here by requests; the application itself plays no faults."""
    before_commit: BeforeCommit | None = None
    """Awaited with the operation's name before its changes are made, while it holds its entities."""
    max_body_bytes: int = MAX_BODY_BYTES
    max_body_seconds: float = MAX_BODY_SECONDS
    _locks: EntityLocks = field(factory=EntityLocks, init=False)
    _replies: ReplyStore = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._replies = ReplyStore(self.clock, self.account.programs.assumptions)

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        try:
            reply = await self._reply(HttpRequest(scope, receive))
        except (ApiProblem, ValidationError) as error:
            reply = error_reply(error)
        except ClientDisconnect:  # within its request: there is no connection to respond on
            return
        await http_response(reply)(scope, receive, send)

    async def _reply(self, http_request: HttpRequest) -> Reply:
        """Authorize a request and perform it, or replay the reply to its idempotency key."""
        match = match_request(http_request.scope)
        operation, path = match.operation, match.path
        if len(path.get(PROFILE, "")) > MAX_INTEGRATION_ID_LENGTH:
            details = f"{PROFILE} must have at most {MAX_INTEGRATION_ID_LENGTH} characters"
            raise invalid_parameter(PROFILE, details, TOO_LONG)
        headers = http_request.headers
        caller = self.keys.check(headers, accepts_management_token=operation.accepts_management_token)
        content = await read_body(http_request, max_bytes=self.max_body_bytes, max_seconds=self.max_body_seconds)
        request = Request(operation.operation_id, path, Query(http_request.query_params), headers, content)
        perform = partial(self._perform, operation, request, http_request.scope.get(BEFORE_COMMIT))
        key = headers.get(HEADER)
        if key is None or not operation.idempotent or operation.is_dry(request):
            return await perform()
        scope = Scope(caller, operation.operation_id, tuple(path.values()), key)
        return await self._replies.once(scope, content, perform)

    async def _perform(
        self, operation: Operation, request: Request, before_commit: Callable[[], Awaitable[None]] | None
    ) -> Reply:
        async with self._locks.acquire(operation.entities(request, self.state)):
            if self.before_commit is not None:
                await self.before_commit(operation.operation_id)
            if before_commit is not None:
                await before_commit()
            return self._commit(operation, request)

    def _commit(self, operation: Operation, request: Request) -> Reply:
        """Perform an operation and keep all of its changes, or none of them if it fails."""
        dry = operation.is_dry(request)
        draft = self.state.draft(request.evaluation_time(self.clock(), dry=dry))
        response = operation.perform(Context(self.account, draft, self.faults, self.clock), request)
        reply = response.encode()
        if not dry:
            draft.save()
            if operation.changes:
                self.state.applied[operation.operation_id] += 1
            if response.erased is not None:
                self._replies.forget(response.erased.profile_id, response.erased.session_ids)
        return reply
