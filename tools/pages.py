"""The Python blocks of README and pages, and each page as one module that type checkers read.

``python -m tools.pages FOLDER`` writes the modules to a folder.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PREAMBLES = {
    "README": (
        "import ssl, httpx; from aiotalonone import CartItem, IntegrationStateV2, RetryPolicy, Timeouts; "
        "url: str; key: str; trace: str; context: ssl.SSLContext; shared: httpx.AsyncClient; "
        "profiles: list[dict[str, object]]; cart_items: list[CartItem]; state: IntegrationStateV2"
    ),
}
"""What a page takes from its reader, in one line of Python."""


_NAMED_BLOCK: Final = re.compile(r"^```\w+\n# ([\w./-]+\.\w+)(, at the end)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def python_blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Return the lines of each Python block with the number of its first line, from 0."""
    for block in re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield text.count("\n", 0, block.start(1)), block[1].splitlines()


def as_module(text: str, preamble: str = "") -> str:
    """Return the blocks of a page as one module, each line with the number that it has on the page.

    Blocks with an ``await`` outside of functions become the body of one. The preamble stands in the first line, where
    a page has its title.
    """
    lines = [""] * (text.count("\n") + 1)
    for start, block in python_blocks(text):
        lines[start : start + len(block)] = block
    if awaits_outside_functions("\n".join(lines)):
        lines = [f"    {line}" if line else "" for line in lines]
        lines[1] = "async def page() -> None:"
    lines[0] = preamble
    return "\n".join(lines) + "\n"


def awaits_outside_functions(code: str) -> bool:
    """Return whether code cannot be compiled without top-level ``await``."""
    ast.parse(code)  # is Python at all
    try:
        compile(code, "page", "exec")
    except SyntaxError:
        return True
    return False


def files_of(text: str) -> list[tuple[str, bool, str]]:
    """Return the blocks whose first line names a file: its path, whether they are appended to it, and the lines."""
    return [(name, bool(appended), lines) for name, appended, lines in _NAMED_BLOCK.findall(text)]


def is_project(text: str) -> bool:
    """Return whether the blocks of a page are the files of a project, rather than one module."""
    return len({name for name, _, _ in files_of(text)}) > 1


def module_name(page: Path) -> str:
    """Return the name of a page's module, such as ``concepts_effects`` for ``docs/concepts/effects.md``."""
    path = page.relative_to(ROOT).with_suffix("")
    return "_".join(part for part in path.parts if part != "docs").replace("-", "_")


def write_modules(folder: Path) -> None:
    """Write a module for each page whose Python blocks are one.

    Its name is not that of the page, which may be that of a package: ``litestar.md`` imports litestar.
    """
    for page in PAGES:
        text = page.read_text("utf-8")
        if any(python_blocks(text)) and not is_project(text):
            name = module_name(page)
            (folder / f"page_{name}.py").write_text(as_module(text, PREAMBLES.get(name, "")), "utf-8")


if __name__ == "__main__":
    write_modules(Path(sys.argv[1]))
