"""The transport under the client's own httpx client.

``pool`` sends each request on the connection that was used last, ``slots`` keeps the books of who uses which, ``slot``
is one connection that knows whether anything was written to it, ``surplus`` what came after an answer.
"""

from aiotalonone.transport.pool import LifoPool
from aiotalonone.transport.slot import NOTHING_WRITTEN
from aiotalonone.transport.surplus import drop_connection_with_surplus

__all__ = ["NOTHING_WRITTEN", "LifoPool", "drop_connection_with_surplus"]
