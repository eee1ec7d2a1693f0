"""The page on coming from the vendor's SDK: its blocks for this package do what it says."""

import ast
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from aiotalonone.sandbox import SHOP, Sandbox
from tests.support.sandbox_server import serving
from tools.pages import python_blocks

PAGE = (Path(__file__).parents[2] / "docs" / "migration.md").read_text(encoding="utf-8")


async def test_the_blocks_print_what_the_page_says():
    """Run one after the other on the small shop, they print the effects and the status that the page shows."""
    told = StringIO()
    names: dict[str, object] = {}
    code = "\n".join("\n".join(lines) for _, lines in python_blocks(PAGE))
    async with serving(Sandbox(SHOP).app) as server:
        program = compile(
            code.replace("http://127.0.0.1:8080", server.url), "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        )
        with redirect_stdout(told):
            await eval(program, names)  # noqa: S307 - our page
    [effects] = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert told.getvalue() == f"{effects}404\n"
