"""The pages' Python blocks, run as a reader would run them."""

import ast
import re
import subprocess
import sys
from inspect import isawaitable
from pathlib import Path

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient
from aiotalonone.sandbox import Sandbox
from tests.contract.calls import GROUP_OF
from tools.pages import python_blocks

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def blocks(page: str) -> list[str]:
    """The Python blocks of a page."""
    found = ["\n".join(lines) + "\n" for _, lines in python_blocks((DOCS / page).read_text(encoding="utf-8"))]
    assert found
    return found


@pytest.fixture
async def client():
    """The client of the pages, on the examples' shop."""
    transport = httpx.ASGITransport(Sandbox(ROOT / "examples" / "campaigns.json").app)
    async with (
        httpx.AsyncClient(transport=transport) as http_client,
        AsyncIntegrationClient("http://localhost", api_key="sandbox-key", http_client=http_client) as client,
    ):
        yield client


@pytest.mark.parametrize(
    "page",
    [
        *("attributes.md", "models.md", "pricing.md", "errors.md", "connections.md", "observability.md", "sandbox.md"),
        *("bulk.md", "frameworks.md"),
    ],
)
async def test_the_page_says_what_is_so(page, client, monkeypatch):
    """The blocks of a page run one after the other, and what they assert is true."""
    monkeypatch.chdir(ROOT)
    names = {"client": client}
    for block in blocks(page):
        result = eval(compile(block, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)  # noqa: S307 - our pages
        if isawaitable(result):
            await result


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_what_its_client_is(page):
    """A page whose blocks use a client that they do not make says what it is."""
    text = (DOCS / page).read_text(encoding="utf-8")
    code = "\n".join("\n".join(lines) for _, lines in python_blocks(text))
    tree = compile(code, page, "exec", flags=ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    uses = {type(node.ctx) for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "client"}
    uses |= {ast.Store for node in ast.walk(tree) if isinstance(node, ast.arg) and node.arg == "client"}
    assert ast.Load not in uses or ast.Store in uses or "`client` is an open client" in text


def test_the_tests_of_the_testing_page_pass(tmp_path):
    """The blocks of the testing page are one test module, whose tests pass."""
    module = tmp_path / "test_page.py"
    module.write_text("\n".join(blocks("testing.md")), encoding="utf-8")
    configuration = tmp_path / "pytest.ini"
    configuration.write_text("[pytest]\nasyncio_mode = auto\n", encoding="utf-8")
    plugin = "aiotalonone.pytest_plugin"  # which pytest finds where the package is installed, not beside its sources
    command = [sys.executable, "-m", "pytest", "-q", "-p", plugin, "-c", str(configuration), str(module)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own interpreter
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 passed" in done.stdout


@pytest.mark.parametrize("page", [*PAGES, "../CONTRIBUTING.md", "../SECURITY.md"])
def test_the_paths_that_a_page_names_exist(page):
    """A reader who follows a path or a link finds something there."""
    text = (DOCS / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    paths = re.findall(r"`((?:[\w]+/)+(?:\w+\.\w+)?|\w+\.py)`", text)
    for path in links:
        assert (DOCS / page).parent.joinpath(path).exists(), path
    for path in paths:
        assert (ROOT / path).exists() or (ROOT / "src" / "aiotalonone" / path).exists(), path


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
