"""The ASGI application: reads a request, performs its operation, responds in the API's format."""

from collections.abc import Awaitable, Callable

from attrs import define, field
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from aiotalonone.sandbox.http.body import MAX_BODY_BYTES, MAX_BODY_SECONDS, read_body
from aiotalonone.sandbox.http.concurrency import EntityLocks
from aiotalonone.sandbox.http.idempotency import HEADER, Scope
from aiotalonone.sandbox.http.keys import Keys
from aiotalonone.sandbox.http.messages import Reply, Request, error_reply, http_response
from aiotalonone.sandbox.http.notes import BEFORE_COMMIT, Notes, notes_of
from aiotalonone.sandbox.http.problems import ApiProblem, invalid_parameter
from aiotalonone.sandbox.http.query import Query
from aiotalonone.sandbox.operations import Context, Operation
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.rendering.entities import effects_json
from aiotalonone.sandbox.routes import API, Match
from aiotalonone.sandbox.rules.campaigns import Account
from aiotalonone.sandbox.rules.evaluation import Evaluation
from aiotalonone.sandbox.rules.trace import trace
from aiotalonone.sandbox.validation import MAX_INTEGRATION_ID_LENGTH, TOO_LONG, ValidationError

BeforeCommit = Callable[[str], Awaitable[object]]

MAX_NOTED_EFFECTS = 200
"""Effects that are recorded of one request."""

PROFILE = "integrationId"
"""Name of the path value that is a profile's ID, which has a maximum length; a session's ID may have any."""


@define
class Application:
    """The sandbox as an ASGI application."""

    platform: Platform
    keys: Keys
    before_commit: BeforeCommit | None = None
    """Awaited with the operation's name before its changes are made, while it holds its entities."""
    max_body_bytes: int = MAX_BODY_BYTES
    max_body_seconds: float = MAX_BODY_SECONDS
    _locks: EntityLocks = field(factory=EntityLocks, init=False)

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
        """Read a request, find its operation, and return the reply or the operation's error."""
        content = await read_body(http_request, max_bytes=self.max_body_bytes, max_seconds=self.max_body_seconds)
        match = API.match(http_request.scope)
        return await _or_error(match.target, self._authorized_reply(match, http_request, content))

    async def _authorized_reply(self, match: Match[Operation], http_request: HttpRequest, content: bytes) -> Reply:
        """Authorize a request and perform it, or replay the reply to its idempotency key."""
        operation, path = match.target, match.path
        if len(path.get(PROFILE, "")) > MAX_INTEGRATION_ID_LENGTH:
            details = f"{PROFILE} must have at most {MAX_INTEGRATION_ID_LENGTH} characters"
            raise invalid_parameter(PROFILE, details, TOO_LONG)
        headers = http_request.headers
        caller = self.keys.check(headers, accepts_management_token=operation.accepts_management_token)
        request = Request(operation.operation_id, path, Query(http_request.query_params), headers, content)
        key = headers.get(HEADER)
        if key is None or not operation.idempotent or operation.is_dry(request):
            return await self._perform(operation, request, http_request.scope)
        notes = notes_of(http_request.scope)
        scope = Scope(caller, operation.operation_id, tuple(path.values()), key)
        reply = await self.platform.replies.once(
            scope, content, lambda: _or_error(operation, self._perform(operation, request, http_request.scope))
        )
        notes.replayed = not notes.performed
        return reply

    async def _perform(self, operation: Operation, request: Request, scope: ASGIScope) -> Reply:
        notes_of(scope).performed = True
        async with self._locks.acquire(operation.entities(request, self.platform.state)):
            if self.before_commit is not None:
                await self.before_commit(operation.operation_id)
            if BEFORE_COMMIT in scope:
                await scope[BEFORE_COMMIT]()
            return self._commit(operation, request, notes_of(scope))

    def _commit(self, operation: Operation, request: Request, notes: Notes) -> Reply:
        """Perform an operation and keep all of its changes, or none of them if it fails."""
        dry, platform = operation.is_dry(request), self.platform
        notes.dry = dry and operation.changes
        draft = platform.state.draft(request.evaluation_time(platform.clock(), dry=dry))
        response = operation.perform(Context(platform.account, draft), request)
        reply = response.encode()
        if response.evaluation is not None:
            _note_evaluation(notes, platform.account, response.evaluation)
        if not dry:
            draft.save()
            if operation.changes:
                platform.state.applied[operation.operation_id] += 1
            if response.erased is not None:
                platform.replies.forget(response.erased.profile_id, response.erased.session_ids)
        return reply


async def _or_error(operation: Operation, reply: Awaitable[Reply]) -> Reply:
    """Return a reply, or the error that prevents it, as the operation sends it."""
    try:
        return await reply
    except (ApiProblem, ValidationError) as error:
        return error_reply(error, bare_400=operation.bare_400)


def _note_evaluation(notes: Notes, account: Account, evaluation: Evaluation) -> None:
    notes.effects = effects_json(evaluation.effects[:MAX_NOTED_EFFECTS], evaluation.session)
    if evaluation.ran_rules:
        notes.trace = trace(account, evaluation)
