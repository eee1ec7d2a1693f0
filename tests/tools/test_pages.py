"""The modules that type checkers read instead of the pages."""

import ast

import pytest

from tools.pages import (
    PAGES,
    PREAMBLES,
    ROOT,
    as_module,
    files_of,
    is_project,
    module_name,
    python_blocks,
    write_modules,
)

PAGE = """# Title

Prose.

```python
first = 1
```

```sh
ls
```

```python
second = first
{last}
```
"""


def test_blocks_of_a_page_are_one_module_with_the_lines_of_the_page():
    """A line of code has the same number in the module as on the page, so that a checker's message leads there."""
    lines = as_module(PAGE.format(last="third = second"), "import ssl").splitlines()
    assert {n: line for n, line in enumerate(lines) if line} == {
        0: "import ssl",
        5: "first = 1",
        13: "second = first",
        14: "third = second",
    }


@pytest.mark.parametrize(
    "last", ["await ssl", "async with ssl:\n    pass", "async for n in ssl:\n    pass", "[n async for n in ssl]"]
)
def test_blocks_that_await_are_the_body_of_a_function(last):
    """Checkers accept no await outside of a function, so the whole page becomes one."""
    page = PAGE.format(last=last)
    module = ast.parse(as_module(page, "import ssl"))
    assert [type(node) for node in module.body] == [ast.Import, ast.AsyncFunctionDef]
    assert as_module(page).splitlines()[13] == "    second = first"


def test_each_page_with_blocks_is_written(tmp_path):
    """README and each page with a Python block have a module, which compiles; Django's project is not one."""
    write_modules(tmp_path)
    written = {path.stem.removeprefix("page_") for path in tmp_path.iterdir()}
    with_blocks = {module_name(page) for page in PAGES if "```python\n" in page.read_text("utf-8")}
    assert written == with_blocks - {"django"}
    assert written >= set(PREAMBLES)
    for path in tmp_path.iterdir():
        compile(path.read_text("utf-8"), path, "exec")


def test_pages_of_one_name_have_modules_of_two():
    """A page in a folder has the folder's name in that of its module, and a hyphen is an underscore."""
    assert module_name(ROOT / "docs" / "command-line.md") == "command_line"
    assert module_name(ROOT / "docs" / "concepts" / "connections.md") == "concepts_connections"
    assert len({module_name(page) for page in PAGES}) == len(PAGES)


def test_a_page_that_is_no_python_is_an_error():
    """A block with a syntax error is not taken for one with an await."""
    with pytest.raises(SyntaxError):
        as_module(PAGE.format(last="third ="))


def test_blocks_know_where_they_start():
    """The number of a block's first line is that of the page, from 0."""
    assert [start for start, _ in python_blocks(PAGE.format(last=""))] == [5, 13]


def test_blocks_may_name_their_file():
    """The first line of a block may name a file, which the block is, or is appended to."""
    text = "```python\n# shop/views.py\none = 1\n```\n\n```python\n# settings.py, at the end\ntwo = 2\n```\n"
    assert files_of(text) == [("shop/views.py", False, "one = 1\n"), ("settings.py", True, "two = 2\n")]
    assert is_project(text)
    assert not is_project(PAGE.format(last=""))
