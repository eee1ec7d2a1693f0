"""A sandbox that a test asks what it was sent."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import Any, Final

from attrs import define, field

from aiotalonone.attributes import attribute_types
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults.file import load_faults
from aiotalonone.sandbox.http.body import MAX_BODY_BYTES

_MAX_REQUESTS: Final = 10_000

Campaigns = Mapping[str, Any] | Path | str | None
"""A campaign file, its content, or ``None`` for an account without campaigns."""
FaultScript = Sequence[Mapping[str, Any]] | Path | str
"""A fault file, or its content."""

_EXPECTED: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "campaigns": ((Mapping, Path, str, NoneType), "a campaign file, its content, or None"),
    "attributes": ((Mapping,), "a mapping by entity"),
    "faults": ((Sequence, Path), "a fault file or its content, a list"),
    "now": ((datetime, NoneType), "a datetime or None"),
}


@define(frozen=True)
class SandboxSetup:
    """What a sandbox starts with."""

    campaigns: Campaigns = None
    attributes: Mapping[str, type[Any] | Mapping[str, str]] = field(factory=dict)
    """Attributes of the account by entity, such as ``CustomerProfile``: a declared class, or types by name."""
    faults: FaultScript = ()
    now: datetime | None = None
    """The present time, which continues from there; ``None`` is the machine's."""

    def __attrs_post_init__(self) -> None:
        """Check what it is made with: a test's marker has it, which no type checker reads.

        Raises:
            TypeError: A member has another type.
        """
        for name, (kinds, expected) in _EXPECTED.items():
            value = getattr(self, name)
            if not isinstance(value, kinds):
                raise TypeError(f"{name} must be {expected}, not {type(value).__name__}")

    def campaign_file(self) -> Mapping[str, Any] | Path | str:
        """Return the campaign file with the attributes, as a mapping unless there is nothing to add to a file.

        Raises:
            OSError: The file cannot be read.
            ValueError: It is not a JSON object.
            TypeError: A class is not declared.
        """
        campaigns = self.campaigns or {}
        if not self.attributes:
            return campaigns
        document = campaigns if isinstance(campaigns, Mapping) else _object_in(Path(campaigns))
        types = {
            entity: dict(declared) if isinstance(declared, Mapping) else attribute_types(declared)
            for entity, declared in self.attributes.items()
        }
        return {**document, "attributes": {**document.get("attributes", {}), **types}}

    def sandbox(self) -> "TalonOneSandbox":
        """Return a sandbox in this process.

        Raises:
            CampaignFileError: The campaigns are invalid, or their file cannot be read.
            FaultFileError: The faults are invalid, or their file cannot be read.
            ValueError: ``now`` has no offset from UTC.
        """
        sandbox = TalonOneSandbox(self.campaign_file())
        sandbox.faults.replace(load_faults(self.faults, sandbox.faults.operation_ids))
        sandbox.set_now(self.now)
        sandbox.keep_as_start()
        return sandbox


class TalonOneSandbox(Sandbox):
    """A sandbox for a test, which records more than a server would: 10,000 requests, whole bodies.

    It has what every ``Sandbox`` has: ``requests``, ``state``, ``faults``, ``applied()``, ``set_now()``,
    ``before_commit()`` and others.
    """

    def __init__(self, campaigns: Campaigns = None) -> None:
        super().__init__(campaigns)
        self.platform.requests.max_requests = _MAX_REQUESTS
        self.platform.requests.max_body_bytes = MAX_BODY_BYTES

    def assert_applied_once(self, operation_id: str) -> None:
        """Assert that an operation changed something exactly once, however often it was requested.

        Raises:
            AssertionError: It changed something never, or more than once.
            ValueError: There is no such operation.
        """
        __tracebackhide__ = True
        times = self.applied(operation_id)
        if times != 1:
            requests = sum(request.operation_id == operation_id for request in self.requests)
            faults = [one.fault.value for one in self.faults.triggered if one.operation_id == operation_id]
            text = f"{operation_id} was applied {times} times in {requests} requests"
            raise AssertionError(f"{text}, with the faults {', '.join(faults)}" if faults else text)


def _object_in(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{path}: must be an object")  # noqa: TRY004 - what is wrong is the file
    return document
