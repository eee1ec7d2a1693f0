"""The pages on concepts, and the cookbook: what they show is so, as a reader would run it."""

import ast
from inspect import isawaitable
from pathlib import Path

import pytest

from tools.pages import python_blocks

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [
    *(f"concepts/{name}.md" for name in ("sessions", "effects", "outcomes", "retries", "idempotency")),
    *(f"concepts/{name}.md" for name in ("lanes", "deadlines", "connections")),
    *("cookbook.md", "what-happens.md"),
]


@pytest.mark.parametrize("page", PAGES)
async def test_the_page_runs_as_it_stands(page):
    """The blocks of a page run one after the other, with nothing that the page does not show."""
    blocks = list(python_blocks((DOCS / page).read_text(encoding="utf-8")))
    assert blocks
    names = {}
    for start, lines in blocks:
        code = "\n" * start + "\n".join(lines) + "\n"
        result = eval(compile(code, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)  # noqa: S307 - our pages
        if isawaitable(result):
            await result


def test_each_page_on_concepts_is_run():
    """No page of the folder is left out."""
    assert {page.relative_to(DOCS).as_posix() for page in DOCS.glob("concepts/*.md")} <= set(PAGES)
