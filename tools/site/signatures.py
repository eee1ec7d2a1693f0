"""A Sphinx extension: signatures as a reader wants them.

Types that a module imports for type checkers alone are resolved, members of a query are parameters, a constant stands
for its value, and a class that shows its members has no constructor beside them.
"""

import ast
import inspect
import re
import typing
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import FunctionType, ModuleType
from typing import Any, Final

from sphinx.application import Sphinx
from sphinx.ext.autodoc import mock
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.typing import ExtensionMetadata

from aiotalonone import endpoints
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.endpoints import EndpointGroup, Entries
from aiotalonone.models._base import Model
from aiotalonone.sandbox import Sandbox
from tools.site.queries import query_of

PACKAGE: Final = "aiotalonone"
PROGRAMS: Final = re.compile(r".*\.(__main__|cli|cli\..*)")
_CONSTANT: Final = re.compile(r"(?<=[=(])(_?[A-Z]{2}[A-Z_]+)\b")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Prepare the package before it is read, and let autodoc ask for signatures."""
    app.connect("builder-inited", _prepare)
    app.connect("autodoc-process-signature", _show)
    return {"parallel_read_safe": True}


def method_of_a_page(function: FunctionType) -> FunctionType | None:
    """Return the method for one page of an iterator's method, ``None`` for any other function."""
    return getattr(function, "__wrapped__", None) if function.__name__.startswith("iter_") else None


def _prepare(app: Sphinx) -> None:
    with mock(app.config.autodoc_mock_imports):
        for module in list(_modules()):
            _import_types(module)
            analyzer = ModuleAnalyzer.for_module(module.__name__)
            analyzer.analyze()
            analyzer.overloads.clear()  # one signature with every type is easier to read
    client = AsyncIntegrationClient.__init__
    middleware = _named("Middleware", "aiotalonone.pipeline")
    client.__annotations__ = typing.get_type_hints(client, localns={"Middleware": middleware})
    application: Any = Sandbox.app
    application.fget.__annotations__["return"] = _named("ASGIApp", "starlette.types")
    for method in _methods():
        _spell_out(method)


def _modules() -> Iterator[ModuleType]:
    """Import and yield all modules but the programs."""
    package = import_module(PACKAGE)
    yield package
    for found in walk_packages(package.__path__, f"{PACKAGE}."):
        if not PROGRAMS.fullmatch(found.name):
            yield import_module(found.name)


def _import_types(module: ModuleType) -> None:
    """Give a module the names that it imports for type checkers alone, so that its annotations can be resolved."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            imports: list[ast.stmt] = [child for child in node.body if isinstance(child, ast.Import | ast.ImportFrom)]
            names: dict[str, Any] = {"__name__": module.__name__, "__package__": module.__package__}
            exec(compile(ast.Module(imports, []), module.__name__, "exec"), names)  # noqa: S102 - our own imports
            for name, value in names.items():
                vars(module).setdefault(name, value)


def _named(alias: str, module: str) -> type:
    """Return what is shown and linked under the name of an alias, whose value is too long to read."""
    return type(alias, (), {"__module__": module})


def _methods() -> Iterator[FunctionType]:
    """Yield the methods of all groups."""
    for module in endpoints.modules():
        for group in vars(module).values():
            if isinstance(group, type) and issubclass(group, EndpointGroup):
                yield from (member for member in vars(group).values() if isinstance(member, FunctionType))


def _spell_out(method: FunctionType) -> None:
    """Resolve a method's types, and have a parameter for each member of its query."""
    method.__annotations__ = _hints(method)
    parameters = dict(inspect.signature(method).parameters)
    query = query_of(method)
    if query is not None and query.parameter in parameters:  # an iterator has those of its method
        del parameters[query.parameter]
        for name in typing.get_type_hints(query.kind):
            parameters[name] = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)
    annotations = method.__annotations__ | (typing.get_type_hints(query.kind) if query is not None else {})
    annotated = [one.replace(annotation=annotations.get(name, one.annotation)) for name, one in parameters.items()]
    signature: Any = inspect.Signature(annotated, return_annotation=annotations["return"])
    method.__signature__ = signature  # type: ignore[attr-defined]
    method.__code__ = method.__code__.replace(co_filename="")  # or autodoc compares it with its source


def _hints(method: FunctionType) -> dict[str, Any]:
    hints = typing.get_type_hints(method, include_extras=True)
    if method_of_a_page(method) is not None:
        entry, *_ = typing.get_args(typing.get_type_hints(hints["return"])["data"])
        entries: Any = Entries
        hints["return"] = entries[entry]
    return hints


def _show(
    _app: Sphinx, what: str, _name: str, described: Any, _options: object, signature: str | None, returns: str
) -> tuple[str, str] | None:
    """Return the signature and what is returned, ``None`` to leave both as they are."""
    if signature is None:
        return None
    if what in {"class", "exception"} and not _shows_constructor(described):
        return "", ""
    constants = vars(import_module(described.__module__)) if described.__module__ else {}
    return _CONSTANT.sub(lambda name: repr(constants.get(name[1], name[1])), signature), returns


def _shows_constructor(kind: type[Any]) -> bool:
    """Return whether a class has a constructor of its own, and no members that tell the same."""
    if issubclass(kind, Model | EndpointGroup):
        return False
    has_members = hasattr(kind, "__attrs_attrs__") and kind.__module__ != "aiotalonone.settings"
    return "__init__" in vars(kind) and not has_members
