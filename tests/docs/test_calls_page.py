"""The page of calls has one of each operation."""

import re
from pathlib import Path

from aiotalonone import AsyncIntegrationClient
from aiotalonone.operation import snake_case
from tests.contract.calls import GROUP_OF, method_of

PAGE = (Path(__file__).parents[2] / "docs" / "calls.md").read_text(encoding="utf-8")
CALLS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##)", PAGE, re.DOTALL | re.MULTILINE))


def test_every_operation_has_a_section_with_its_call():
    """A reader who looks for a method finds a section of its name, unless it is deprecated, whose code calls it."""
    client = AsyncIntegrationClient("https://acme.example", api_key="key")
    methods = {
        snake_case(operation.operation_id): group
        for operation, group in GROUP_OF.items()
        if not hasattr(method_of(client, operation), "__deprecated__")
    }
    assert set(CALLS) == set(methods)
    for name, section in CALLS.items():
        assert f"await client.{methods[name]}.{name}(" in section, name
