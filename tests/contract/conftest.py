"""One mock server for each specification."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.contract.prism import serving
from tests.contract.specs import FOLDER, VERSIONS


@pytest.fixture(scope="session")
def mock_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where the mock server of each specification answers, by version."""
    logs = tmp_path_factory.mktemp("prism")
    with ExitStack() as servers:
        yield {
            version: servers.enter_context(
                serving(FOLDER / "prism" / f"integration-{version}.yaml", logs / f"{version}.log")
            )
            for version in VERSIONS
        }
