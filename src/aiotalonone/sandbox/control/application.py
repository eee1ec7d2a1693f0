"""The ASGI application below ``/sandbox/``."""

from attrs import define, field
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope, Send

from aiotalonone.sandbox.control import campaigns, entities, requests, settings, state
from aiotalonone.sandbox.control._base import Resource
from aiotalonone.sandbox.control.events import HEARTBEAT_SECONDS, EventStream
from aiotalonone.sandbox.http.body import MAX_BODY_BYTES, MAX_BODY_SECONDS, read_body
from aiotalonone.sandbox.http.messages import Reply, Request, error_reply, http_response
from aiotalonone.sandbox.http.problems import ApiProblem, invalid
from aiotalonone.sandbox.http.query import Query
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.routes import Routes
from aiotalonone.sandbox.validation import ValidationError, dotted

RESOURCES = tuple(
    declared
    for module in (state, campaigns, settings, requests, entities)
    for declared in vars(module).values()
    if isinstance(declared, Resource)
)
EVENTS = "/sandbox/events"


@define
class Control:
    """The sandbox's own resources as an ASGI application."""

    platform: Platform
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    _routes: Routes[Resource] = field(factory=lambda: Routes(RESOURCES), init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        try:
            if (scope["method"], scope["path"]) == ("GET", EVENTS):
                await EventStream(self.platform.feed, self.heartbeat_seconds)(scope, receive, send)
                return
            reply = await self._reply(HttpRequest(scope, receive))
        except ApiProblem as problem:
            reply = error_reply(problem)
        except ValidationError as error:
            reply = error_reply(_with_its_place(error))
        except ClientDisconnect:  # within its request: there is no connection to respond on
            return
        await http_response(reply)(scope, receive, send)

    async def _reply(self, http_request: HttpRequest) -> Reply:
        match = self._routes.match(http_request.scope)
        content = await read_body(http_request, max_bytes=MAX_BODY_BYTES, max_seconds=MAX_BODY_SECONDS)
        query = Query(http_request.query_params)
        request = Request(match.target.template, match.path, query, http_request.headers, content)
        return match.target.serve(self.platform, request).encode()


def _with_its_place(error: ValidationError) -> ApiProblem:
    """Return a mistake whose message names its place, as the program says it of a file."""
    problem = invalid(error)
    place = dotted(error.path)
    problem.message = f"{place}: {error.text}" if place else error.text
    return problem
