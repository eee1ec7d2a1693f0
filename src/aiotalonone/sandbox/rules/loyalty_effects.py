"""The effects of rules on loyalty points; how a campaign file names them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from attrs import define

from aiotalonone.sandbox.account.programs import Programs
from aiotalonone.sandbox.loyalty.accounts import LoyaltyAccount
from aiotalonone.sandbox.loyalty.cards import LoyaltyCard
from aiotalonone.sandbox.loyalty.file import read_dates, read_ledger_name, read_points_amount
from aiotalonone.sandbox.loyalty.program import LoyaltyProgram, PointsDates
from aiotalonone.sandbox.loyalty.tiers import NO_TIER, CurrentTier
from aiotalonone.sandbox.loyalty.transactions import Addition, Origin
from aiotalonone.sandbox.rules.evaluation import RuleContext, RuleEffect, Sent
from aiotalonone.sandbox.rules.item_filter import ItemFilter
from aiotalonone.sandbox.state.entities import ANONYMOUS, ZERO, CartItem
from aiotalonone.sandbox.validation import JsonObject

NO_CARD, UNUSABLE_CARD = "there is no loyalty card of the program", "the loyalty card is not active"
NOT_ENOUGH_POINTS = "there are not enough points"


@define(frozen=True)
class Target:
    """The ledger that an effect books on: of the customer or, in a card-based program, of the session's card."""

    program: LoyaltyProgram
    ledger: str

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why the ledger has no owner, or None."""
        if not self.program.card_based:
            return context.without_customer()
        card = self._card(context)
        if card is None:
            return NO_CARD
        return None if card.usable else UNUSABLE_CARD

    def account(self, context: RuleContext) -> LoyaltyAccount:
        """Return the owner's account, to be changed."""
        return context.evaluation.loyalty.account(self.program, self._owner(context))

    def active_points(self, context: RuleContext) -> Decimal:
        """Return the points that can be spent."""
        account = context.evaluation.loyalty.read(self.program, self._owner(context))
        return account.read(self.ledger).standing(context.evaluation.draft.now).active

    def tier(self, context: RuleContext) -> CurrentTier:
        """Return the tier that the run has led to."""
        if not self.program.tiers:
            return CurrentTier()
        account = context.evaluation.loyalty.read(self.program, self._owner(context))
        return account.tier(self.ledger, context.evaluation.draft.now)

    def props(self, value: Decimal) -> dict[str, Any]:
        """Return the properties that all effects on points have in common."""
        return {"programId": self.program.id, "subLedgerId": self.ledger, "value": value}

    def card_props(self, context: RuleContext) -> dict[str, str]:
        """Return the property of a card-based program."""
        return {"cardIdentifier": self._owner(context)} if self.program.card_based else {}

    def _owner(self, context: RuleContext) -> str:
        card = self._card(context) if self.program.card_based else None
        return card.identifier if card else context.customer.integration_id

    def _card(self, context: RuleContext) -> LoyaltyCard | None:
        cards = context.evaluation.draft.loyalty_cards
        found = (cards.get((self.program.id, identifier)) for identifier in context.evaluation.loyalty_cards)
        return next((card for card in found if card), None)


@define(frozen=True, kw_only=True)
class AddLoyaltyPoints:
    """Books points: a fixed number, or a number for each unit of money in the session's total."""

    name: str
    target: Target
    value: Decimal | None
    per_unit_of_total: Decimal | None
    dates: PointsDates
    partial: bool
    """Whether partial rewards are on."""

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why there is no owner of points, or no cart for points by total, or None."""
        return self.target.blocked_by(context) or (context.without_cart() if self.value is None else None)

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Yield one effect, and another one if it leads to a higher tier; nothing for no points, or fewer."""
        before = self.target.tier(context)
        points = self.value if self.value is not None else context.cart.total * (self.per_unit_of_total or ZERO)
        if points > ZERO:
            yield self._add(context, points)
        yield from _tier_change(context, self.target, before)

    def _add(self, context: RuleContext, points: Decimal, **place: int) -> Sent:
        """Book points, which are lost if the run is not final, and return the effect."""
        evaluation, program = context.evaluation, self.target.program
        entry = evaluation.loyalty.entry(self.name, origin(context))
        dates = self.dates.at(evaluation.draft.now, program.timezone)
        addition = self.target.account(context).ledger(self.target.ledger).add(entry, points, dates)
        props = {
            "name": self.name,
            **self.target.props(points),
            "recipientIntegrationId": evaluation.profile.integration_id if evaluation.profile else ANONYMOUS,
            "transactionUUID": addition.uuid,
            **({"desiredValue": points} if self.partial else {}),
            **_dates_props(addition),
            **place,
            **self.target.card_props(context),
        }
        return "addLoyaltyPoints", props


@define(frozen=True, kw_only=True)
class AddLoyaltyPointsPerItem(AddLoyaltyPoints):
    """Books points for each unit of the matching items: a fixed number, or a number for each unit of its price."""

    items: ItemFilter
    per_unit_of_price: Decimal | None

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why there is no owner of points, or no cart, or None."""
        return self.target.blocked_by(context) or context.without_cart()

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Yield one effect for each unit with points, and another one if they lead to a higher tier."""
        before = self.target.tier(context)
        for position, item in self.items.lines(context.cart, context.coupon):
            for unit in range(item.quantity):
                points, place = self._points(item), {"cartItemPosition": position, "cartItemSubPosition": unit}
                if points > ZERO:
                    yield self._add(context, points, **place)
        yield from _tier_change(context, self.target, before)

    def _points(self, item: CartItem) -> Decimal:
        return self.value if self.value is not None else item.price * (self.per_unit_of_price or ZERO)


@define(frozen=True)
class DeductLoyaltyPoints:
    """Spends active points."""

    name: str
    target: Target
    value: Decimal

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why the points cannot be spent, or None."""
        blocked_by = self.target.blocked_by(context)
        if blocked_by is None and self.target.active_points(context) < self.value:
            return NOT_ENOUGH_POINTS
        return blocked_by

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Yield one effect, unless other effects of the rule have spent all points."""
        entry = context.evaluation.loyalty.entry(self.name, origin(context))
        deduction = self.target.account(context).ledger(self.target.ledger).deduct(entry, self.value)
        if deduction is not None:
            props = {
                "ruleTitle": context.rule_name,
                **self.target.props(deduction.amount),
                "transactionUUID": deduction.uuid,
                "name": self.name,
                **self.target.card_props(context),
            }
            yield "deductLoyaltyPoints", props


def origin(context: RuleContext) -> Origin:
    """Return what a transaction of a rule comes from."""
    session, profile = context.evaluation.session, context.evaluation.profile
    return Origin(
        type="session" if session else None,
        session_id=session.integration_id if session else None,
        store_integration_id=context.evaluation.store_integration_id,
        profile_id=profile.integration_id if profile else None,
        ruleset_id=context.campaign_id,
        rule_name=context.rule_name,
    )


def _tier_change(context: RuleContext, target: Target, before: CurrentTier) -> Iterator[Sent]:
    after, tiers = target.tier(context), target.program.tiers
    if after.rank <= before.rank:
        return
    yield (
        "changeLoyaltyTierLevel",
        {
            "ruleTitle": context.rule_name,
            "programId": target.program.id,
            "subLedgerId": target.ledger,
            **({} if before.rank == NO_TIER else {"previousTierName": tiers[before.rank].name}),
            "newTierName": tiers[after.rank].name,
            **({} if after.expiry is None else {"expiryDate": after.expiry}),
        },
    )


def _dates_props(addition: Addition) -> dict[str, Any]:
    dates = addition.dates
    props = {
        "startDate": dates.start,
        "expiryDate": dates.expiry,
        "awaitsActivation": dates.awaits_activation or None,
        "validityDuration": str(dates.validity) if dates.validity else None,
    }
    return {name: value for name, value in props.items() if value is not None}


def add_loyalty_points(members: JsonObject, programs: Programs) -> RuleEffect:
    """Read an addition of points."""
    _check_one_of(members, "value", "perUnitOfTotal")
    return AddLoyaltyPoints(per_unit_of_total=_points(members, "perUnitOfTotal"), **_addition(members, programs))


def add_loyalty_points_per_item(members: JsonObject, programs: Programs) -> RuleEffect:
    """Read an addition of points for each unit."""
    _check_one_of(members, "value", "perUnitOfPrice")
    return AddLoyaltyPointsPerItem(
        items=ItemFilter.read(members),
        per_unit_of_total=None,
        per_unit_of_price=_points(members, "perUnitOfPrice"),
        **_addition(members, programs),
    )


def deduct_loyalty_points(members: JsonObject, programs: Programs) -> RuleEffect:
    """Read a deduction of points."""
    target = _target(members, programs)
    return DeductLoyaltyPoints(
        members.text("name") or target.program.name, target, read_points_amount(members, "value")
    )


def _addition(members: JsonObject, programs: Programs) -> dict[str, Any]:
    target = _target(members, programs)
    return {
        "name": members.text("name") or target.program.name,
        "target": target,
        "value": _points(members, "value"),
        "dates": read_dates(members, target.program.dates),
        "partial": programs.application.partial_rewards,
    }


def _target(members: JsonObject, programs: Programs) -> Target:
    program = programs.loyalty.get(members.required_integer("programId"))
    if program is None:
        raise members.error("programId", "unknown loyalty program")
    return Target(program, read_ledger_name(members, program))


def _points(members: JsonObject, name: str) -> Decimal | None:
    return read_points_amount(members, name) if name in members else None


def _check_one_of(members: JsonObject, *names: str) -> None:
    if sum(name in members for name in names) != 1:
        raise members.error(names[0], f"exactly one of {', '.join(names)} is required")
