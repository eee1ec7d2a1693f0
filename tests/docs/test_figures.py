"""What the pages say in words about speed is what the tables of the page on performance say."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PERFORMANCE = (DOCS / "performance.md").read_text(encoding="utf-8")
RELIABILITY = (DOCS / "reliability.md").read_text(encoding="utf-8")
BULK = (DOCS / "bulk.md").read_text(encoding="utf-8")
CLIENTS = ("ours", "ours_on_httpx", "ours_on_httpx2", "vendor", "httpx", "httpx2", "aiohttp")


def table(workload):
    """Return the figures of each contender in a table, by their heads."""
    section = re.search(rf"^### {workload}:.*?(?=^##)", PERFORMANCE, re.DOTALL | re.MULTILINE)[0]
    heads, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")
    ]
    return {name: dict(zip(heads[2:], map(number, cells), strict=True)) for name, _, *cells in rows}


def number(cell):
    """Return the median of a cell, without its bounds; a dash is nothing."""
    return None if cell == "-" else float(cell.split()[0].replace(",", ""))


def test_a_storm_has_the_successes_of_the_table():
    """The page on reliability compares the client without retries with bare clients as the table does."""
    successes = {name: figures["successes/s"] for name, figures in table("storm").items()}
    ours = successes["ours_one_attempt"]
    times_httpx, times_aiohttp = re.search(
        r"had ([\d.]+) times the successes a\s+second of a bare httpx.*?, and ([\d.]+) times those of aiohttp",
        RELIABILITY,
        re.DOTALL,
    ).groups()
    assert int(ours / successes["httpx"]) == int(times_httpx)
    assert round(ours / successes["aiohttp"], 1) == float(times_aiohttp)
    assert table("storm")["ours"]["failed"] == 0


def test_cancelled_calls_leave_the_slots_of_the_table():
    """The page on reliability has the usable slots of the table."""
    slots = {name: figures["usable slots of 10"] for name, figures in table("cancellation").items()}
    ours, bare = re.search(r"(\d+) of 10 slots were usable, and (\d+) of a", RELIABILITY).groups()
    assert (slots["ours"], slots["httpx"]) == (int(ours), int(bare))


def test_the_server_is_not_the_limit():
    """The server has served as many requests as the page says, and as many times what any client asks for."""
    sentence = r"more than ([\d,]+) requests a second of `raw`, more than (\w+) what"
    least, times = re.search(sentence, PERFORMANCE).groups()
    served = table("session-10")["raw"]["calls/s"]
    assert served > float(least.replace(",", ""))
    assert times == "twice"
    for workload in ("session-1", "session-10", "session-50", "session-500"):
        assert all(table(workload)[client]["calls/s"] * 2 < served for client in CLIENTS), workload


def test_a_bulk_job_is_as_fast_as_its_page_says():
    """The page on bulk jobs has the ratios of the table."""
    rates = {name: figures["profiles/s"] for name, figures in table("bulk").items()}
    job, with_checkpoint = re.search(
        r"about ([\d.]+) times as fast as a hand-written loop.*?\(([\d.]+) times with a\s+checkpoint\)", BULK, re.DOTALL
    ).groups()
    assert round(rates["ours"] / rates["by_hand"], 1) == float(job)
    assert round(rates["ours_checkpoint"] / rates["by_hand"], 1) == float(with_checkpoint)
    assert "more than nine times as fast as the vendor's SDK" in " ".join(BULK.split())
    assert rates["ours"] > rates["vendor"] * 9
