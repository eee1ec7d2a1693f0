"""Loyalty programs, giveaway pools and audiences: what rules and requests refer to by ID."""

from collections.abc import Mapping

from attrs import define


@define(frozen=True)
class LoyaltyProgram:
    """A loyalty program, with one ledger for each customer."""

    id: int
    name: str
    title: str


@define(frozen=True)
class GiveawayPool:
    """A pool of codes that rules give away."""

    id: int
    name: str
    codes: tuple[str, ...]


@define(frozen=True)
class Programs:
    """All of them, by ID."""

    loyalty: Mapping[int, LoyaltyProgram]
    pools: Mapping[int, GiveawayPool]
    audiences: Mapping[int, str]
