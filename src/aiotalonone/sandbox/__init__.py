"""A local Talon.One: keeps state and evaluates carts like the platform, for tests, demos and development.

Run it with ``python -m aiotalonone.sandbox``, or give ``Sandbox().app`` to ``httpx.ASGITransport``.
"""

try:
    from aiotalonone.sandbox.campaign_file import CampaignFileError
    from aiotalonone.sandbox.faults import Fault, TriggeredFault
    from aiotalonone.sandbox.faults.file import FaultFileError
    from aiotalonone.sandbox.sandbox import Sandbox
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "starlette":
        raise
    raise ModuleNotFoundError(
        'the sandbox needs starlette: pip install "aiotalonone[sandbox]"', name=missing.name
    ) from None

__all__ = ["CampaignFileError", "Fault", "FaultFileError", "Sandbox", "TriggeredFault"]
