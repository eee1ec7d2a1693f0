"""The page on the comparison has the figures of the page on performance."""

import re
from pathlib import Path

from aiotalonone.endpoints import all_operations

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "comparison.md").read_text(encoding="utf-8")
CONTENDERS = {
    "aiotalonone, typed": "ours",
    "vendor's SDK in threads, typed": "vendor",
    "httpx, bytes": "httpx",
    "aiohttp, bytes": "aiohttp",
}


def measured():
    """Return the processor time of each contender by callers, as the tables of the page on performance have it."""
    performance = (DOCS / "performance.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^### session-(\d+):", performance, flags=re.MULTILINE)
    return {
        (contender, int(callers)): time
        for callers, table in zip(parts[::2], parts[1::2], strict=True)
        for contender, time in re.findall(
            r"^\| (\w+) \| \w+ \| ([\d,]+) \(", table.partition("\n### ")[0], re.MULTILINE
        )
    }


def test_the_figures_are_those_of_the_page_on_performance():
    """No figure is made up, and none is older than the others."""
    [table] = re.findall(r"<!-- figures: start -->\n(.*?)<!-- figures: end -->", PAGE, re.DOTALL)
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) µs \| ([\d,]+) µs \| ([\d,]+) µs \|$", table, re.MULTILINE)
    assert {name for name, *_ in rows} == set(CONTENDERS)
    found = measured()
    for name, *times in rows:
        assert times == [found[CONTENDERS[name], callers] for callers in (1, 10, 50)], name


def test_the_number_of_operations_is_that_of_the_client():
    """The table says how many operations the client has."""
    assert f"all, typed: {len(list(all_operations()))} with older versions" in PAGE
