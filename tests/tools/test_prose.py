"""The rules for words, and what a program finds of them."""

import pytest

from tools.prose import MOOD, RULES, files, findings_in


def rules_broken(path, text):
    """Return the names of the rules that a text breaks."""
    return [finding.rule for finding in findings_in(path, text)]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("response", "It waits for the answer."),
        ("response", "The answer is late."),
        ("reject", "The API refused the request."),
        ("in flight", "Requests under way are finished."),
        ("max", "longest_wait = 3"),
        ("retry", "A repetition costs nothing."),
        ("invalid", "The value is unfit."),
        ("start", "It begins with a letter."),
        ("start", "Begin with the sandbox."),
        ("none", "It returns none."),
        ("none", "Whatever it is, there is none"),
        ("is not a", "It is no number."),
        ("resume", "The job goes on."),
        ("from", "It shows no text of the API's and no ID."),
        ("actor", "Somebody has closed it."),
    ],
)
def test_a_line_that_breaks_a_rule_is_found(rule, line):
    """Each rule finds what it is about, on pages and in programs."""
    assert rules_broken("docs/page.md", line) == [rule]
    assert rules_broken("tests/test_page.py", f'"""{line}"""') == [rule]


@pytest.mark.parametrize(
    "line",
    [
        "The server answers with 200.",
        "ConnectionRefusedError, ECONNREFUSED, connection refused; the connection was refused.",
        "No more than the max_wait; at_most_once.",
        "None of them has a name; nonetheless it is there.",
        'venv_backend="none"',
        "There is no number, and it is no longer open.",
        "It is the text of the API's response.",
        "BEGIN IMMEDIATE",
    ],
)
def test_other_lines_break_no_rule(line):
    """What only resembles a forbidden word is accepted."""
    assert rules_broken("docs/page.md", line) == []


def test_every_rule_is_tested():
    """A new line in the table of rules needs a line that breaks it."""
    rows = test_a_line_that_breaks_a_rule_is_found.pytestmark[0].args[1]
    assert {rule for rule, _ in rows} == set(RULES)


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Return it.", []),
        ("Pass it.", []),
        ("Returns it.", [MOOD]),
        ("The number.", [MOOD]),
        ("Whether it is.", [MOOD]),
    ],
)
def test_docstrings_of_functions_are_imperative(docstring, expected):
    """A function of the package starts with what it does."""
    program = f'def number(self):\n    """{docstring}"""\n'
    assert rules_broken("src/aiotalonone/client.py", program) == expected
    assert rules_broken("tests/test_client.py", program) == []


@pytest.mark.parametrize("decorator", ["property", "functools.cached_property", "number.setter"])
def test_docstrings_of_properties_are_nouns(decorator):
    """What reads like an attribute is described like one."""
    assert rules_broken("src/aiotalonone/client.py", f'@{decorator}\ndef number(self):\n    """The number."""\n') == []


def test_pages_and_programs_are_read():
    """Each kind of file is among those that the rules are about."""
    assert {
        "README.md",
        "docs/errors.md",
        "docs/reference/index.rst",
        "noxfile.py",
        "src/aiotalonone/client.py",
    } <= set(files())
