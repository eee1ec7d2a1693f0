"""What the tests of pages share: the package's own fixtures, wherever it is not installed."""

from aiotalonone.pytest_plugin import talon_one_campaigns, talon_one_env

__all__ = ["talon_one_campaigns", "talon_one_env"]
