"""Profiles by the hundred thousand: our job beside a loop written by hand, and beside the vendor's SDK.

``python benchmarks/bulk.py [--profiles N] [--rounds N]``, on Linux, with the dependency group ``vendor`` installed
(``pip install . --group vendor``). All read the same NDJSON and send batches of 1000, at most 16 at once, to a server
that answers at once. Each run of each contender is a process of its own; the server counts what came.
"""

import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final
from urllib.request import urlopen

HERE: Final = Path(__file__).parent / "contenders"
CALLERS: Final = 16
CONTENDERS: Final = {
    "by hand": ("by_hand.py",),
    "ours": ("ours.py",),
    "ours, checkpoint": ("ours.py", "checkpoint"),
    "vendor": ("vendor.py",),
}
LARGE: Final = 10
"""How many times as many profiles must fit in the same memory."""

Figures = dict[str, float]


def profile(number: int) -> dict[str, object]:
    """A customer of a shop, whose ten attributes follow from the number."""
    return {
        "integrationId": f"customer-{number:08}",
        "attributes": {
            "Name": f"{('Ada', 'Grace', 'Édith', 'Jürgen', 'Noor')[number % 5]} Example {number % 9973}",
            "Email": f"customer.{number}@example.com",
            "City": ("Berlin", "Boston", "Singapore", "São Paulo", "Leeds", "Kraków", "Osaka")[number % 7],
            "Tier": ("bronze", "silver", "gold")[number % 3],
            "Language": ("en", "de", "pt", "pl", "ja")[number % 5],
            "Orders": number % 211,
            "LifetimeValue": number % 100_003 / 100,
            "Newsletter": number % 3 == 0,
            "AppInstalled": number % 4 != 0,
            "LastSeen": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:00:00Z",
        },
    }


def write_source(path: Path, profiles: int) -> Path:
    """Profiles as lines of JSON."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps(profile(number), ensure_ascii=False, separators=(",", ":")) + "\n" for number in range(profiles)
        )
    return path


@contextmanager
def server_url() -> Iterator[str]:
    """A server, for as long as this lasts."""
    with subprocess.Popen([sys.executable, HERE / "server.py"], stdout=subprocess.PIPE, text=True) as server:
        try:
            yield next(server.stdout or iter(())).strip()
        finally:
            server.terminate()


def run(contender: str, url: str, source: Path, profiles: int) -> Figures:
    """Let a contender send a source; what it was measured by, its rate among it."""
    program, *options = CONTENDERS[contender]
    command = [sys.executable, HERE / program, url, source, str(CALLERS), *options]
    figures: Figures = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    with urlopen(url) as answer:  # noqa: S310 - our own server
        taken = int(answer.read())
    if taken != profiles or figures.get("accepted", profiles) != profiles:
        raise RuntimeError(f"{contender}: {taken} of {profiles} profiles came to the server")
    figures["rate"] = profiles / figures["seconds"]
    figures["work"] = figures["processor"] / profiles * 1e6
    return figures


def compare(url: str, folder: Path, profiles: int, rounds: int) -> None:
    """Run all in turn, each time another one first; print medians, and the ratios within the rounds."""
    source = write_source(folder / "source", profiles)
    runs: dict[str, list[Figures]] = {contender: [] for contender in CONTENDERS}
    for number in range(rounds):
        order = list(CONTENDERS)[number % len(CONTENDERS) :] + list(CONTENDERS)[: number % len(CONTENDERS)]
        for contender in order:
            runs[contender].append(run(contender, url, source, profiles))
    for contender, figures in runs.items():
        print_figures(contender, figures)
    for contender, other in (("ours", "by hand"), ("ours, checkpoint", "by hand"), ("ours", "vendor")):
        ratios = [ours["rate"] / theirs["rate"] for ours, theirs in zip(runs[contender], runs[other], strict=True)]
        low, high = min(ratios), max(ratios)
        print(f"{contender} / {other}, profiles/s: {median(ratios):.2f}, {low:.2f} to {high:.2f}, {rounds} rounds")


def print_figures(contender: str, runs: list[Figures]) -> None:
    """The medians of a contender's runs; of its memory, the most."""
    rate, work = (median(figures[name] for figures in runs) for name in ("rate", "work"))
    memory = max(figures["memory"] for figures in runs)
    lags = [figures["lag"] for figures in runs if "lag" in figures]
    lag = f"  p99 of the loop's lag {median(lags):5.1f} ms" if lags else ""
    print(
        f"{contender:16} {rate:8.0f} profiles/s  {work:4.1f} µs of the processor each  {memory:5.1f} MiB over idle{lag}"
    )


def main() -> None:
    """Compare them, then let ours send many more."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder, server_url() as url:
        compare(url, Path(folder), asked.profiles, asked.rounds)
        many = LARGE * asked.profiles
        source = write_source(Path(folder) / "source", many)
        print(f"{many} profiles:")
        for contender in ("ours", "ours, checkpoint"):
            print_figures(contender, [run(contender, url, source, many)])


if __name__ == "__main__":
    main()
