"""What the page on the comparison says of the vendor's SDK is so."""

import inspect
from pathlib import Path
from typing import Any, get_type_hints

import talon_one
from talon_one import Effect, IntegrationApi, NewCustomerSessionV2

from tests.vendor import sdk

PAGE = (Path(__file__).parents[2] / "docs" / "comparison.md").read_text("utf-8")


def test_the_number_of_its_operations():
    """It has as many of the client's operations as the table says."""
    [row] = [line for line in PAGE.splitlines() if line.startswith("| operations of the Integration API |")]
    assert row.split("|")[3].strip() == str(len(sdk.KNOWN))


def test_its_calls_block():
    """No method of its is a coroutine function."""
    assert not any(map(inspect.iscoroutinefunction, vars(IntegrationApi).values()))


def test_its_effects_have_no_types():
    """The props of its effects are anything."""
    assert get_type_hints(Effect)["props"] == Any | None


def test_it_sends_a_state_that_was_not_set():
    """A session of its is open unless its caller says otherwise."""
    assert NewCustomerSessionV2().to_dict()["state"] == "open"


def test_it_knows_no_idempotency_key():
    """The header is nowhere in its code."""
    source = Path(talon_one.__file__).parent.rglob("*.py")
    assert not any("idempotency-key" in path.read_text("utf-8").lower() for path in source)
