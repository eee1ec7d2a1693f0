"""Faults that are an answer: a status, and nothing is applied."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from math import ceil

from starlette.types import Scope

from aiotalonone.sandbox.faults.script import Fault, Script
from aiotalonone.sandbox.problems import ProblemError

OTHER_HOST = "http://elsewhere.invalid"

REFUSALS: Mapping[Fault, tuple[int, str]] = {
    Fault.STATUS_307: (307, "Temporary redirect"),
    Fault.STATUS_409: (409, "Too many requests are updating this data at the same time"),
    Fault.STATUS_429: (429, "Too many requests"),
    Fault.STATUS_429_SECONDS: (429, "Too many requests"),
    Fault.STATUS_429_DATE: (429, "Too many requests"),
    Fault.STATUS_500: (500, "Internal server error"),
    Fault.STATUS_502: (502, "Bad gateway"),
    Fault.STATUS_503: (503, "Service unavailable"),
}


def refusal(script: Script, scope: Scope, now: datetime) -> ProblemError:
    """The problem that a scripted status answers with."""
    status, message = REFUSALS[script.fault]
    return ProblemError(status, message, headers=_headers(script, scope, now))


def _headers(script: Script, scope: Scope, now: datetime) -> dict[str, str]:
    match script.fault:
        case Fault.STATUS_307:
            return {"Location": OTHER_HOST + scope["raw_path"].decode("ascii")}
        case Fault.STATUS_429_SECONDS:
            return {"Retry-After": str(ceil(script.seconds))}
        case Fault.STATUS_429_DATE:
            then = now.astimezone(UTC) + timedelta(seconds=script.seconds)
            return {"Retry-After": format_datetime(then, usegmt=True)}
        case _:
            return {}
