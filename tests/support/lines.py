"""The lines that the code can raise, log or print, read from its source: what varies in a line is ``…``.

The sandbox is left out: its lines are for those who write campaign files, and say what is wrong by themselves.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "aiotalonone"


def raised_in(paths: str, *names: str) -> set[str]:
    """Return the texts that errors of these classes are made with in some modules."""
    return {text for call in _calls(paths) if _name_of(call.func) in names for text in _texts_of(call)}


def returned_in(path: str) -> set[str]:
    """Return the texts that the functions of a module return, alone or in a pair."""
    module = ast.parse((SOURCE / path).read_text("utf-8"))
    returns = [node.value for node in ast.walk(module) if isinstance(node, ast.Return) and node.value is not None]
    values = [value.elts[0] if isinstance(value, ast.Tuple) else value for value in returns]
    branches = [[value.body, value.orelse] if isinstance(value, ast.IfExp) else [value] for value in values]
    return {text for branch in branches for value in branch if _is_text(text := _text_of(value))}


def logged_in(paths: str) -> set[str]:
    """Return what the modules log."""
    levels = {"log", "info", "warning", "error"}
    return {
        text
        for call in _calls(paths)
        if isinstance(call.func, ast.Attribute) and call.func.attr in levels and _name_of(call.func.value) == "_logger"
        for text in (re.sub(r"%(?:\.\d)?[a-z]", "…", text) for text in _texts_of(call))
        if _is_text(text)
    }


def _calls(paths: str) -> Iterator[ast.Call]:
    for path in sorted(path for path in SOURCE.glob(paths) if "sandbox" not in path.relative_to(SOURCE).parts):
        yield from (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))


def _name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _texts_of(call: ast.Call) -> list[str]:
    """Return the texts among a call's arguments, the message first; a variable alone has no text."""
    return [text for text in map(_text_of, call.args) if _is_text(text)][:1]


def _is_text(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _text_of(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(value.value if isinstance(value, ast.Constant) else "…" for value in values)
    return ""
