"""Python source as this repository writes it: lines of at most 120 characters, wrapped as the formatter would."""

import ast
import keyword
from collections.abc import Mapping, Sequence
from itertools import groupby
from sys import stdlib_module_names
from textwrap import wrap
from typing import Final

from aiotalonone.operation import snake_case

MAX_LINE: Final = 120

_ACRONYMS: Final = {"id": "ID", "ids": "IDs", "uuid": "UUID", "uuids": "UUIDs", "api": "API"}


def in_words(name: str) -> str:
    """Return a name of the API as words, such as ``Customer session IDs`` of ``customerSessionIDs``."""
    text = " ".join(_ACRONYMS.get(word, word) for word in snake_case(name).split("_"))
    return text[0].upper() + text[1:]


def python_name(name: str) -> str:
    """Return the Python name of a member, with an underscore after a word of the language."""
    translated = snake_case(name)
    return f"{translated}_" if keyword.iskeyword(translated) else translated


def bracketed(head: str, entries: Sequence[str], tail: str, *, indent: int = 0, is_tuple: bool = False) -> str:
    """Return entries between brackets: on one line, else on an indented one unless in a tuple, else a line for each."""
    margin = " " * indent
    together = ", ".join(entries)
    if len(line := f"{margin}{head}{together}{tail}") <= MAX_LINE:
        return line
    if not is_tuple and len(line := f"{margin}    {together}") <= MAX_LINE:
        return f"{margin}{head}\n{line}\n{margin}{tail}"
    lines = "".join(f"{margin}    {entry},\n" for entry in entries)
    return f"{margin}{head}\n{lines}{margin}{tail}"


def attribute_docstring(text: str) -> str:
    """Return the docstring of a member."""
    return "\n".join(wrap(f'"""{text}"""', MAX_LINE, initial_indent="    ", subsequent_indent="    "))


def method_docstring(summary: str, sections: Mapping[str, Sequence[str]], last: str) -> str:
    """Return the docstring of a method, with those of its sections that have entries."""
    paragraphs = [f'        """{summary}']
    for title, entries in sections.items():
        if entries:
            lines = [_wrapped(entry, indent=12, hanging=4) for entry in entries]
            paragraphs.append("\n".join([f"        {title}:", *lines]))
    return "\n\n".join([*paragraphs, _wrapped(last, indent=8)]) + '\n        """'


def names_in(source: str) -> set[str]:
    """Return the names that a source uses, those in annotations included."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def names_at_runtime(source: str) -> set[str]:
    """Return the names that a source uses outside of annotations."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign():
                node.annotation = ast.Constant(None)
            case ast.arg():
                node.annotation = None
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                node.returns = None
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def imports_of(names: set[str], found_in: Mapping[str, Sequence[str]]) -> str:
    """Return the imports of names; ``found_in`` says which names a module has."""
    wanted = {module: sorted(names.intersection(known), key=_import_order) for module, known in found_in.items()}
    blocks = groupby(sorted(filter(wanted.get, wanted), key=_section), key=_section)
    return "\n\n".join("\n".join(_import(module, wanted[module]) for module in sorted(block)) for _, block in blocks)


def _import(module: str, names: Sequence[str]) -> str:
    if len(line := f"from {module} import {', '.join(names)}") <= MAX_LINE:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _import_order(name: str) -> tuple[int, str]:
    """Constants, classes, functions, as the linter sorts them."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name


def _section(module: str) -> int:
    root = module.partition(".")[0]
    return 0 if root in stdlib_module_names else 2 if root == "aiotalonone" else 1


def _wrapped(text: str, *, indent: int, hanging: int = 0) -> str:
    return "\n".join(
        wrap(
            text,
            MAX_LINE,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hanging),
            break_on_hyphens=False,
            break_long_words=False,
        )
    )
