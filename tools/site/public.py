"""A directive for the API reference: the public names of a module, each as autodoc describes it.

``.. public:: aiotalonone.models.carts`` takes each name of that module's ``__all__``, unless it is followed by some.
``:as: aiotalonone`` gives classes and functions the name by which users import them.
"""

import inspect
import typing
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

_FOR_AUTODOC: Final = ("exclude-members", "inherited-members", "show-inheritance")


class Public(SphinxDirective):
    """Describes each public name of a module, or those that are named."""

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
        home = module.__name__ if kind == "data" else self.options.get("as", module.__name__)
        yield f".. auto{kind}:: {home}.{name}"
        if kind in {"class", "exception"}:
            yield "   :members:"
            yield from (f"   :{option}: {value}".rstrip() for option, value in self._options_of(kind))
        elif kind == "data" and not typing.get_origin(value):
            yield "   :no-value:"
        yield ""

    def _options_of(self, kind: str) -> Iterator[tuple[str, str]]:
        options = {"show-inheritance": ""} if kind == "exception" else {}
        options |= {option: self.options[option] for option in _FOR_AUTODOC if option in self.options}
        yield from options.items()


def _kind(value: object) -> str:
    if isinstance(value, type):
        return "exception" if issubclass(value, BaseException) else "class"
    return "function" if inspect.isroutine(value) else "data"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("public", Public)
    return {"parallel_read_safe": True}
