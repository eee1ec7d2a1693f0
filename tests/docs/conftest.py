"""What the tests of pages share: the package's own fixtures, wherever it is not installed."""

import logging
from collections.abc import Iterator

import pytest

from aiotalonone.pytest_plugin import talon_one_campaigns, talon_one_env

__all__ = ["talon_one_campaigns", "talon_one_env"]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Take away the handlers and the level that a framework on a page gives to all loggers."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    for handler in list(root.handlers):
        if handler not in handlers and not type(handler).__module__.startswith("_pytest"):
            root.removeHandler(handler)
            handler.close()
