"""Audiences: groups of customers, of this platform or of another one."""

from datetime import datetime
from typing import Self

from attrs import define, evolve


@define
class Audience:
    """An audience, without its members: profiles know which they belong to."""

    id: int
    created: datetime
    name: str
    description: str = ""
    sandbox: bool = True
    applications: tuple[int, ...] = ()
    """IDs of the Applications that can use it."""
    integration: str | None = None
    integration_id: str | None = None
    created_in_third_party: bool = False
    last_update: datetime | None = None

    def copy(self) -> Self:
        """Return a copy whose changes do not change the original."""
        return evolve(self)
