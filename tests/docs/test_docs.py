"""The pages' Python blocks, run as a reader would run them."""

import ast
import re
from codeop import CommandCompiler
from inspect import isawaitable
from pathlib import Path

import pytest

from tests.contract.calls import GROUP_OF
from tests.docs.projects import run_tests
from tools.pages import files_of, python_blocks

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))
WITH_CODE = [page for page in PAGES if any(python_blocks((DOCS / page).read_text(encoding="utf-8")))]
RUN_BY_THEIR_OWN_TESTS = {"django.md", "index.md", "litestar.md", "migration.md", "start.md", "testing.md"}
"""Programs and modules of tests, rather than the lines of one."""
UNESCAPED_BAR = re.compile(r"(?<!\\)\|")


def blocks(page: str) -> list[str]:
    """The Python blocks of a page."""
    found = ["\n".join(lines) + "\n" for _, lines in python_blocks((DOCS / page).read_text(encoding="utf-8"))]
    assert found
    return found


@pytest.mark.parametrize("page", sorted(set(WITH_CODE) - RUN_BY_THEIR_OWN_TESTS))
async def test_the_page_says_what_is_so(page, monkeypatch):
    """The blocks of a page are one program, which needs nothing that the page does not show."""
    monkeypatch.chdir(ROOT)
    names = {"__name__": "__main__"}
    for start, lines in python_blocks((DOCS / page).read_text(encoding="utf-8")):
        code = "\n" * start + "\n".join(lines) + "\n"
        result = eval(compile(code, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)  # noqa: S307 - our pages
        if isawaitable(result):
            await result


@pytest.mark.parametrize(
    "page", [page for page in WITH_CODE if "python -m asyncio" in (DOCS / page).read_text("utf-8")]
)
def test_the_blocks_can_be_pasted(page):
    """A prompt takes the blocks line by line: behind the body of a statement it needs an empty line."""
    prompt = CommandCompiler()
    prompt.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    statement = ""
    for block in blocks(page):
        for line in [*block.splitlines(), ""]:
            statement += f"{line}\n"
            if prompt(statement.removesuffix("\n"), page) is not None:
                statement = ""
        assert not statement.strip(), statement


@pytest.mark.parametrize(("page", "passed"), [("testing.md", 12), ("litestar.md", 2)])
def test_the_tests_of_a_page_pass(page, passed, tmp_path):
    """The blocks of a page that is about tests are one test module, whose tests pass."""
    if page == "litestar.md":
        pytest.importorskip("litestar")
    module = tmp_path / "test_page.py"
    module.write_text("\n".join(blocks(page)), encoding="utf-8")
    assert f"{passed} passed" in run_tests(tmp_path)


@pytest.mark.parametrize("page", [*PAGES, "../CONTRIBUTING.md", "../SECURITY.md", "../examples/README.md"])
def test_the_paths_that_a_page_names_exist(page):
    """A reader who follows a path or a link finds something there, or has made the file of a block that names it."""
    text = (DOCS / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    paths = re.findall(r"`((?:[\w]+/)+(?:\w+\.\w+)?|\w+\.py)`", text)
    for path in links:
        assert (DOCS / page).parent.joinpath(path).exists(), path
    for path in set(paths) - {name for name, _, _ in files_of(text)}:
        assert any((folder / path).exists() for folder in (ROOT, ROOT / "src" / "aiotalonone", (DOCS / page).parent)), (
            path
        )


@pytest.mark.parametrize("page", [*PAGES, "../README.md", "../CONTRIBUTING.md", "../examples/README.md"])
def test_each_row_of_a_table_has_a_cell_for_each_head(page):
    """A cell that is missing would be an empty one, and one too many would not be shown."""
    text = re.sub(r"^```.*?^```$", "", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        head, *rows = table.splitlines()
        assert {row: len(UNESCAPED_BAR.findall(row)) for row in rows} == dict.fromkeys(
            rows, len(UNESCAPED_BAR.findall(head))
        )


@pytest.mark.parametrize("room", ["pipeline", "transport"])
def test_the_layout_names_each_module_of_a_room(room):
    """A module of the two rooms that every call passes through has a row on the page of the layout."""
    modules = {path.name for path in (ROOT / "src" / "aiotalonone" / room).glob("[!_]*.py")}
    page = (DOCS / "layout.md").read_text(encoding="utf-8")
    assert set(re.findall(rf"`{room}/(\w+\.py)`", page)) == modules


def test_the_layout_has_a_row_for_each_group():
    """Each group of operations has a row on the page of the layout, with the module of its methods."""
    page = (DOCS / "layout.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `client\.(\w+)` \| `endpoints/(\w+)\.py` \|", page, re.MULTILINE)
    assert sorted(rows) == sorted({(group, group) for group in GROUP_OF.values()})


@pytest.mark.parametrize("page", PAGES)
def test_the_tests_that_a_page_names_exist(page):
    """Each promise names a test by its file, and that test is in that file."""
    for promise in re.findall(r"`([^`\s]+::[^`\s]+)`", (DOCS / page).read_text(encoding="utf-8")):
        path, _, name = promise.partition("::")
        assert name in names_of_tests(ROOT / path), promise


def names_of_tests(path):
    """A file's tests; those of a class after its name."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    return {*functions_in(module), *(f"{kind.name}::{name}" for kind in classes for name in functions_in(kind))}


def functions_in(node):
    """The functions that stand directly in a module or class."""
    return [child.name for child in node.body if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))]
