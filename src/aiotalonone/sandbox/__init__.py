"""A local Talon.One: keeps state and evaluates carts like the platform, for tests, demos and development.

Run it with ``python -m aiotalonone.sandbox``, or give ``Sandbox().app`` to ``httpx.ASGITransport``.
"""

from aiotalonone.sandbox.campaign_file import CampaignFileError
from aiotalonone.sandbox.faults import Fault, TriggeredFault
from aiotalonone.sandbox.faults.file import FaultFileError
from aiotalonone.sandbox.sandbox import Sandbox

__all__ = ["CampaignFileError", "Fault", "FaultFileError", "Sandbox", "TriggeredFault"]
