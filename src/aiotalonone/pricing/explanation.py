"""Tells people in plain text how a price came about, and why codes and rules took no effect; they count from 1."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any, Final

from aiotalonone.pricing.values import EXACT, InvalidValueError, Members, bare_name, whole

if TYPE_CHECKING:
    from aiotalonone.models.states import IntegrationStateV2
    from aiotalonone.pricing.result import AppliedDiscount, PointsChange, PricedCart, PricedCost, PricedLine, Rollback

_MAX_SHOWN: Final = 200
"""Characters of one text from the server."""

_REASONS: Final[Mapping[str, str]] = {
    "AdvocateNotFound": "the customer who referred is not known",
    "CampaignLimitReached": "the campaign's codes have been redeemed as often as it allows",
    "CouponExpired": "the coupon has expired",
    "CouponLimitReached": "the coupon, or a budget of its campaign, is used up",
    "CouponNotFound": "there is no coupon with this code",
    "CouponPartOfNotRunningCampaign": "the coupon's campaign is not running",
    "CouponPartOfNotTriggeredCampaign": "the coupon's campaign was left out of the evaluation",
    "CouponRecipientDoesNotMatch": "the coupon is for another customer, or the session has no customer",
    "CouponRejectedByCondition": "a condition of the coupon's campaign is not met, or no rule of it asks for a code",
    "CouponReservationRequired": "the coupon is only for customers for whom it is reserved",
    "CouponStartDateInFuture": "the coupon is not valid yet",
    "EffectCouldNotBeApplied": "an effect of the campaign would exceed a limit",
    "ProfileLimitReached": "this customer has redeemed the code as often as it allows",
    "ProfileRequired": "the session has no customer, and the code needs one",
    "ReferralCustomerAlreadyReferred": "the customer has been referred already",
    "ReferralExpired": "the referral code has expired",
    "ReferralLimitReached": "the referral code has been redeemed as often as it allows",
    "ReferralNotFound": "there is no such referral code",
    "ReferralPartOfNotRunningCampaign": "the referral's campaign is not running",
    "ReferralPartOfNotTriggeredCampaign": "the referral's campaign was left out of the evaluation",
    "ReferralRecipientDoesNotMatch": "the referral code is for another customer",
    "ReferralRecipientIdSameAsAdvocate": "customers cannot refer themselves",
    "ReferralRejectedByCondition": "a condition of the referral's campaign is not met",
    "ReferralStartDateInFuture": "the referral code is not valid yet",
}
_EXCLUSIONS: Final[Mapping[str, str]] = {
    "CampaignGaveLowerDiscount": "another campaign gave a higher discount",
    "CampaignIsNotFirst": "another campaign came first",
    "CampaignNotInEvaluationSet": "the campaign was not to be evaluated, for example since it is archived",
}
_CAMPAIGN_FAILURES: Final[Mapping[str, str]] = {
    "ALL_RULES_FAILED": "none of its rules applied",
    "AUDIENCE_NOT_MATCHED": "the customer is not in its audience",
    "SKIPPED": "it was skipped",
}


def rejection_text(reason: str) -> str:
    """Return why a code was rejected in plain English; a reason that is not known as it is."""
    return _REASONS.get(reason, reason)


def lines_of_cart(cart: "PricedCart") -> list[str]:
    """Return the price line by line, then every effect that the shop has something to do with."""
    with localcontext(EXACT):
        placed: defaultdict[int | str | None, list[str]] = defaultdict(list)
        for discount in cart.discounts:
            place = discount.additional_cost if discount.position is None else discount.position
            placed[place].append(_discount_text(discount))
    lines: list[str] = []
    for line in cart.lines:
        lines += _lines_of_line(line, placed[line.position])
    for cost in cart.additional_costs.values():
        lines += [_cost_text(cost), *placed[cost.name]]
        if cost.discount:
            lines.append(f"  = {_money(cost.total)}")
    if placed[None]:
        lines += ["session", *placed[None]]
    before, discount_total = _money(cart.total_before_discounts), _money(cart.total_discount)
    lines.append(f"total: {before} - {discount_total} = {_money(cart.total)}")
    return [*lines, *_lines_beside_the_price(cart)]


def _lines_of_line(line: "PricedLine", discounts: list[str]) -> Iterator[str]:
    returned = f", {line.returned} returned" if line.returned else ""
    yield f"{plain(line.sku)}: {line.quantity} x {_money(line.price)}{returned}"
    for cost in line.additional_costs.values():
        yield f"  + {_cost_text(cost)}"
    yield from discounts
    yield f"  = {_money(line.total)}"


def _cost_text(cost: "PricedCost") -> str:
    return f"{plain(cost.name)}: {_money(cost.total_before_discounts)}"


def _discount_text(discount: "AppliedDiscount") -> str:
    notes = []
    if discount.sub_position is not None:
        notes.append(f"unit {discount.sub_position + 1}")
    if discount.position is not None and discount.additional_cost is not None:
        notes.append(f"on {plain(discount.additional_cost)}")
    if discount.scope is not None:
        notes.append(f"on {discount.scope}")
    if discount.rolled_back:
        notes.append(f"{_money(discount.rolled_back)} of {_money(discount.value)} was rolled back")
    if discount.amount + discount.rolled_back < discount.value:
        notes.append(f"{_money(discount.value)} was more than there was to take it from")
    return f"  - {_money(discount.amount)} {plain(bare_name(discount.name, discount.position))}{_in_brackets(notes)}"


def _lines_beside_the_price(cart: "PricedCart") -> Iterator[str]:
    for item in cart.free_items:
        yield f"free item: {plain(item.sku)} ({plain(item.name)})"
    yield from map(_points_text, cart.points)
    for accepted in cart.accepted:
        yield f"{accepted.kind} {plain(accepted.code)}: accepted"
    for rejected in cart.rejected:
        yield f"{rejected.kind} {plain(rejected.code)}: rejected, {_with_name(rejected.explanation, rejected.reason)}"
    for notice in cart.notices:
        yield f"notice ({plain(notice.notification_type)}): {plain(notice.title)}: {plain(notice.body)}"
    for giveaway in cart.giveaways:
        code = "a code once the session is closed" if giveaway.code is None else f"code {plain(giveaway.code)}"
        yield f"giveaway: {code}, from {plain(giveaway.pool_name)}"
    for custom in cart.custom_effects:
        yield f"custom effect: {plain(custom.name)}"
    yield from map(_rollback_text, cart.rollbacks)
    for other in cart.other_effects:
        yield f"other effect: {plain(str(Members(other, 'effect').raw('effectType')))}"
    for ignored in cart.ignored:
        yield f"ignored: {plain(ignored.effect_type or 'effect')}, {ignored.reason}"


def _points_text(points: "PointsChange") -> str:
    notes = [f"program {points.program_id}"]
    if points.sub_ledger_id:
        notes.append(f"subledger {plain(points.sub_ledger_id)}")
    notes.append(points.status)
    if points.start_date is not None:
        notes.append(f"from {points.start_date.isoformat()}")
    if points.expiry_date is not None:
        notes.append(f"until {points.expiry_date.isoformat()}")
    return f"points: {_number(points.value)} {plain(points.name)}{_in_brackets(notes)}"


def _rollback_text(rollback: "Rollback") -> str:
    value = "" if rollback.value is None else f" {_number(rollback.value)}"
    notes = [rollback.effect_type]
    if rollback.position is not None:
        notes.append(f"line {rollback.position + 1}")
    if rollback.sub_position is not None:
        notes.append(f"unit {rollback.sub_position + 1}")
    if not rollback.applied:
        notes.append("of nothing in these effects")
    return f"rolled back:{value} {plain(bare_name(rollback.name, rollback.position))}{_in_brackets(notes)}"


def explain(state: "IntegrationStateV2 | Mapping[str, Any]") -> list[str]:
    """Return why codes were rejected, and why rules and campaigns took no effect, for people who look into a case.

    Each line tells one thing. Rejected codes and errors of rules are among the effects. The response tells of rules and
    campaigns only if it was asked to: with ``response_content=["ruleFailureReasons"]``, and in a dry call with
    ``"campaignEligibility"``. The lines hold codes and names from the response, made safe to print.

    Args:
        state: The response, or a mapping in JSON names; what has another kind than it should is passed over.

    Raises:
        TypeError: It is neither.
    """
    try:
        members = Members(state, "state", "an IntegrationStateV2 or a mapping in JSON names")
    except InvalidValueError as failure:
        error = failure.kind(failure.problem)
    else:
        return [*_effect_lines(members), *_failure_lines(members), *_eligibility_lines(members)]
    raise error


def _effect_lines(state: Members) -> Iterator[str]:
    for effect in _objects(state, "effects"):
        for props in _objects(effect, "props"):
            match effect.raw("effectType"):
                case "rejectCoupon":
                    yield _rejection("coupon", effect, props)
                case "rejectReferral":
                    yield _rejection("referral", effect, props)
                case "error":
                    yield f"rule {_quoted(effect, 'ruleName')} failed with an error: {_shown(props, 'message')}"


def _rejection(kind: str, effect: Members, props: Members) -> str:
    reason = _shown(props, "rejectionReason")
    line = f"{kind} {_shown(props, 'value')} was rejected: {_with_name(rejection_text(reason), reason)}"
    if props.raw("campaignExclusionReason") is not None:
        exclusion = _shown(props, "campaignExclusionReason")
        line += f"; {_with_name(_EXCLUSIONS.get(exclusion, exclusion), exclusion)}"
    where = _where_it_failed(props)
    return f"{line}; rule {_quoted(effect, 'ruleName')}: {where}" if where else line


def _failure_lines(state: Members) -> Iterator[str]:
    for failure in _objects(state, "ruleFailureReasons"):
        yield _not_applied(
            f"rule {_quoted(failure, 'ruleName')} of campaign {_quoted(failure, 'campaignName')}", failure
        )


def _eligibility_lines(state: Members) -> Iterator[str]:
    for campaign in _objects(state, "campaignEligibility"):
        name = f"campaign {_quoted(campaign, 'name')}"
        for verdict in _failed(campaign):
            details = next(_objects(verdict, "details"), None)
            code = _shown(details, "failureCode") if details else ""
            yield f"{name} did not apply{_with_codes(verdict)}{_after_colon(_CAMPAIGN_FAILURES.get(code, code))}"
        for rule in _objects(campaign, "rules"):
            for verdict in _failed(rule):
                details = next(_objects(verdict, "details"), verdict)
                yield _not_applied(f"rule {_quoted(rule, 'title')} of {name}", details, verdict)


def _failed(judged: Members) -> Iterator[Members]:
    return (verdict for verdict in _objects(judged, "eligibility") if verdict.raw("passed") is False)


def _not_applied(what: str, failure: Members, verdict: Members | None = None) -> str:
    return f"{what} did not apply{_with_codes(failure, verdict)}{_after_colon(_where_it_failed(failure))}"


def _with_codes(*holders: Members | None) -> str:
    """Return which code something was tried with, as far as one of its parts tells it."""
    names = {"couponValue": "coupon", "couponCode": "coupon", "referralValue": "referral"}
    tried = {
        f"{kind} {_shown(holder, name)}": None
        for holder in holders
        if holder is not None
        for name, kind in names.items()
        if holder.raw(name)
    }
    return f" with {' and '.join(tried)}" if tried else ""


def _where_it_failed(failure: Members) -> str:
    """Return the condition and the effect that failed, and what the API says besides."""
    parts = []
    for part, name in (("condition", "conditionIndex"), ("effect", "effectIndex")):
        with suppress(InvalidValueError):
            index = failure.find(whole, name)
            if index is not None:
                parts.append(f"{part} {index + 1}")
    if isinstance(failure.raw("details"), str) and failure.raw("details"):
        parts.append(_shown(failure, "details"))
    return ", ".join(parts)


def _objects(holder: Members, name: str) -> Iterator[Members]:
    """Yield the objects in a member that is a list, or the object that it is."""
    value = holder.raw(name)
    for entry in value if isinstance(value, list) else [value]:
        with suppress(InvalidValueError):
            yield Members(entry, name)


def _shown(holder: Members, name: str) -> str:
    value = holder.raw(name)
    return plain(value) if isinstance(value, str) else "?"


def _quoted(holder: Members, name: str) -> str:
    return f'"{_shown(holder, name)}"'


def _with_name(explanation: str, name: str) -> str:
    """Return an explanation and the API's name for it; the name alone if it is not known."""
    return plain(name) if explanation == name else f"{explanation} ({name})"


def _after_colon(text: str) -> str:
    return f": {text}" if text else ""


def _in_brackets(notes: Iterable[str]) -> str:
    joined = ", ".join(notes)
    return f" ({joined})" if joined else ""


def _money(value: Decimal) -> str:
    """Return an amount with two decimal places, or more if it has more."""
    units, _, fraction = f"{value:f}".partition(".")
    return f"{units}.{fraction.rstrip('0'):0<2}"


def _number(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def plain(text: str) -> str:
    """Return a text as one line may have it: at most 200 characters, those that cannot be printed escaped."""
    shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text[: _MAX_SHOWN + 1])
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[: _MAX_SHOWN - 1]}…"
