"""Fixtures for tests of code that calls Talon.One.

pytest loads this module in every suite beside which the package is installed: it imports nothing of the package before
a test asks for a fixture.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from aiotalonone.testing.client import SandboxClient
    from aiotalonone.testing.process import SandboxAddress
    from aiotalonone.testing.sandbox import Campaigns, SandboxSetup, TalonOneSandbox

_MARKER: Final = "talon_one"
_ARGUMENTS: Final = ("campaigns", "attributes", "faults", "now")
_FILES: Final = ("campaigns", "faults")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    text = "what the sandbox of the test starts with; of several markers, the closest one decides on an argument"
    config.addinivalue_line("markers", f"{_MARKER}({', '.join(f'{name}=…' for name in _ARGUMENTS)}): {text}")


@pytest.fixture
def talon_one_campaigns() -> "Campaigns":
    """The campaigns of tests whose marker names none: those of a small shop, with a coupon SUMMER.

    Override it to give your tests campaigns of your own: a campaign file, or its content.
    """
    with _one_line():
        from aiotalonone.sandbox import SHOP
    return SHOP


@pytest.fixture
def talon_one_sandbox(request: pytest.FixtureRequest, talon_one_campaigns: "Campaigns") -> "TalonOneSandbox":
    """A local Talon.One of the test's own, in this process, that ``talon_one`` calls.

    It has ``state``, ``faults``, ``requests``, ``assert_applied_once()``, and all that ``Sandbox`` has.
    """
    with _one_line():
        return _setup(request, talon_one_campaigns).sandbox()


@pytest.fixture
def talon_one(talon_one_sandbox: "TalonOneSandbox") -> "SandboxClient":
    """A client that is open, calls ``talon_one_sandbox`` without a socket, and pauses before no retry."""
    from aiotalonone.testing.client import SandboxClient

    return SandboxClient(talon_one_sandbox)


@pytest.fixture
def talon_one_env(
    request: pytest.FixtureRequest, talon_one_campaigns: "Campaigns", monkeypatch: pytest.MonkeyPatch
) -> "Iterator[SandboxAddress]":
    """A local Talon.One in a process, on a free port that the environment's ``TALON_ONE_BASE_URL`` names.

    Its keys are in the environment as well, so ``AsyncIntegrationClient.from_env()`` calls it, in processes that the
    test starts too. It is not the sandbox of ``talon_one_sandbox``.
    """
    with _one_line():
        import aiotalonone.sandbox.server  # noqa: F401 - what the process will need
        from aiotalonone.testing.process import serve

        setup = _setup(request, talon_one_campaigns)
        setup.sandbox()  # what is wrong with it is better said here than by the process
    with serve(setup) as address:
        for name, value in address.environment().items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        yield address


def _setup(request: pytest.FixtureRequest, campaigns: "Campaigns") -> "SandboxSetup":
    """Return what the test's markers ask for; files are below the suite's root.

    Raises:
        ImportError: The sandbox is not installed.
        TypeError: An argument of a marker has another type.
        ValueError: A marker has an argument that there is not.
    """
    from aiotalonone.testing.sandbox import SandboxSetup

    arguments: dict[str, Any] = {"campaigns": campaigns}
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        if marker.args or not set(marker.kwargs) <= set(_ARGUMENTS):
            raise ValueError(f"the marker {_MARKER} takes {', '.join(_ARGUMENTS)}, each by its name")
        arguments |= marker.kwargs
    for name in _FILES:
        if isinstance(arguments.get(name), (str, Path)):
            arguments[name] = request.config.rootpath / arguments[name]
    return SandboxSetup(**arguments)


@contextmanager
def _one_line() -> Iterator[None]:
    """End the test with one line if the sandbox is not installed, or cannot start as the test asks."""
    try:
        yield
    except (ImportError, OSError, TypeError, ValueError) as error:
        pytest.fail(f"talon_one: {error}", pytrace=False)
