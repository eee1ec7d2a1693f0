"""The package imports only declared dependencies, and uses only public names of the HTTP libraries."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "aiotalonone"
LIBRARIES = {"anyio", "httpcore", "httpcore2", "httpx", "httpx2"}
EXTRAS = {
    "aiohttp.py": ("aiohttp",),
    "bulk": ("ray", "spark"),
    "cli": ("cli", "parquet", "ray"),
    "fastapi.py": ("fastapi",),
    "otel.py": ("otel",),
    "sandbox": ("sandbox",),
    "testing": ("sandbox",),
}
"""Which extras a room may use, besides the package's dependencies."""
HOSTS = {"pytest_plugin.py": {"pytest"}}
"""Who loads a module, and is there whenever that is imported."""
FOREIGN_PRIVATE_NAMES = {"_getframe", "_self_wrapper"}
"""Of the standard library and of wrapt, whose documentation names it."""
PRIVATE_NAME = re.compile(r"_[a-z]\w*")
PRIVATE_MODULE = re.compile(rf"({'|'.join(LIBRARIES)})(\.\w+)*\._\w+")

MODULES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}


def root_of(node):
    """Return the name at the start of a chain of attributes and calls."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def imports_of(module):
    """Return each imported module with the names that are taken from it; those for type checkers are left out."""
    for node in outside_type_checking(module):
        if isinstance(node, ast.Import):
            yield from ((alias.name, (alias.asname or alias.name.partition(".")[0],)) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module, tuple(alias.name for alias in node.names)


def outside_type_checking(node):
    """Walk a tree without the blocks that run for type checkers only."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from outside_type_checking(child)


def names_defined(modules):
    """Return the private names that the package gives to things of its own."""
    for node in (node for module in modules for node in ast.walk(module)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(value=ast.Name(id=owner), attr=name, ctx=ast.Store()) if owner[0].isupper():
                yield name


def private_uses(module, own_names):
    """Return what a module uses of a library's private names, or of private names that are not the package's."""
    library_names = {
        name for source, names in imports_of(module) if source.split(".")[0] in LIBRARIES for name in names
    }
    for node in ast.walk(module):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.name for alias in aliases if PRIVATE_MODULE.fullmatch(alias.name))
            case ast.ImportFrom(module=source, names=aliases) if source.split(".")[0] in LIBRARIES:
                imported = [source, *(f"{source}.{alias.name}" for alias in aliases)]
                yield from filter(PRIVATE_MODULE.fullmatch, imported)
            case ast.Attribute(attr=name) if PRIVATE_NAME.fullmatch(name):
                if root_of(node) in library_names or name not in own_names | FOREIGN_PRIVATE_NAMES:
                    yield ast.unparse(node)
            case ast.Constant(value=str(text)) if PRIVATE_NAME.fullmatch(text) or PRIVATE_MODULE.fullmatch(text):
                if text not in own_names:
                    yield repr(text)


OWN_NAMES = set(names_defined(MODULES.values()))


@pytest.mark.parametrize("path", sorted(MODULES))
def test_no_private_name_of_a_library_is_used(path):
    """A module uses no private module, attribute or string of httpx, httpx2, httpcore, httpcore2 or anyio."""
    assert list(private_uses(MODULES[path], OWN_NAMES)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import httpx\nhttpx.AsyncHTTPTransport()._pool",
        "from httpx import AsyncClient\nAsyncClient()._transport",
        "import anyio._backends._asyncio",
        "from httpcore2._async import http11",
        "from httpx import _client",
        "import_module('anyio._backends._asyncio')",
        "client._transport_for_url(url)",
        "getattr(transport, '_network_backend', None)",
        "vars(response)['_httpcore_stream']",
    ],
)
def test_a_private_name_is_found(source):
    """The search for private names finds attributes, imports and strings."""
    assert list(private_uses(ast.parse(source), OWN_NAMES))


def requirements(*extras):
    """Return the distributions that are declared, extras of the package itself resolved."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    for line in lines:
        if line.startswith("aiotalonone["):
            yield from requirements(*line.partition("[")[2].partition("]")[0].split(","))
        else:
            yield normalized(re.match(r"[\w.-]+", line).group())


def normalized(name):
    """Return the name of a distribution as package indexes compare them."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("path", sorted(MODULES))
def test_every_import_is_declared(path):
    """A module imports only the standard library, the package itself, dependencies, and the extra of its room."""
    roots = {source.split(".")[0] for source, _ in imports_of(MODULES[path])}
    foreign = roots - sys.stdlib_module_names - {"aiotalonone"} - HOSTS.get(path, set())
    declared = set(requirements(*EXTRAS.get(path.split("/")[0], ())))
    distributions = packages_distributions()  # an extra that is not installed goes by the module's name
    assert {root for root in foreign if not declared & set(map(normalized, distributions.get(root, [root])))} == set()
