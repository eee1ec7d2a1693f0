"""Who may call the process: neither pages of other origins, nor those whose own name points to this machine."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from attrs import define
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from aiotalonone.sandbox.http.idempotency import HEADER as IDEMPOTENCY_KEY
from aiotalonone.sandbox.http.messages import REQUEST_ID, error_reply, http_response
from aiotalonone.sandbox.http.problems import ApiProblem
from aiotalonone.sandbox.operations import OPERATIONS
from aiotalonone.sandbox.recording import REQUEST_NUMBER
from aiotalonone.sandbox.serving.authority import Authority, Origin

OnRejection = Callable[[Scope, ApiProblem], object]

HEALTH_PATH: Final = "/healthz"
_METHODS: Final = tuple(sorted({operation.method for operation in OPERATIONS}))


@define(frozen=True)
class Access:
    """The hosts and origins that requests may name."""

    hosts: Collection[str] = ()
    """Names beside ``localhost`` and addresses, in lower case."""
    origins: Collection[str] = ()
    """Of pages that may call it from elsewhere, as browsers write them."""
    is_remote: bool = False
    """Whether it listens for other machines, which know it by the name of a service."""

    def check(self, headers: Headers, *, any_host: bool) -> None:
        """Check a request's ``Host`` and ``Origin``.

        A page that a browser loaded from elsewhere says so in ``Origin``, unless its name was made to point to this
        machine after it was loaded: then it is in ``Host``.

        Args:
            headers: Of the request.
            any_host: Whether the request is harmless enough to name any host.

        Raises:
            ApiProblem: 403, the host or the origin is a stranger's.
        """
        host = self._host(headers.getlist("host"))
        if not any_host and (host is None or not self._is_known(host)):
            raise _foreign_host(headers.getlist("host"), host)
        origins = headers.getlist("origin")
        if origins and not self._may_call(origins, host):
            raise _foreign_origin(origins)

    def _host(self, values: Sequence[str]) -> Authority | None:
        try:
            [value] = values
            return Authority.parse(value)
        except ValueError:
            return None

    def _is_known(self, host: Authority) -> bool:
        name = host.host
        return (
            host.is_address  # others cannot let an address point elsewhere, only a name
            or name == "localhost"
            or name.endswith(".localhost")
            or name in self.hosts
            or (self.is_remote and "." not in name)
        )

    def _may_call(self, origins: Sequence[str], host: Authority | None) -> bool:
        try:
            [value] = origins
            return value in self.origins or (host is not None and Origin.parse(value).is_of(host))
        except ValueError:
            return False


def _foreign_host(values: Sequence[str], host: Authority | None) -> ApiProblem:
    if host is None:
        what = "no Host" if not values else "several Hosts" if values[1:] else "an invalid Host"
        return ApiProblem(403, f"The request has {what}")
    return ApiProblem(403, f"This sandbox is not known as {host.host}; the option --allow-host {host.host} allows it")


def _foreign_origin(values: Sequence[str]) -> ApiProblem:
    try:
        [value] = values
        origin = Origin.parse(value)
    except ValueError:
        return ApiProblem(403, "Pages without an origin of their own cannot call this sandbox")
    return ApiProblem(403, f"Pages of {origin} cannot call this sandbox; the option --cors {origin} allows it")


@define(frozen=True)
class Guard:
    """An application that serves those who have access, and says at ``/healthz``, for any host, that it is there."""

    application: ASGIApp
    access: Access
    on_rejection: OnRejection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        is_health_check = scope["path"] == HEALTH_PATH
        try:
            self.access.check(Headers(scope=scope), any_host=is_health_check)
        except ApiProblem as problem:
            self.on_rejection(scope, problem)
            await http_response(error_reply(problem))(scope, receive, send)
            return
        application = JSONResponse({"status": "ok"}) if is_health_check else self.application
        await application(scope, receive, send)


def guarded(application: ASGIApp, access: Access, on_rejection: OnRejection) -> ASGIApp:
    """Return an application that serves those who have access, pages of other origins among them.

    Args:
        application: To be guarded.
        access: Who may call it.
        on_rejection: Is told of each request that is rejected.
    """
    if access.origins:
        application = CORSMiddleware(
            application,
            allow_origins=tuple(access.origins),
            allow_methods=_METHODS,
            allow_headers=("Authorization", "Content-Type", IDEMPOTENCY_KEY),
            expose_headers=(REQUEST_ID, REQUEST_NUMBER, "Retry-After"),
        )
    return Guard(application, access, on_rejection)
