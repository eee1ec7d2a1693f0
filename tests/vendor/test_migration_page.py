"""The page on coming from the vendor's SDK: its blocks for the SDK run, and its names are right."""

import asyncio
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import talon_one.exceptions

import aiotalonone
from aiotalonone.operation import snake_case
from aiotalonone.sandbox import SHOP, Sandbox
from tests.contract.calls import GROUP_OF
from tests.support.sandbox_server import serving
from tests.vendor.sdk import KNOWN

PAGE = (Path(__file__).parents[2] / "docs" / "migration.md").read_text(encoding="utf-8")


def run_blocks_of_the_sdk(url):
    """Run the blocks for the SDK one after the other; return what they print."""
    code = "\n".join(re.findall(r"^```py\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
    told = StringIO()
    with redirect_stdout(told):
        exec(code.replace("http://127.0.0.1:8080", url), {})  # noqa: S102 - our page
    return told.getvalue()


async def test_the_blocks_for_the_sdk_run():
    """They print the effects and the status that the page shows."""
    async with serving(Sandbox(SHOP).app) as server:
        told = await asyncio.to_thread(run_blocks_of_the_sdk, server.url)
    [effects] = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert told == f"{effects}404\n"


def test_the_table_has_every_method_of_the_sdk():
    """Each method that the SDK has for an operation stands in the row of its group here."""
    rows = re.findall(r"^\| `client\.(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)
    named = {(group, method) for group, cell in rows for method in re.findall(r"`(\w+)`", cell)}
    assert named == {(GROUP_OF[operation], snake_case(operation.operation_id)) for operation in KNOWN}


def test_the_errors_of_the_table_exist():
    """Each class of the SDK and each of ours in the table of errors is one that can be imported."""
    rows = re.findall(r"^\| (.*Exception.*) \| (.*Error.*) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 7
    for theirs, ours in rows:
        assert all(hasattr(talon_one.exceptions, name) for name in re.findall(r"`(\w+)`", theirs))
        assert all(hasattr(aiotalonone, name) for name in re.findall(r"`(\w+)`", ours))
