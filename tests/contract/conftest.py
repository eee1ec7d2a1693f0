"""One mock server for each specification."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.contract.openapi import openapi_document
from tests.contract.prism import serving
from tools.specs import VERSIONS, spec


@pytest.fixture(scope="session")
def mock_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return the URL of each specification's mock server, by version."""
    folder = tmp_path_factory.mktemp("prism")
    with ExitStack() as servers:
        urls = {}
        for version in VERSIONS:
            document = folder / f"{version}.json"
            document.write_text(json.dumps(openapi_document(spec(version))), encoding="utf-8")
            urls[version] = servers.enter_context(serving(document, folder / f"{version}.log"))
        yield urls
