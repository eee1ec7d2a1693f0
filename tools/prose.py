"""Hold the words of this repository to its rules: ``python -m tools.prose`` prints each line that breaks one.

`RULES` has a line for each rule; CONTRIBUTING.md explains them.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
TEXTS: Final = ("*.md", "docs/**/*.md", "docs/**/*.rst", "examples/**/*.md", ".github/**/*.md")
PROGRAMS: Final = ("*.py", "src/**/*.py", "tests/**/*.py", "tools/**/*.py", "examples/**/*.py", "benchmarks/**/*.py")
ABOUT_THE_RULES: Final = frozenset({"tools/prose.py", "tests/tools/test_prose.py", "CONTRIBUTING.md"})

RULES: Final = {
    "response": (
        r"(?i)\b(?:the|an?|no|its|whose|this|each|every|any|lost|late|large|of|without) answers?\b",
        "response",
    ),
    "reject": (
        r"(?i)(?<!connection )(?<!connection is )(?<!connection was )(?<![a-z])refus(?:e[sd]?|ing|al(?:s)?)(?![a-z])",
        "reject, or raise an error",
    ),
    "in flight": (r"(?i)\bunder way\b", "in flight"),
    "max": (r"(?<![a-z_])(?:longest|most|least|greatest)_(?!common)[a-z]", "max_… or min_…"),
    "retry": (r"(?i)\brepetitions?\b|\banother attempt\b", "retry"),
    "invalid": (r"(?i)\bunfit\b", "invalid"),
    "start": (r"\b[Bb](?:egins?|egan|egun|eginnings?)\b", "start"),
    "none": (r"(?<![\"'`])\bnone(?=[.;:!?,]?(?:$|[\"'`)]|\s+[A-Z]))", "a sentence that does not end on none"),
    "is not a": (r"(?<![Tt]here )\bis no (?!longer\b|more\b)(?=[a-zA-Z])", "is not a"),
    "resume": (r"(?i)\b(?:go|goes|went|going) on\b|\banew\b", "resume, continue or restart"),
    "from": (
        r"(?i)\b(?:text|message)s? of the [a-z]+'s(?! (?!and\b|or\b|is\b|are\b)[a-z])",
        "from the API, from the server",
    ),
    "actor": (r"\b(?i:nobody|somebody|whoever|who comes)\b", "the task, the caller, the server"),
}
"""Name of a rule, what breaks it, what to say instead."""

MOOD: Final = "mood"
NOUN_STARTS: Final = frozenset(
    {
        *("The", "A", "An", "What", "Whether", "How", "Where", "Which", "Who", "Whose", "When", "If", "Those", "That"),
        *("This", "These", "Its", "One", "Each", "All", "Every", "Two", "Several", "Some", "Any", "No", "Nothing"),
    }
)
SAID_OF_FUNCTIONS: Final = ("src/", "tools/", "benchmarks/")
NOUNS_FOR: Final = ("property", "setter", "fixture")


class Finding(NamedTuple):
    """A line that breaks a rule."""

    path: str
    line: int
    rule: str
    text: str
    better: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text!r}, better: {self.better}"


def words_in(path: str, text: str) -> Iterator[Finding]:
    """Yield what breaks a rule about words; code in the blocks of a page counts as well."""
    for number, line in enumerate(text.splitlines(), 1):
        for rule, (pattern, better) in RULES.items():
            for found in re.finditer(pattern, line):
                yield Finding(path, number, rule, found[0], better)


def moods_in(path: str, text: str) -> Iterator[Finding]:
    """Yield the functions whose docstring does not start with what they do."""
    if not path.startswith(SAID_OF_FUNCTIONS):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (docstring := ast.get_docstring(node)):
            first = docstring.split()[0]
            if not is_named_by_noun(node) and (first in NOUN_STARTS or is_third_person(first)):
                yield Finding(path, node.lineno, MOOD, first, "an imperative, as in Return or Send")


def is_named_by_noun(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function is one that reads like an attribute."""
    return any(ast.unparse(decorator).endswith(NOUNS_FOR) for decorator in node.decorator_list)


def is_third_person(word: str) -> bool:
    """Return whether a word looks like Returns rather than Return or Pass."""
    return word.isalpha() and word.endswith("s") and not word.endswith("ss")


def findings_in(path: str, text: str) -> Iterator[Finding]:
    """Yield what breaks a rule in a file."""
    yield from words_in(path, text)
    if path.endswith(".py"):
        yield from moods_in(path, text)


def files() -> Iterator[str]:
    """Yield the files that the rules are about."""
    for pattern in (*TEXTS, *PROGRAMS):
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            if name not in ABOUT_THE_RULES:
                yield name


def main() -> int:
    """Print what breaks a rule and return the exit code."""
    found = [finding for path in files() for finding in findings_in(path, (ROOT / path).read_text("utf-8"))]
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
