# Ray is no dependency of the checks: whatever is used of it may be anything.

from typing import Any

def __getattr__(name: str) -> Any: ...
