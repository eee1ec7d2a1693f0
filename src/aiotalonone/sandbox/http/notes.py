"""What is noted of a request while it is served, and the hook before its changes: both travel in the ASGI scope."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define
from starlette.types import Scope

from aiotalonone.sandbox.rules.trace import Trace

BEFORE_COMMIT = "aiotalonone.sandbox.before_commit"
"""Key in an ASGI scope of an async function to await before the request's changes are made."""
NOTES = "aiotalonone.sandbox.notes"
"""Key in an ASGI scope of the `Notes` on the request."""


@define
class Notes:
    """What is noted of a request while it is served, for the one who records it."""

    dry: bool = False
    performed: bool = False
    """Whether its operation was asked to perform it."""
    replayed: bool = False
    fault: str | None = None
    trace: Trace | None = None
    effects: Sequence[Mapping[str, Any]] = ()


def notes_of(scope: Scope) -> Notes:
    """Return the notes on a request; those on one that is not recorded are lost."""
    notes: Notes = scope.setdefault(NOTES, Notes())
    return notes
