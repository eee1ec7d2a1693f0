"""A local Talon.One: keeps state and evaluates carts like the platform, for tests, demos and development.

Run it with ``python -m aiotalonone.sandbox``, or give ``Sandbox(SHOP).app`` to ``httpx.ASGITransport``.
"""

import sys

try:
    from aiotalonone.sandbox.campaign_file import SHOP, CampaignFileError
    from aiotalonone.sandbox.faults import Fault, TriggeredFault
    from aiotalonone.sandbox.faults.file import FaultFileError
    from aiotalonone.sandbox.recording import RecordedRequest, SandboxEvent
    from aiotalonone.sandbox.sandbox import Sandbox
    from aiotalonone.sandbox.seeding import SeedError
except ModuleNotFoundError as _missing:
    _package = (_missing.name or "").partition(".")[0]
    if _package != "starlette":
        raise
    _remedy = f'The sandbox needs {_package}: pip install "aiotalonone[sandbox]"'
    if sys.argv[:1] == ["-m"] and __name__ in sys.orig_argv:  # python -m imports the package before its program
        sys.stderr.write(f"{_remedy}\n")
        sys.exit(2)
    raise ImportError(_remedy, name=_missing.name) from None

__all__ = [
    "SHOP",
    "CampaignFileError",
    "Fault",
    "FaultFileError",
    "RecordedRequest",
    "Sandbox",
    "SandboxEvent",
    "SeedError",
    "TriggeredFault",
]
