"""Loyalty cards, and the customers whose cards they are."""

import re
from datetime import datetime
from typing import Self

from attrs import define, evolve, field

IDENTIFIER = re.compile(r"[A-Za-z0-9._%+@-]{4,108}")
IDENTIFIER_RULE = "must be 4 to 108 of the characters A-Z a-z 0-9 . _ % + @ -"
STATUSES = ("active", "inactive")
BLOCKED = "blocked"


@define(kw_only=True)
class LoyaltyCard:
    """A card of a card-based program."""

    id: int
    created: datetime
    program_id: int
    identifier: str
    status: str = "active"
    block_reason: str | None = None
    registrations: dict[str, datetime] = field(factory=dict)
    """The customers it is linked to, and since when."""
    modified: datetime | None = None

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self, registrations=dict(self.registrations))

    @property
    def key(self) -> tuple[int, str]:
        """What it is found by."""
        return self.program_id, self.identifier

    @property
    def usable(self) -> bool:
        """Whether points can be earned and spent with it."""
        return self.status == "active"
