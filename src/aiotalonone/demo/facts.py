"""Facts: what is expected and what was observed, under the same names, so that each can be compared."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

Fact = tuple[str, ...]
"""The name of a fact, from the general to the particular."""

Facts = dict[Fact, Any]

ABSENT = "nothing"


@frozen
class Difference:
    """A fact that is not as it should be."""

    fact: Fact
    expected: Any
    observed: Any

    def __str__(self) -> str:
        return f"{' / '.join(self.fact)}: expected {self.expected}, observed {self.observed}"


def differences(expected: Mapping[Fact, Any], observed: Mapping[Fact, Any]) -> list[Difference]:
    """Every fact that differs, or that only one side knows."""
    names = dict.fromkeys([*expected, *observed])
    pairs = ((name, expected.get(name, ABSENT), observed.get(name, ABSENT)) for name in names)
    return [Difference(name, due, seen) for name, due, seen in pairs if due != seen]
