"""How long importing the client takes beside importing httpx alone, each in fresh interpreters, in turn.

Run it where only the core dependencies are installed: ``python benchmarks/import_time.py``.
"""

import subprocess
import sys
from statistics import median

ROUNDS = 25
TIMED_IMPORT = "from time import perf_counter as now; start = now(); import {}; print(now() - start)"


def seconds_to_import(module: str) -> float:
    """Import a module in an interpreter of its own."""
    command = [sys.executable, "-c", TIMED_IMPORT.format(module)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Print the median of the ratios, pair by pair."""
    seconds_to_import("aiotalonone")  # compiles what is not compiled yet
    pairs = [(seconds_to_import("httpx"), seconds_to_import("aiotalonone")) for _ in range(ROUNDS)]
    ratios = sorted(ours / httpx for httpx, ours in pairs)
    print(f"aiotalonone / httpx: median {median(ratios):.2f}, {ratios[0]:.2f} to {ratios[-1]:.2f}, {ROUNDS} pairs")


if __name__ == "__main__":
    main()
