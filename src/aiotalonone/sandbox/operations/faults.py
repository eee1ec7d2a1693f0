"""Faults scripted from outside the process; no operation of the platform."""

from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.faults.file import read_faults


def sandbox_faults(desk: Desk, call: Call) -> Answer:
    """Puts the faults in the request in the place of all others."""
    desk.faults.replace(read_faults(call.json(), desk.faults.operation_ids))
    return Answer(204)
