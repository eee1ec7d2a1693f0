"""What the tests of pages share."""

import pytest

from aiotalonone.sandbox import SHOP
from aiotalonone.testing.process import serve
from aiotalonone.testing.sandbox import SandboxSetup


@pytest.fixture
def sandbox(monkeypatch):
    """Have a small shop in a process of its own, which the environment names."""
    with serve(SandboxSetup(campaigns=SHOP)) as address:
        for name, value in address.environment().items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        yield address
