"""What a reader must know of the machine to compare numbers with those of another."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from benchmarks import cores

LIBRARIES: Final = (
    "aiotalonone",
    "httpx",
    "httpcore",
    "h11",
    "httpx2",
    "httptools",
    "anyio",
    "aiohttp",
    "uvloop",
    "orjson",
    "attrs",
    "cattrs",
    "talon-one-sdk",
    "pydantic",
    "urllib3",
)


def machine_facts() -> dict[str, Any]:
    """Return the versions, the processor, and how busy it was."""
    chosen = cores.choose()
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "processor": _processor(),
        "cpu_count": os.cpu_count(),
        "server_core": chosen.server,
        "contender_core": chosen.contender,
        "load_average": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", information.read_text()) if information.exists() else None
    return found[1] if found else platform.processor()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
