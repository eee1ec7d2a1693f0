"""Reads effects one by one: what each gives, and what roll-backs take back of it.

A new type of effect that has a bearing on the price, or that the shop shows, is a function and its entry in `READERS`.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from attrs import Factory, define, evolve

from aiotalonone.models.effects import EFFECT_PROPS
from aiotalonone.pricing.cart import CartLine
from aiotalonone.pricing.discounts import TAKEN_BACK, Balances, Given, GivenDiscount, Source
from aiotalonone.pricing.explanation import rejection_text
from aiotalonone.pricing.result import (
    AcceptedCode,
    AwardedGiveaway,
    CodeKind,
    CustomEffect,
    FreeItem,
    IgnoredEffect,
    Notice,
    PointsChange,
    PointsStatus,
    RejectedCode,
    Rollback,
)
from aiotalonone.pricing.values import InvalidValueError, Members, amount, bare_name, mapping, moment, text, whole

_SESSION_SCOPES: Final = frozenset({None, "sessionTotal", "cartItems", "additionalCosts"})
_ITEM_SCOPES: Final = frozenset({None, "price", "additionalCosts", "itemTotal"})

_REPLACED: Final = "replaced by a later discount of the same name"


@define(kw_only=True, eq=False)
class GivenPoints(Given):
    """Points that were added or deducted."""

    change: PointsChange
    """All about them, as if nothing was rolled back."""

    def rest(self) -> PointsChange:
        """Return what is left of them."""
        return evolve(self.change, value=-self.left if self.change.status == "deducted" else self.left)


@define
class Collected:
    """What a cart's effects have given so far."""

    lines: Mapping[int, CartLine]
    costs: Mapping[str, Decimal]
    now: datetime
    discounts: list[GivenDiscount] = Factory(list)
    points: list[GivenPoints] = Factory(list)
    accepted: defaultdict[tuple[CodeKind, str], list[AcceptedCode]] = Factory(lambda: defaultdict(list))
    rejected: list[RejectedCode] = Factory(list)
    free_items: list[FreeItem] = Factory(list)
    notices: list[Notice] = Factory(list)
    giveaways: list[AwardedGiveaway] = Factory(list)
    custom_effects: list[CustomEffect] = Factory(list)
    rollbacks: list[Rollback] = Factory(list)
    other_effects: list[Any] = Factory(list)
    ignored: list[IgnoredEffect] = Factory(list)
    balances: Balances = Factory(Balances)
    of_session: dict[str, GivenDiscount] = Factory(dict)
    """The latest discount on the session, by its name."""
    cost_names: dict[int, str] = Factory(dict)
    """Names of additional costs by their IDs, as far as discounts have told them."""
    returned_units: defaultdict[int, set[int]] = Factory(lambda: defaultdict(set))
    """Units that roll-backs name, by the position of their line."""

    def read(self, effect: Any) -> None:
        """Read an effect; one that cannot be read is ignored, with the reason."""
        effect_type: Any = None
        try:
            members = Members(effect, "effect")
            effect_type = members.raw("effectType")
            source = Source(effect, members.read(text, "effectType"), Members(members.raw("props"), "props"))
            if source.type not in EFFECT_PROPS:
                raise _invalid("its type is not known")
            READERS.get(source.type, _other)(self, source)
        except InvalidValueError as failure:
            self.ignore(effect, effect_type, failure.problem)

    def ignore(self, effect: Any, effect_type: Any, reason: str) -> None:
        """Note that an effect counts for nothing."""
        known_type = effect_type if isinstance(effect_type, str) else None
        self.ignored.append(IgnoredEffect(effect=effect, effect_type=known_type, reason=reason))

    def line_and_unit(self, source: Source, position: str, sub_position: str) -> tuple[CartLine, int | None]:
        """Return the line that an effect is about, and the unit if it says so or there is but one."""
        line = self.lines.get(source.props.read(whole, position))
        if line is None:
            raise _invalid("the cart has no line at its position")
        unit = source.props.find(whole, sub_position)
        if unit is not None and unit >= line.quantity:
            raise _invalid("the line has fewer units than its sub-position says")
        return line, 0 if unit is None and line.quantity == 1 else unit

    def give_discount(
        self,
        source: Source,
        *,
        scope: str | None = None,
        position: int | None = None,
        sub_position: int | None = None,
        cost: str | None = None,
    ) -> GivenDiscount:
        """Note a discount."""
        value, name = source.props.read(amount, "value"), source.props.read(text, "name")
        given = GivenDiscount(
            source=source,
            value=value,
            left=value,
            name=name,
            scope=scope,
            position=position,
            sub_position=sub_position,
            cost=cost,
        )
        self.discounts.append(given)
        self.balances.add(given, given.keys())
        return given

    def roll_back(
        self,
        source: Source,
        name: str,
        *,
        applied: bool = False,
        value: Decimal | None = None,
        position: int | None = None,
        sub_position: int | None = None,
    ) -> None:
        """Note a roll-back."""
        self.rollbacks.append(
            Rollback(
                effect=source.effect,
                effect_type=source.type,
                name=name,
                value=value,
                position=position,
                sub_position=sub_position,
                applied=applied,
            )
        )


def _discount_session(collected: Collected, source: Source) -> None:
    given = collected.give_discount(source, scope=_scope(source, _SESSION_SCOPES))
    if given.name in collected.of_session:
        collected.of_session[given.name].drop(_REPLACED)
    collected.of_session[given.name] = given


def _discount_item(collected: Collected, source: Source) -> None:
    scope = _scope(source, _ITEM_SCOPES)
    line, unit = collected.line_and_unit(source, "position", "subPosition")
    collected.give_discount(source, scope=scope, position=line.position, sub_position=unit)


def _discount_cost(collected: Collected, source: Source) -> None:
    collected.give_discount(source, cost=_cost(collected, source, collected.costs, "the cart"))


def _discount_cost_of_item(collected: Collected, source: Source) -> None:
    line, unit = collected.line_and_unit(source, "position", "subPosition")
    cost = _cost(collected, source, line.costs, "the line")
    collected.give_discount(source, cost=cost, position=line.position, sub_position=unit)


def _scope(source: Source, scopes: frozenset[str | None]) -> str | None:
    scope = source.props.find(text, "scope")
    if scope not in scopes:
        raise _invalid("its scope is not known")
    return scope


def _cost(collected: Collected, source: Source, costs: Mapping[str, Decimal], owner: str) -> str:
    cost = source.props.read(text, "additionalCost")
    if cost not in costs:
        raise _invalid(f"{owner} has no additional cost of its name")
    cost_id = source.props.find(whole, "additionalCostId")
    if cost_id is not None:
        collected.cost_names[cost_id] = cost
    return cost


def _roll_back_discount(collected: Collected, source: Source) -> None:
    name, value = source.props.read(text, "name"), source.props.read(amount, "value")
    position: int | None = None
    unit: int | None = None
    if source.props.raw("cartItemPosition") is not None:
        line, unit = collected.line_and_unit(source, "cartItemPosition", "cartItemSubPosition")
        position = line.position
    cost, cost_id = source.props.find(text, "additionalCost"), source.props.find(whole, "additionalCostId")
    if cost is None and cost_id is not None:
        cost = collected.cost_names.get(cost_id)
    place = (bare_name(name, position), position, cost)
    keys: list[Hashable] = [(*place, unit, source.props.find(text, "scope")), (*place, unit)]
    if position is not None:
        keys.append(place if unit is None else (*place, None))  # any unit; or a discount on the line as a whole
        if unit is not None:
            collected.returned_units[position].add(unit)
    applied = collected.balances.take_back(value, keys)
    collected.roll_back(source, name, applied=applied, value=value, position=position, sub_position=unit)


def _add_points(collected: Collected, source: Source) -> None:
    start, expiry = source.props.find(moment, "startDate"), source.props.find(moment, "expiryDate")
    status: PointsStatus = "active"
    if source.props.raw("awaitsActivation") is True or (start and start > collected.now):
        status = "pending"
    elif expiry and expiry <= collected.now:
        status = "expired"
    name = source.props.read(text, "name")
    _give_points(collected, source, name=name, status=status, start_date=start, expiry_date=expiry)


def _deduct_points(collected: Collected, source: Source) -> None:
    name = source.props.find(text, "name") or source.props.read(text, "ruleTitle")
    _give_points(collected, source, name=name, status="deducted")


def _give_points(
    collected: Collected,
    source: Source,
    *,
    name: str,
    status: PointsStatus,
    start_date: datetime | None = None,
    expiry_date: datetime | None = None,
) -> None:
    props, value = source.props, source.props.read(amount, "value")
    change = PointsChange(
        effect=source.effect,
        name=name,
        program_id=props.read(whole, "programId"),
        sub_ledger_id=props.read(text, "subLedgerId"),
        value=value,
        status=status,
        start_date=start_date,
        expiry_date=expiry_date,
        recipient_integration_id=props.find(text, "recipientIntegrationId"),
        card_identifier=props.find(text, "cardIdentifier"),
        transaction_uuid=props.read(text, "transactionUUID"),
        position=props.find(whole, "cartItemPosition"),
        sub_position=props.find(whole, "cartItemSubPosition"),
    )
    given = GivenPoints(source=source, value=value, left=value, change=change)
    collected.points.append(given)
    transaction = (status == "deducted", change.transaction_uuid)
    collected.balances.add(given, [(*transaction, change.position, change.sub_position), transaction])


def _roll_back_points(collected: Collected, source: Source, *, deducted: bool) -> None:
    props = source.props
    value, transaction = props.read(amount, "value"), props.read(text, "transactionUUID")
    position, unit = props.find(whole, "cartItemPosition"), props.find(whole, "cartItemSubPosition")
    line = None if position is None else collected.lines.get(position)
    if line is not None and unit is not None and unit < line.quantity:
        collected.returned_units[line.position].add(unit)
    applied = collected.balances.take_back(value, [(deducted, transaction, position, unit), (deducted, transaction)])
    collected.roll_back(source, transaction, applied=applied, value=value, position=position, sub_position=unit)


def _accept(collected: Collected, source: Source, kind: CodeKind) -> None:
    code = source.props.read(text, "value")
    collected.accepted[kind, code].append(AcceptedCode(effect=source.effect, kind=kind, code=code))


def _reject(collected: Collected, source: Source, kind: CodeKind) -> None:
    code, reason = source.props.read(text, "value"), source.props.read(text, "rejectionReason")
    explanation = rejection_text(reason)
    collected.rejected.append(
        RejectedCode(effect=source.effect, kind=kind, code=code, reason=reason, explanation=explanation)
    )


def _roll_back_code(collected: Collected, source: Source, kind: CodeKind) -> None:
    code = source.props.read(text, "value")
    accepted = collected.accepted.pop((kind, code), [])
    for one in accepted:
        collected.ignore(one.effect, Members(one.effect, "effect").raw("effectType"), TAKEN_BACK)
    collected.roll_back(source, code, applied=bool(accepted))


def _roll_back_progress(collected: Collected, source: Source) -> None:
    name, value = source.props.read(text, "achievementName"), source.props.read(amount, "decreaseProgressBy")
    collected.roll_back(source, name, value=value)


def _roll_back_reward(collected: Collected, source: Source) -> None:
    collected.roll_back(source, source.props.read(text, "integrationId"))


def _free_item(collected: Collected, source: Source) -> None:
    sku, name = source.props.read(text, "sku"), source.props.read(text, "name")
    collected.free_items.append(FreeItem(effect=source.effect, sku=sku, name=name))


def _notice(collected: Collected, source: Source) -> None:
    kind, title, body = (source.props.read(text, name) for name in ("notificationType", "title", "body"))
    collected.notices.append(Notice(effect=source.effect, notification_type=kind, title=title, body=body))


def _giveaway(collected: Collected, source: Source, is_awarded: bool) -> None:
    collected.giveaways.append(
        AwardedGiveaway(
            effect=source.effect,
            pool_id=source.props.read(whole, "poolId"),
            pool_name=source.props.read(text, "poolName"),
            code=source.props.read(text, "code") if is_awarded else None,
            recipient_integration_id=source.props.read(text, "recipientIntegrationId"),
        )
    )


def _custom(collected: Collected, source: Source) -> None:
    props = source.props
    collected.custom_effects.append(
        CustomEffect(
            effect=source.effect,
            name=props.find(text, "name") or props.read(text, "type"),  # as older servers call it
            payload=props.find(mapping, "payload") or {},
            position=props.find(whole, "cartItemPosition"),
            sub_position=props.find(whole, "cartItemSubPosition"),
        )
    )


def _other(collected: Collected, source: Source) -> None:
    collected.other_effects.append(source.effect)


def _invalid(problem: str) -> InvalidValueError:
    return InvalidValueError(ValueError, problem)


READERS: Final[Mapping[str, Callable[[Collected, Source], None]]] = {
    "setDiscount": _discount_session,
    "setDiscountPerItem": _discount_item,
    "setDiscountPerAdditionalCost": _discount_cost,
    "setDiscountPerAdditionalCostPerItem": _discount_cost_of_item,
    "rollbackDiscount": _roll_back_discount,
    "addLoyaltyPoints": _add_points,
    "deductLoyaltyPoints": _deduct_points,
    "rollbackAddedLoyaltyPoints": partial(_roll_back_points, deducted=False),
    "rollbackDeductedLoyaltyPoints": partial(_roll_back_points, deducted=True),
    "acceptCoupon": partial(_accept, kind="coupon"),
    "acceptReferral": partial(_accept, kind="referral"),
    "redeemReferral": partial(_accept, kind="referral"),
    "rejectCoupon": partial(_reject, kind="coupon"),
    "rejectReferral": partial(_reject, kind="referral"),
    "rollbackCoupon": partial(_roll_back_code, kind="coupon"),
    "rollbackReferral": partial(_roll_back_code, kind="referral"),
    "rollbackIncreasedAchievementProgress": _roll_back_progress,
    "rollbackUseReward": _roll_back_reward,
    "addFreeItem": _free_item,
    "showNotification": _notice,
    "awardGiveaway": partial(_giveaway, is_awarded=True),
    "willAwardGiveaway": partial(_giveaway, is_awarded=False),
    "customEffect": _custom,
}
"""How each type of effect is read; known types that are not among them have no bearing on the price."""
