"""The clock, the faults, and the reset."""

from datetime import UTC, datetime
from typing import Any, Final

from aiotalonone.sandbox import json
from aiotalonone.sandbox.control.settings import faults_json
from aiotalonone.sandbox.faults import Fault
from aiotalonone.sandbox.operations import OPERATION_IDS
from aiotalonone.sandbox.platform import Platform
from aiotalonone.sandbox.window.views._base import Asked

MEANINGS: Final = {
    Fault.RESET: "the connection is reset, nothing is applied",
    Fault.DROP_BEFORE_READING: "the connection closes, nothing is applied",
    Fault.NO_RESPONSE: "there is no response, nothing is applied",
    Fault.DROP_AFTER_COMMIT: "applied, and the response is lost",
    Fault.HALF_A_BODY: "applied, and half of the response arrives",
    Fault.TRICKLE: "applied, and the response arrives in pieces",
    Fault.WRONG_CONTENT_LENGTH: "applied, and the response announces a wrong length",
    Fault.NOT_JSON: "applied, and the response is a web page",
    Fault.SLOW_COMMIT: "applied after a pause",
    Fault.STATUS_307: "a redirect to a host that does not exist",
    Fault.STATUS_409: "a conflict, nothing is applied",
    Fault.STATUS_429: "too many requests",
    Fault.STATUS_429_SECONDS: "too many requests, Retry-After in seconds",
    Fault.STATUS_429_DATE: "too many requests, Retry-After as a date",
    Fault.STATUS_500: "an internal error, nothing is applied",
    Fault.STATUS_502: "a bad gateway, nothing is applied",
    Fault.STATUS_503: "unavailable, nothing is applied",
}


def show(asked: Asked) -> dict[str, Any]:
    """Return the view of what can be set."""
    faults = asked.platform.faults
    shown = faults_json(asked.platform)
    return {
        "operations": sorted(OPERATION_IDS),
        "kinds": [(fault.value, meaning) for fault, meaning in MEANINGS.items()],
        "faults_json": json.dumps(shown["faults"]).decode(),
        "to_play": [_rule(rule) for rule in shown["faults"]],
        "played": [
            {"operation": operation, "fault": fault.value, "times": times}
            for (operation, fault), times in faults.counts.items()
        ],
    }


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    if "every" in rule:
        calls = "every call" if rule["every"] == 1 else f"one in {rule['every']}"
    else:
        calls = ", ".join(map(str, rule["calls"][:5])) + ("…" if len(rule["calls"]) > 5 else "")  # noqa: PLR2004 - a few
    return {"operation": rule["operationId"], "fault": rule["fault"], "calls": calls}


def clock_of(platform: Platform) -> dict[str, Any]:
    """Return the sandbox's time, for every view."""
    now: datetime = platform.clock()
    return {
        "now": now,
        "is_set": platform.clock.was_set_to is not None,
        "epoch_ms": int(now.timestamp() * 1000),
        "field": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
    }
