"""What a customer is rewarded with: points, a coupon, a giveaway."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from uuid import uuid4

from attrs import define

from aiotalonone.sandbox.codes import PATTERN, CodeShape
from aiotalonone.sandbox.entities import Coupon, Giveaway
from aiotalonone.sandbox.money import ZERO
from aiotalonone.sandbox.programs import GiveawayPool, LoyaltyProgram
from aiotalonone.sandbox.rules.case import Case, Sent
from aiotalonone.sandbox.rules.receivers import cart, customer, no_cart, no_customer


@define(frozen=True)
class AddLoyaltyPoints:
    """Books points, a fixed number or so many for each unit of money in the session's total."""

    name: str
    program: LoyaltyProgram
    value: Decimal | None
    per_unit_of_total: Decimal | None

    def obstacle(self, case: Case) -> str | None:
        """Points need an owner, and points by total need a cart."""
        return no_customer(case) or (no_cart(case) if self.value is None else None)

    def give(self, case: Case) -> Iterator[Sent]:
        """One effect; the points are booked in a final run."""
        profile, points = customer(case), self._points(case)
        case.evaluation.points[self.program.id] += points
        if case.evaluation.final:
            profile.points[self.program.id] = profile.points.get(self.program.id, ZERO) + points
            profile.joined.setdefault(self.program.id, case.evaluation.draft.now)
        yield (
            "addLoyaltyPoints",
            {
                "name": self.name,
                "programId": self.program.id,
                "subLedgerId": "",
                "value": points,
                "desiredValue": points,
                "recipientIntegrationId": profile.integration_id,
                "transactionUUID": str(uuid4()),
            },
        )

    def _points(self, case: Case) -> Decimal:
        if self.value is not None:
            return self.value
        return cart(case).total * (self.per_unit_of_total or ZERO)


@define(frozen=True)
class CreateCoupon:
    """Makes a coupon of the rule's campaign that the customer alone can use, once."""

    prefix: str

    def obstacle(self, case: Case) -> str | None:
        """There must be a customer, and a code that nobody has."""
        if self._code(case) is None:
            return f"no code that starts with {self.prefix!r} is left"
        return no_customer(case)

    def give(self, case: Case) -> Iterator[Sent]:
        """One effect in a final run; an open session creates nothing yet."""
        evaluation, code = case.evaluation, self._code(case)
        if not evaluation.final or code is None:
            return
        profile = customer(case)
        coupon = Coupon(
            id=evaluation.draft.next_id("coupon"),
            created=evaluation.draft.now,
            campaign_id=case.campaign_id,
            value=code,
            usage_limit=1,
            recipient=profile.integration_id,
        )
        evaluation.draft.coupons.add(coupon.value, coupon)
        evaluation.created_coupons.append(coupon.value)
        yield "couponCreated", {"value": coupon.value, "profileId": profile.integration_id}

    def _code(self, case: Case) -> str | None:
        draft = case.evaluation.draft
        return CodeShape(self.prefix + PATTERN).unused(draft.coupons, partial(draft.next_id, "code"))


@define(frozen=True)
class AwardGiveaway:
    """Hands out a code of a giveaway pool."""

    pool: GiveawayPool

    def obstacle(self, case: Case) -> str | None:
        """There must be a customer and a free code."""
        if self._free(case) is None:
            return f"giveaway pool {self.pool.name} is empty"
        return no_customer(case)

    def give(self, case: Case) -> Iterator[Sent]:
        """The code in a final run; before that the promise of one."""
        recipient, free = customer(case).integration_id, self._free(case)
        props = {"poolId": self.pool.id, "poolName": self.pool.name, "recipientIntegrationId": recipient}
        if not case.evaluation.final:
            yield "willAwardGiveaway", props
        elif free is not None:
            giveaway = case.evaluation.draft.giveaways.edit(free.id)
            giveaway.used, giveaway.profile_id = True, recipient
            case.evaluation.awarded_giveaways.append(giveaway.id)
            yield "awardGiveaway", props | {"giveawayId": giveaway.id, "code": giveaway.code}

    def _free(self, case: Case) -> Giveaway | None:
        giveaways = case.evaluation.draft.giveaways
        return next((one for one in giveaways if one.pool_id == self.pool.id and not one.used), None)
