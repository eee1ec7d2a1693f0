"""The page on clusters, run as a reader would run it."""

import asyncio
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")

pytestmark = pytest.mark.usefixtures("second_node")


async def test_the_blocks_of_the_page_are_one_program(monkeypatch):
    """They send five thousand customers to the sandbox that they start."""
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"^```py\n(.*?)^```$", PAGE.partition("\n## On Spark\n")[0], re.DOTALL | re.MULTILINE)
    names = {"__name__": "__main__"}
    try:
        await asyncio.to_thread(exec, compile("\n".join(blocks), "scale.md", "exec"), names)
    finally:
        names["stack"].close()
    assert names["report"].accepted == 5000
