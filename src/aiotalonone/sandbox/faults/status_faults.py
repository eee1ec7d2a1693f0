"""Faults that are a response: a status, and nothing is applied."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from math import ceil

from starlette.types import Scope

from aiotalonone.sandbox.faults.script import Fault, FaultRule
from aiotalonone.sandbox.http.problems import ApiProblem

OTHER_HOST = "http://elsewhere.invalid"

STATUSES: Mapping[Fault, tuple[int, str]] = {
    Fault.STATUS_307: (307, "Temporary redirect"),
    Fault.STATUS_409: (409, "Too many requests are updating this data at the same time"),
    Fault.STATUS_429: (429, "Too many requests"),
    Fault.STATUS_429_SECONDS: (429, "Too many requests"),
    Fault.STATUS_429_DATE: (429, "Too many requests"),
    Fault.STATUS_500: (500, "Internal server error"),
    Fault.STATUS_502: (502, "Bad gateway"),
    Fault.STATUS_503: (503, "Service unavailable"),
}


def status_problem(rule: FaultRule, scope: Scope, now: datetime) -> ApiProblem:
    """Return the problem that a scripted status responds with."""
    status, message = STATUSES[rule.fault]
    return ApiProblem(status, message, headers=_headers(rule, scope, now))


def _headers(rule: FaultRule, scope: Scope, now: datetime) -> dict[str, str]:
    match rule.fault:
        case Fault.STATUS_307:
            return {"Location": OTHER_HOST + scope["raw_path"].decode("ascii")}
        case Fault.STATUS_429_SECONDS:
            return {"Retry-After": str(ceil(rule.seconds))}
        case Fault.STATUS_429_DATE:
            then = now.astimezone(UTC) + timedelta(seconds=rule.seconds)
            return {"Retry-After": format_datetime(then, usegmt=True)}
        case _:
            return {}
