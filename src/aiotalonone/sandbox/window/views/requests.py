"""The requests, the newest first, and one of them with all that is known of it."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final
from urllib.parse import unquote, urlencode

from aiotalonone.sandbox import json
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.recording import RecordedRequest
from aiotalonone.sandbox.rendering.brief import effect_brief
from aiotalonone.sandbox.window.json_text import highlighted
from aiotalonone.sandbox.window.programs import Sent, curl, python
from aiotalonone.sandbox.window.views._base import Asked, page_of, shown_effects

STATUSES: Final = {"": "Every status", "2xx": "2xx", "4xx": "4xx", "5xx": "5xx", "cut": "No response"}
BRIEF_EFFECTS: Final = 4
OF_A_SESSION: Final = "/v2/customer_sessions/"


def show(asked: Asked) -> dict[str, Any]:
    """Return the view of the requests."""
    operation, status, number = asked.query.get("operation", ""), asked.query.get("status", ""), asked.integer("number")
    fitting = [one for one in reversed(asked.platform.requests) if _fits(one, operation, status)]
    page = page_of(asked, fitting)
    filters = {name: text for name, text in (("operation", operation), ("status", status)) if text}
    chosen = None if number is None else asked.platform.requests.get(number)
    return {
        "page": page,
        "rows": [_row(one) for one in page.rows],
        "chosen": None if chosen is None else _detail(asked, chosen),
        "asks_for_one": number is not None,
        "operations": sorted({one.operation_id for one in asked.platform.requests if one.operation_id}),
        "statuses": STATUSES.items(),
        "filtered": bool(filters),
        "chosen_operation": operation,
        "chosen_status": status,
        "url": f"/?{urlencode(filters)}{'&' if filters else ''}",
        "base_url": asked.base_url,
        "first_curl": _first_request(asked),
    }


def _fits(request: RecordedRequest, operation: str, status: str) -> bool:
    if operation and request.operation_id != operation:
        return False
    if status == "cut":
        return request.status is None
    return not status or (request.status is not None and str(request.status)[0] == status[0])


def _row(request: RecordedRequest) -> dict[str, Any]:
    return {
        "number": request.number,
        "method": request.method,
        "target": _target(request),
        "status": request.status,
        "in_flight": request.duration_ms is None,
        "time": request.time,
        "duration": _duration(request),
        "operation": request.operation_id or "no operation",
        "tags": _tags(request),
        "summary": _summary(request),
    }


def _tags(request: RecordedRequest) -> list[tuple[str, str]]:
    """Return what is special about a request, and how grave that is."""
    tags = [("dry", "")] if request.dry else []
    tags += [("replayed", "")] if request.replayed else []
    return tags + ([(f"fault {request.fault.value}", "bad")] if request.fault else [])


def _summary(request: RecordedRequest) -> str:
    """Return what happened, on one line."""
    effects = [effect_brief(effect["effectType"], effect["props"]) for effect in request.effects]
    groups = [(brief, len(list(alike))) for brief, alike in groupby(effects)]
    said = [brief if times == 1 else f"{times} times {brief}" for brief, times in groups[:BRIEF_EFFECTS]]
    further = len(groups) - len(said)
    said += [f"{further} more"] if further else []
    problem = _problem(request)
    return " · ".join(said + ([problem] if problem else []))


def _detail(asked: Asked, request: RecordedRequest) -> dict[str, Any]:
    sent = Sent(request.method, request.path, request.query_string, request.body)
    return _row(request) | {
        "problem": _problem(request),
        "effects": shown_effects(asked.platform, request.effects),
        "trace": request.trace,
        "body": highlighted(request.body) if request.body else None,
        "response": highlighted(request.response.content) if request.response.content else None,
        "link": f"/sandbox/requests/{request.number}",
        "session_id": _session_id(request, asked.platform),
        "is_whole": not request.request_body.is_cut,
        "python": python(sent, asked.base_url),
        "curl": curl(sent, asked.base_url),
    }


def _target(request: RecordedRequest) -> str:
    """Return path and query, decoded so that they can be read."""
    query = f"?{request.query_string}" if request.query_string else ""
    return unquote(request.path) + unquote(query)


def _duration(request: RecordedRequest) -> str:
    milliseconds = request.duration_ms
    if milliseconds is None:
        return "in flight"
    if milliseconds < 1000:  # noqa: PLR2004 - milliseconds of a second
        return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"  # noqa: PLR2004 - one digit
    return f"{milliseconds / 1000:.2f} s"


def _problem(request: RecordedRequest) -> str | None:
    """Return what an error says, None if it is not one in the API's format."""
    if request.status is None or request.status < 400:  # noqa: PLR2004 - errors start there
        return None
    try:
        content = request.response_json
    except ValueError:
        return None
    if not isinstance(content, Mapping):
        return None
    errors = content.get("errors") or [{}]
    first = errors[0]
    pointer = first.get("source", {}).get("pointer", "")
    said = first.get("details") or first.get("title") or content.get("message", "")
    return f"{pointer}: {said}" if pointer else str(said)


def _session_id(request: RecordedRequest, platform: Platform) -> str | None:
    """Return the ID of the session that a request is about, if the sandbox holds it."""
    if not request.path.startswith(OF_A_SESSION):
        return None
    session_id = unquote(request.path.removeprefix(OF_A_SESSION).partition("/")[0])
    return session_id if session_id in platform.state.sessions else None


def _first_request(asked: Asked) -> str:
    """Return a command that an account without requests can be tried with."""
    coupons = [coupon.value for coupon in asked.platform.state.coupons.values()][:1]
    cart = [{"sku": "apple", "quantity": 3, "price": 1.2}]
    session = {"profileId": "ada", "couponCodes": coupons, "cartItems": cart}
    sent = Sent("PUT", "/v2/customer_sessions/cart-17", "", json.dumps({"customerSession": session}))
    return f"export TALON_ONE_API_KEY={asked.api_key or '…'}\n{curl(sent, asked.base_url)}"
