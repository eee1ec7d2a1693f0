"""The ASGI application that serves the window."""

from pathlib import Path
from typing import Any, Final

from attrs import define
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.window.text import FILTERS
from aiotalonone.sandbox.window.views import VIEWS, Asked
from aiotalonone.sandbox.window.views.control import clock_of

FIRST: Final = "requests"
"""The view at ``/``."""
STATIC: Final = {file.name: file.read_bytes() for file in Path(__file__).with_name("static").iterdir()}
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS: Final = {
    "Content-Security-Policy": "; ".join(
        (
            *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"),
            *("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
        )
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

TEMPLATES: Final = Environment(
    loader=PackageLoader("aiotalonone.sandbox.window"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
TEMPLATES.filters.update(FILTERS)


@define(frozen=True)
class Window:
    """The pages at ``/`` and below ``/window/``."""

    platform: Platform
    api_key: str | None
    """A key that the API accepts, for the form."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        await self._response(Request(scope))(scope, receive, send)

    def _response(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return _response("The window is only read.", 405, headers={"Allow": "GET, HEAD"})
        path = request.url.path
        if path.startswith("/window/static/"):
            return _static(path.removeprefix("/window/static/"))
        view = FIRST if path == "/" else path.removeprefix("/window/")
        if view not in VIEWS:
            return _response(self._page("missing", {}), 404)
        asked = Asked(self.platform, request.query_params, str(request.base_url).rstrip("/"), self.api_key)
        return _response(self._page(view, VIEWS[view].show(asked)))

    def _page(self, view: str, content: dict[str, Any]) -> str:
        common = {
            "view": view,
            "title": VIEWS[view].label if view in VIEWS else "Not found",
            "nav": [(name, one.label, one.count and one.count(self.platform)) for name, one in VIEWS.items()],
            "clock": clock_of(self.platform),
            "faults": self.platform.faults.pending,
        }
        return TEMPLATES.get_template(f"{view}.html").render(common | content)


def _static(name: str) -> Response:
    if name not in STATIC:
        return _response("There is no such file.", 404)
    return Response(STATIC[name], headers=HEADERS | {"Cache-Control": "no-cache"}, media_type=TYPES[Path(name).suffix])


def _response(page: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(page, status, HEADERS | (headers or {}), "text/html")
