"""Faults: what goes wrong on purpose.

``script`` says what happens to which call, ``file`` reads it from JSON, ``application`` lets it happen: as one of the
``impairments`` of a request or its answer, or as one of the ``refusals``.
"""

from aiotalonone.sandbox.faults.script import Fault, Faults, Happening, Script

__all__ = ["Fault", "Faults", "Happening", "Script"]
