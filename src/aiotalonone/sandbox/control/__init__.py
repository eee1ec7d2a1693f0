"""What the sandbox has of its own, below ``/sandbox/``: to look at what it holds, and to set it, without a key.

``application`` serves requests; each is for a function, declared with its address in the module of its subject.
"""

from aiotalonone.sandbox.control.application import Control

__all__ = ["Control"]
