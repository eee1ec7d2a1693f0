"""A Sphinx extension: docstrings as Napoleon and the theme want them."""

import builtins
import inspect
import re
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any, Final

from docutils import nodes
from sphinx.addnodes import pending_xref, pending_xref_condition
from sphinx.application import Sphinx
from sphinx.domains.python._object import PyObject
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.typing import ExtensionMetadata

from tools.site.queries import Query, query_of, texts_of
from tools.site.signatures import PACKAGE, PROGRAMS, method_of_a_page

_BEFORE_NAPOLEON: Final = 400
_AFTER_NAPOLEON: Final = 600
_API: Final = "API: "
_FIELDS: Final = ("param", "type", "return", "rtype", "raises")
_ARGUMENT: Final = re.compile(r"( +)(?:\*\*)?(\w+): ")
_REQUEST: Final = re.compile(r"\b(?:GET|POST|PUT|DELETE) /[^ ]*[^ .]")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Let autodoc ask before and after Napoleon reads a docstring."""
    app.connect("autodoc-process-docstring", _complete, priority=_BEFORE_NAPOLEON)
    app.connect("autodoc-process-docstring", _make_field_of_operation, priority=_AFTER_NAPOLEON)
    app.connect("object-description-transform", _sort_fields, priority=_AFTER_NAPOLEON)
    app.connect("doctree-read", _unlink_builtins)
    [attributes] = [field for field in PyObject.doc_field_types if field.name == "variable"]
    attributes.label = "Attributes"
    return {"parallel_read_safe": True}


def _complete(_app: Sphinx, what: str, name: str, described: Any, _options: object, lines: list[str]) -> None:
    if what == "data":
        lines[:] = _text_of_alias(described, name) or lines
    if what in {"attribute", "data", "property"}:
        lines.insert(0, "\\ ")  # else Napoleon takes what stands before a colon for the type
    if isinstance(described, FunctionType):
        lines += _arguments_of_iterator(described)
        if (query := query_of(described)) is not None:
            lines[:] = [new for line in lines for new in _spell_out(line, query)]
    if (deprecated := getattr(described, "__deprecated__", None)) is not None:
        lines[:0] = [f"**{deprecated}.**", ""]


def _text_of_alias(described: object, name: str) -> list[str] | None:
    """Return the text below an alias or constant where it is made, ``None`` if it has none: it may be imported."""
    short = name.rpartition(".")[2]
    for module in [module for path, module in sys.modules.items() if path.startswith(PACKAGE)]:
        if vars(module).get(short) is described and module.__file__ and not PROGRAMS.fullmatch(module.__name__):
            text = ModuleAnalyzer.for_module(module.__name__).find_attr_docs().get(("", short))
            if text is not None:
                return list(text)
    return None


def _arguments_of_iterator(function: FunctionType) -> list[str]:
    """Return what the method for one page says of its arguments and errors."""
    method = method_of_a_page(function)
    lines = (inspect.getdoc(method) or "").splitlines() if method is not None else []
    return [*lines[lines.index("Args:") :], ""] if "Args:" in lines else []


def _spell_out(line: str, query: Query) -> Iterator[str]:
    """Yield a line of a docstring, or in place of the query's a line for each of its members."""
    argument = _ARGUMENT.match(line)
    if argument is None or argument[2] != query.parameter:
        yield line
    else:
        yield from (f"{argument[1]}{member}: {text}" for member, text in texts_of(query.kind).items())


def _make_field_of_operation(
    _app: Sphinx, _what: str, _name: str, _described: object, _options: object, lines: list[str]
) -> None:
    """Let the last paragraph, ``API: …``, stand with parameters and errors."""
    start = next((place for place, line in enumerate(lines) if line.startswith(_API)), None)
    if start is not None:
        operation = _REQUEST.sub(r"``\g<0>``", " ".join(lines[start:]))
        lines[start:] = [f":{operation}"]


def _sort_fields(_app: Sphinx, _domain: str, _kind: str, content: nodes.Element) -> None:
    """Let what is returned follow the parameters."""
    for fields in content.findall(nodes.field_list):
        fields.children.sort(key=lambda field: _rank(field.astext().split()[0]))


def _rank(field: str) -> int:
    return next((rank for rank, kind in enumerate(_FIELDS) if field.startswith(kind)), len(_FIELDS))


def _unlink_builtins(_app: Sphinx, document: nodes.document) -> None:
    """Leave no reference from ``type`` to members of that name."""
    for reference in list(document.findall(pending_xref)):
        if reference.get("refdomain") == "py" and reference["reftarget"] in vars(builtins):
            shown = [node for node in reference.children if not isinstance(node, pending_xref_condition)]
            reference.replace_self(shown or nodes.Text(reference["reftarget"]))
