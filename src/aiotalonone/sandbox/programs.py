"""Loyalty programs, giveaway pools and audiences: what rules and requests refer to by id."""

from collections.abc import Mapping

from attrs import define


@define(frozen=True)
class LoyaltyProgram:
    """A loyalty program; its points lie in one ledger for each customer."""

    id: int
    name: str
    title: str


@define(frozen=True)
class GiveawayPool:
    """A pool of codes to hand out."""

    id: int
    name: str
    codes: tuple[str, ...]


@define(frozen=True)
class Programs:
    """All of them, by id."""

    loyalty: Mapping[int, LoyaltyProgram]
    pools: Mapping[int, GiveawayPool]
    audiences: Mapping[int, str]
