"""Faults: what goes wrong on purpose.

``script`` says which call meets which fault, ``file`` reads that from JSON, ``middleware`` plays the fault: one of the
``connection_faults``, which break or delay a response, or of the ``status_faults``, which are responses.
"""

from aiotalonone.sandbox.faults.script import Fault, FaultRule, Faults, TriggeredFault

__all__ = ["Fault", "FaultRule", "Faults", "TriggeredFault"]
