"""The page of settings has every option and variable, with its default."""

import inspect
import re
from pathlib import Path

import pytest
from attrs import fields

from aiotalonone import AsyncIntegrationClient, CircuitBreaker, RetryPolicy, Timeouts, settings
from aiotalonone.pipeline import log

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
OPTIONS = inspect.signature(AsyncIntegrationClient).parameters
VARIABLES = {value for module in (settings, log) for name, value in vars(module).items() if name.endswith("_VARIABLE")}
PROGRAMS = Path(settings.__file__).parent


def rows(head):
    """Return the first two cells of the rows of a table, by its first head."""
    [table] = re.findall(rf"^\| {re.escape(head)} \|[^\n]*(.*?)\n\n", PAGE, re.DOTALL | re.MULTILINE)
    return [(name, cell.strip()) for name, cell in re.findall(r"^\| `(\w+)` \|([^|]*)\|", table, re.MULTILINE)]


def shown(default):
    """Return how the page writes a default."""
    if default is inspect.Parameter.empty:
        return ""
    return "`RetryPolicy()`" if default == RetryPolicy() else f"`{default!r}`"


def test_the_table_has_every_option_with_its_default():
    """The rows are the parameters of the constructor, each with its default."""
    assert dict(rows("option")) == {name: shown(parameter.default) for name, parameter in OPTIONS.items()}


@pytest.mark.parametrize("kind", [CircuitBreaker, RetryPolicy, Timeouts])
def test_each_group_of_settings_has_a_table(kind):
    """The rows are the members of the class, in its order, each with its default."""
    assert rows(f"`{kind.__name__}`") == [(one.name, shown(one.default)) for one in fields(kind)]


def test_the_table_has_every_variable():
    """The rows are the variables of the code, and that of OpenSSL."""
    assert {name for name, _ in rows("variable")} == VARIABLES | {"SSL_CERT_FILE"}


def test_every_variable_that_is_read_has_a_constant():
    """No module reads a variable of ours by another name than that of its constant."""
    code = "\n".join(path.read_text("utf-8") for path in PROGRAMS.rglob("*.py"))
    assert set(re.findall(r"TALON_ONE_[A-Z_]*[A-Z]\b", code)) == VARIABLES


def test_an_option_stands_beside_its_variable():
    """The first table has every variable, too, but for that of the log, which is not an option."""
    [table] = re.findall(r"^\| option \|.*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`(TALON_ONE_\w+)`", table)) == VARIABLES - {log.LOG_VARIABLE}
