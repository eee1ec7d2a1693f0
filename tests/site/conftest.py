"""The built site, where the session `docs` has built it."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def site():
    """The folder that the session has built; without one there is nothing to look at."""
    if not (folder := os.environ.get("SITE")):
        pytest.skip("the session `docs` builds the site")
    assert (Path(folder) / "index.html").exists()
    return Path(folder)
