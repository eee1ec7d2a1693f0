"""One rule under judgement: what its conditions see and its effects change."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

from attrs import define, field

from aiotalonone.sandbox.entities import Coupon, Effect, Profile, Referral, Session
from aiotalonone.sandbox.rules.purse import Purse
from aiotalonone.sandbox.state import Draft


@define(frozen=True)
class Failure:
    """Why a rule gave nothing."""

    campaign_id: int
    rule_index: int
    rule_name: str
    details: str
    condition_index: int | None = None
    effect_index: int | None = None
    coupon: Coupon | None = None
    referral: Referral | None = None


@define
class Evaluation:
    """One run of the rules over a session, an event or a profile.

    Effects of a final run are carried out; those of an open session only tell what would come.
    """

    draft: Draft
    final: bool
    session: Session | None = None
    profile: Profile | None = None
    event_type: str | None = None
    purse: Purse = field(factory=Purse)
    effects: list[Effect] = field(factory=list)
    failures: list[Failure] = field(factory=list)
    points: defaultdict[int, Decimal] = field(factory=lambda: defaultdict(Decimal))
    created_coupons: list[str] = field(factory=list)
    awarded_giveaways: list[int] = field(factory=list)


@define(frozen=True)
class Case:
    """A rule's campaign and the code that brought it up, within an evaluation."""

    evaluation: Evaluation
    campaign_id: int
    coupon: Coupon | None = None
    referral: Referral | None = None


class Condition(Protocol):
    """Something a rule asks for."""

    def holds(self, case: Case) -> bool:
        """Whether it is so."""
        ...


Sent = tuple[str, dict[str, Any]]
"""The type and the properties of an effect in an answer."""


class Gift(Protocol):
    """Something a rule gives."""

    def obstacle(self, case: Case) -> str | None:
        """Why it cannot be given, or None."""
        ...

    def give(self, case: Case) -> Iterator[Sent]:
        """Gives it, and names the effects to be sent."""
        ...
