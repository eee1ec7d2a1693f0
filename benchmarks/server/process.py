"""Start the server, and stop it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CA_FILE: Final = "authority.pem"


@contextmanager
def running_server(folder: Path, core: int | None) -> Iterator[dict[str, str]]:
    """Yield the URLs of a server that runs as long as this lasts."""
    command = [sys.executable, "-m", "benchmarks.server", str(folder), json.dumps(core)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield json.loads(next(server.stdout or iter(())))
        finally:
            server.terminate()
