"""A Sphinx extension for the API reference: public names out of ``__all__``, their types resolved, queries spelt out.

A page says ``.. public:: aiotalonone.models.carts`` and has each name of that module's ``__all__``. With ``:as:
aiotalonone`` classes have the name by which users import them.
"""

import ast
import builtins
import inspect
import re
import typing
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import FunctionType, ModuleType
from typing import Any, ClassVar, Final, is_typeddict

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref, pending_xref_condition
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from aiotalonone import endpoints
from aiotalonone.client import AsyncIntegrationClient
from aiotalonone.endpoints import EndpointGroup, Entries
from aiotalonone.models._base import Model

PACKAGE: Final = "aiotalonone"
_BEFORE_NAPOLEON: Final = 400
_AFTER_NAPOLEON: Final = 600
_PROGRAMS: Final = ("__main__", "aiotalonone.cli")
_FOR_AUTODOC: Final = {"exclude-members", "inherited-members", "show-inheritance"}
_CONSTANT: Final = re.compile(r"(?<==)(_?[A-Z]{2}[A-Z_]+)\b")
_REQUEST: Final = re.compile(r"\b(?:GET|POST|PUT|DELETE) /[^ ]*[^ .]")
_ARGUMENT: Final = re.compile(r"( +)(?:\*\*)?(\w+): ")


class Public(SphinxDirective):
    """Documents each public name of a module, or those that are named."""

    required_arguments = 1
    optional_arguments = 100
    option_spec: ClassVar = dict.fromkeys(("as", *_FOR_AUTODOC), directives.unchanged)

    def run(self) -> list[nodes.Node]:
        """Return what autodoc makes of the names."""
        module_name, *names = self.arguments
        module = import_module(module_name)
        lines = [line for name in names or module.__all__ for line in self._directive(module, name)]
        return self.parse_text_to_nodes("\n".join(lines))

    def _directive(self, module: ModuleType, name: str) -> Iterator[str]:
        value = getattr(module, name)
        kind = _kind(value)
        home = self.options.get("as", module.__name__) if kind != "data" else module.__name__
        yield f".. auto{kind}:: {home}.{name}"
        if kind == "data" and not typing.get_origin(value):
            yield "   :no-value:"
        yield from self._options(kind)
        yield ""

    def _options(self, kind: str) -> Iterator[str]:
        if kind in {"class", "exception"}:
            yield "   :members:"
            for option in sorted(_FOR_AUTODOC & self.options.keys()):
                yield f"   :{option}: {self.options[option]}".rstrip()
        if kind == "exception" and "show-inheritance" not in self.options:
            yield "   :show-inheritance:"


def _kind(value: object) -> str:
    if isinstance(value, type):
        return "exception" if issubclass(value, BaseException) else "class"
    return "function" if inspect.isroutine(value) else "data"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive, and what autodoc asks."""
    app.add_directive("public", Public)
    app.connect("builder-inited", _prepare)
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-process-docstring", _docstring, priority=_BEFORE_NAPOLEON)
    app.connect("autodoc-process-docstring", _operation_as_field, priority=_AFTER_NAPOLEON)
    app.connect("object-description-transform", _sort_fields, priority=_AFTER_NAPOLEON)
    app.connect("doctree-read", _unlink_builtins)
    [attributes] = [field for field in PyObject.doc_field_types if field.name == "variable"]
    attributes.label = "Attributes"
    return {"parallel_read_safe": True}


def _prepare(_app: Sphinx) -> None:
    for module in _import_all():
        _import_types(module)
    for module in _import_all():
        ModuleAnalyzer.for_module(module.__name__).analyze()
        ModuleAnalyzer.for_module(module.__name__).overloads.clear()  # one signature with every type is easier to read
    client = AsyncIntegrationClient.__init__
    client.__annotations__ = typing.get_type_hints(client, localns={"Middleware": _named("Middleware")})
    for function in _functions():
        function.__annotations__ = _hints(function)
        function.__signature__ = _spelt_out(function)  # type: ignore[attr-defined]
        # Autodoc looks up defaults in the source, which has fewer parameters.
        function.__code__ = function.__code__.replace(co_filename="")


def _named(alias: str) -> type:
    """Return what is shown and linked under the name of an alias, whose value is too long to read."""
    return type(alias, (), {"__module__": "aiotalonone.pipeline"})


def _import_all() -> list[ModuleType]:
    package = import_module(PACKAGE)
    names = (found.name for found in walk_packages(package.__path__, f"{PACKAGE}."))
    return [package, *(import_module(name) for name in names if not _is_a_program(name))]


def _is_a_program(name: str) -> bool:
    return name.endswith(_PROGRAMS) or f"{PACKAGE}.cli." in name


def _import_types(module: ModuleType) -> None:
    """Give a module the names that it imports for type checkers alone, so that its annotations can be read."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            imports = [child for child in node.body if isinstance(child, ast.Import | ast.ImportFrom)]
            names: dict[str, Any] = {"__name__": module.__name__, "__package__": module.__package__}
            exec(compile(ast.Module(imports, []), module.__name__, "exec"), names)  # noqa: S102 - our own imports
            for name, value in names.items():
                vars(module).setdefault(name, value)


def _functions() -> Iterator[FunctionType]:
    """Yield the methods of groups that take a query, or iterate over pages."""
    for module in endpoints.modules():
        for group in vars(module).values():
            if isinstance(group, type) and issubclass(group, EndpointGroup):
                yield from (member for member in vars(group).values() if isinstance(member, FunctionType))


def _hints(function: FunctionType) -> dict[str, Any]:
    hints = typing.get_type_hints(function, include_extras=True)
    if _pages(function) is not None:
        entry, *_ = typing.get_args(typing.get_type_hints(hints["return"])["data"])
        hints["return"] = Entries[entry]
    return hints


def _pages(function: FunctionType) -> FunctionType | None:
    """Return the method for a page of an iterator's method, ``None`` for any other function."""
    return getattr(function, "__wrapped__", None) if function.__name__.startswith("iter_") else None


def _query(function: FunctionType) -> tuple[str, type[Any]] | None:
    """Return the name and the class of a function's ``**query: Unpack[…]``."""
    for name, annotation in function.__annotations__.items():
        if typing.get_origin(annotation) is typing.Unpack:
            return name, typing.get_args(annotation)[0]
    return None


def _spelt_out(function: FunctionType) -> inspect.Signature:
    """Return a signature with a parameter for each member of a query."""
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=function.__annotations__.get(name, parameter.annotation))
        for name, parameter in signature.parameters.items()
    ]
    query = _query(function)
    if query is not None and query[0] in signature.parameters:  # an iterator's are spelt out with its method's
        parameters.pop()
        for name, annotation in typing.get_type_hints(query[1]).items():
            default = inspect.Parameter.empty if name in query[1].__required_keys__ else None  # type: ignore[attr-defined]
            parameters.append(
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            )
    return signature.replace(parameters=parameters, return_annotation=function.__annotations__.get("return"))


def _signature(
    _app: Sphinx, what: str, _name: str, documented: Any, _options: object, signature: str | None, returns: str
) -> tuple[str, str] | None:
    """Leave out the constructor of a class that shows its members, or that has its base's; show values of constants."""
    if signature is None:
        return None
    if what not in {"class", "exception"}:
        return _with_values(documented, signature), returns
    shows_members = issubclass(documented, Model | EndpointGroup) or (
        hasattr(documented, "__attrs_attrs__") and documented.__module__ != "aiotalonone.settings"
    )
    is_shown = "__init__" in vars(documented) and not shows_members
    return (_with_values(documented, signature), returns) if is_shown else ("", "")


def _with_values(documented: object, signature: str) -> str:
    constants = vars(import_module(documented.__module__)) if documented.__module__ else {}
    return _CONSTANT.sub(lambda name: repr(constants.get(name[1], name[1])), signature)


def _docstring(_app: Sphinx, what: str, _name: str, documented: Any, _options: object, lines: list[str]) -> None:
    if what in {"attribute", "data", "property"}:
        lines.insert(0, "\\ ")  # else Napoleon takes what stands before a colon for the type
    if not isinstance(documented, FunctionType):
        return
    method = _pages(documented)
    if method is not None:
        arguments = (inspect.getdoc(method) or "").splitlines()
        lines += [*arguments[arguments.index("Args:") :], ""] if "Args:" in arguments else []
    if hasattr(documented, "__deprecated__"):
        lines[:0] = [f"*Deprecated:* {documented.__deprecated__}.", ""]
    if (query := _query(documented)) is not None:
        lines[:] = [new for line in lines for new in _members(line, *query)]


def _operation_as_field(
    _app: Sphinx, _what: str, _name: str, _documented: object, _options: object, lines: list[str]
) -> None:
    """Let the last paragraph, ``API: …``, stand with parameters and errors."""
    start = next((place for place, line in enumerate(lines) if line.startswith("API: ")), None)
    if start is not None:
        operation = _REQUEST.sub(r"``\g<0>``", " ".join(lines[start:]))
        lines[start:] = [f":{operation}"]


def _sort_fields(_app: Sphinx, _domain: str, _type: str, content: nodes.Element) -> None:
    """Let what is returned follow the parameters."""
    for fields in content.findall(nodes.field_list):
        fields.children.sort(key=lambda field: _rank(field.astext().split()[0]))


def _rank(field: str) -> int:
    kinds = ("param", "type", "return", "rtype", "raises")
    return next((rank for rank, kind in enumerate(kinds) if field.startswith(kind)), len(kinds))


def _members(line: str, name: str, query: type[Any]) -> Iterator[str]:
    """Return a line of a docstring, or in place of the query's a line for each of its members."""
    argument = _ARGUMENT.match(line)
    if argument is None or argument[2] != name:
        yield line
        return
    documented = _documented_members(query)
    for member in typing.get_type_hints(query):
        yield f"{argument[1]}{member}: {documented[member]}"


def _documented_members(query: type[Any]) -> dict[str, str]:
    """Return the texts of a TypedDict's members; what it extends is lost, but has some of its members and no other."""
    texts: dict[str, str] = {}
    for (owner, member), text in ModuleAnalyzer.for_module(query.__module__).find_attr_docs().items():
        kind = getattr(import_module(query.__module__), owner, None)
        if is_typeddict(kind) and (kind is query or kind.__annotations__.keys() < query.__annotations__.keys()):
            texts[member] = " ".join(text).strip()
    return texts


def _unlink_builtins(_app: Sphinx, document: nodes.document) -> None:
    """Leave no reference from ``type`` to members of that name."""
    for reference in list(document.findall(pending_xref)):
        if reference.get("refdomain") == "py" and reference["reftarget"] in vars(builtins):
            shown = [node for node in reference.children if not isinstance(node, pending_xref_condition)]
            reference.replace_self(shown or nodes.Text(reference["reftarget"]))
