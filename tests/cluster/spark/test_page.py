"""The part on Spark of the page on clusters, run as a reader would run it."""

import asyncio
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
BLOCK = re.compile(r"^```py\n(.*?)^```$", re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.usefixtures("spark")


async def test_the_blocks_of_the_section_are_one_program(monkeypatch):
    """They send five thousand customers to the sandbox that the page's first block starts."""
    monkeypatch.chdir(ROOT)
    first, *blocks = BLOCK.findall(PAGE[: PAGE.index("\n## How it works\n")])
    spark = [block for block in blocks if "pyspark" in block]
    names = {"__name__": "__main__"}
    try:
        await asyncio.to_thread(exec, compile("\n".join([first, *spark]), "scale.md", "exec"), names)
    finally:
        names["stack"].close()
    assert names["report"].accepted == 5000
