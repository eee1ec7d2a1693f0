"""The time and the faults of the sandbox."""

from typing import Final

from aiotalonone.sandbox.control._base import JSON, resource
from aiotalonone.sandbox.faults import FaultRule, TriggeredFault
from aiotalonone.sandbox.faults.file import read_faults
from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.platform import Platform

MAX_TRIGGERED: Final = 100
"""The last faults that were triggered, which are listed."""


@resource("GET", "/sandbox/clock")
def get_clock(platform: Platform, request: Request) -> Response:  # noqa: ARG001 - resources share one signature
    """Return the present time."""
    return Response(200, clock_json(platform))


@resource("PUT", "/sandbox/clock")
def put_clock(platform: Platform, request: Request) -> Response:
    """Set the present time to ``now``, from which it continues; null is the machine's time."""
    now = request.body.timestamp("now")
    try:
        platform.set_now(now)
    except ValueError as error:
        raise request.body.error("now", str(error).removeprefix("now ")) from None
    return Response(200, clock_json(platform))


@resource("GET", "/sandbox/faults")
def get_faults(platform: Platform, request: Request) -> Response:  # noqa: ARG001 - resources share one signature
    """Return the faults to play, and those that were triggered."""
    return Response(200, faults_json(platform))


@resource("PUT", "/sandbox/faults")
def put_faults(platform: Platform, request: Request) -> Response:
    """Replace all faults with those in the request."""
    platform.set_faults(read_faults(request.json(), platform.faults.operation_ids))
    return Response(204)


@resource("POST", "/sandbox/faults")
def post_faults(platform: Platform, request: Request) -> Response:
    """Add the faults in the request to those that are still to be played."""
    platform.add_faults(read_faults(request.json(), platform.faults.operation_ids))
    return Response(204)


def clock_json(platform: Platform) -> JSON:
    """Return the present time, and whether it was set or is the machine's."""
    return {"now": platform.clock(), "isSet": platform.clock.was_set_to is not None}


def faults_json(platform: Platform) -> JSON:
    """Return the faults to play, in the form of the fault file, and those that were triggered, the last one first."""
    triggered = reversed(platform.faults.triggered[-MAX_TRIGGERED:])
    return {
        "faults": [_rule_json(rule) for rule in platform.faults.pending],
        "triggered": [_triggered_json(one) for one in triggered],
    }


def _rule_json(rule: FaultRule) -> JSON:
    calls: JSON = {"calls": sorted(rule.calls)} if rule.every is None else {"every": rule.every}
    return {"operationId": rule.operation_id, "fault": rule.fault.value, **calls, "seconds": rule.seconds}


def _triggered_json(one: TriggeredFault) -> JSON:
    return {"operationId": one.operation_id, "fault": one.fault.value, "call": one.call}
