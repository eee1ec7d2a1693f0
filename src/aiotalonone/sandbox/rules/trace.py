"""What a run of the rules did, in words: which rules fired, and why the others did not."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from attrs import define

from aiotalonone.sandbox.rules.campaigns import Account, Campaign, Rule
from aiotalonone.sandbox.rules.evaluation import Evaluation, Failure, Firing
from aiotalonone.sandbox.rules.priced_cart import PricedCart, priced_cart
from aiotalonone.sandbox.state.entities import Effect

MAX_RULES: Final = 500
"""Rules in one trace: what is recorded is bounded."""

REASONS: Final = {
    "CouponNotFound": "no coupon has this code",
    "CouponPartOfNotRunningCampaign": "the campaign of the coupon is not running",
    "CouponPartOfNotTriggeredCampaign": "the campaign of the coupon is not among those to evaluate",
    "CouponRejectedByCondition": "no rule of the campaign accepts the coupon",
    "CouponStartDateInFuture": "the coupon is not valid yet",
    "CouponExpired": "the coupon has expired",
    "CouponLimitReached": "the coupon was redeemed as often as it may be",
    "CouponRecipientDoesNotMatch": "the coupon is another customer's",
    "CouponReservationRequired": "the customer has not reserved the coupon",
    "ProfileRequired": "the session has no customer",
    "ProfileLimitReached": "the customer has redeemed as many coupons as one may",
    "ReferralNotFound": "no referral has this code",
    "ReferralPartOfNotRunningCampaign": "the campaign of the referral is not running",
    "ReferralPartOfNotTriggeredCampaign": "the campaign of the referral is not among those to evaluate",
    "ReferralRejectedByCondition": "no rule of the campaign accepts the referral",
    "ReferralStartDateInFuture": "the referral code is not valid yet",
    "ReferralExpired": "the referral code has expired",
    "ReferralLimitReached": "the referral code was redeemed as often as it may be",
    "ReferralRecipientDoesNotMatch": "the referral code is for another friend",
    "ReferralRecipientIdSameAsAdvocate": "customers cannot refer themselves",
    "ReferralCustomerAlreadyReferred": "the customer has redeemed a referral code of the campaign before",
    "AdvocateNotFound": "the advocate does not exist any more",
    "EffectCouldNotBeApplied": "an effect of the rule could not be applied",
}
"""What the API's names of reasons mean."""

BY_RULES: Final = ("CouponRejectedByCondition", "ReferralRejectedByCondition", "EffectCouldNotBeApplied")
"""Reasons that are a condition or an effect of a rule."""

CODE_EFFECTS: Final = {
    "acceptCoupon": ("coupon", True),
    "rejectCoupon": ("coupon", False),
    "acceptReferral": ("referral", True),
    "rejectReferral": ("referral", False),
}


@define(frozen=True)
class CodeTrace:
    """A code that was entered, and what became of it."""

    kind: str
    """``coupon`` or ``referral``."""
    code: str
    """As it was entered."""
    accepted: bool
    """Whether a rule of its campaign accepted it."""
    campaign_id: int | None
    """None for a code that does not exist."""
    rejection_reason: str | None
    """The API's name of the reason."""
    reason: str | None
    """The same in words."""


@define(frozen=True)
class RuleTrace:
    """What became of a rule; one that several codes trigger has one of these for each."""

    index: int
    """Its place in the campaign, from 0."""
    name: str
    """Its name."""
    fired: bool
    """Whether all of its conditions held, and its effects were applied or announced."""
    reason: str | None = None
    """Why it did not fire."""
    condition_index: int | None = None
    """The condition that failed."""
    effect_index: int | None = None
    """The effect that could not be applied."""
    code: str | None = None
    """The coupon or referral code that it was evaluated for."""


@define(frozen=True)
class CampaignTrace:
    """The rules of a campaign."""

    id: int
    """ID of the campaign."""
    name: str
    """Its name."""
    rules: tuple[RuleTrace, ...]
    """What became of each."""


@define(frozen=True)
class Trace:
    """One run of the rules."""

    subject: str
    """What it was about: ``session``, ``event`` or ``profile``."""
    final: bool
    """Whether effects were applied, rather than announced."""
    codes: tuple[CodeTrace, ...] = ()
    """The codes that were entered, in the order in which they were judged."""
    campaigns: tuple[CampaignTrace, ...] = ()
    """All campaigns of the account."""
    omitted_rules: int = 0
    """Rules beyond the first 500, which are left out."""
    cart: PricedCart | None = None
    """What the session costs after the effects; an event has no cart of its own."""


def trace(account: Account, evaluation: Evaluation) -> Trace:
    """Return what a run of the rules did."""
    campaigns: list[CampaignTrace] = []
    shown = omitted = 0
    rules = _Rules(evaluation)
    for campaign in account.campaigns.values():
        traces = [one for rule in campaign.rules for one in rules.traces(campaign, rule)]
        kept = traces[: MAX_RULES - shown]
        shown, omitted = shown + len(kept), omitted + len(traces) - len(kept)
        if kept or not traces:
            campaigns.append(CampaignTrace(campaign.id, campaign.name, tuple(kept)))
    subject, kept_campaigns = _subject(evaluation), tuple(campaigns[:MAX_RULES])
    return Trace(subject, evaluation.final, tuple(rules.codes), kept_campaigns, omitted, _cart(evaluation, subject))


def _subject(evaluation: Evaluation) -> str:
    if evaluation.event_type is not None:
        return "event"
    return "session" if evaluation.session is not None else "profile"


def _cart(evaluation: Evaluation, subject: str) -> PricedCart | None:
    if subject != "session" or evaluation.session is None:
        return None
    return priced_cart(evaluation.session, evaluation.effects)


class _Rules:
    """The outcomes of a run, by rule."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._outcomes: dict[tuple[int, int], list[Failure | Firing]] = {}
        outcomes: tuple[Failure | Firing, ...] = (*evaluation.firings, *evaluation.failures)
        for outcome in outcomes:
            self._outcomes.setdefault((outcome.campaign_id, outcome.rule_index), []).append(outcome)
        self.codes = codes_of(evaluation.effects, evaluation.failures)
        rejected = [code for code in self.codes if not code.accepted]
        self._rejected = {(code.campaign_id, code.kind): code for code in reversed(rejected)}

    def traces(self, campaign: Campaign, rule: Rule) -> Iterator[RuleTrace]:
        """Yield what became of a rule."""
        outcomes = self._outcomes.get((campaign.id, rule.index), ())
        for outcome in outcomes:
            yield _evaluated(rule, outcome)
        if not outcomes:
            yield RuleTrace(rule.index, rule.name, fired=False, reason=self._why_not(campaign, rule))

    def _why_not(self, campaign: Campaign, rule: Rule) -> str:
        """Return why a rule was not evaluated."""
        return self._why_no_rule(campaign) or self._without_trigger(campaign, rule) or "it is about a cart"

    def _why_no_rule(self, campaign: Campaign) -> str | None:
        """Return why no rule of a campaign was evaluated, or None."""
        selected = self._evaluation.selected
        if selected and campaign.id not in selected:
            return "the campaign is not among those to evaluate"
        return _inactive(campaign, self._evaluation.draft.now, even_disabled=campaign.id in selected)

    def _without_trigger(self, campaign: Campaign, rule: Rule) -> str | None:
        """Return what would have triggered a rule, or None."""
        if self._evaluation.event_type is not None:
            return "an event does not trigger it"
        if rule.by_event:
            return "only an event triggers it"
        if rule.by_coupon:
            return self._without_code(campaign, "coupon", "no coupon of the campaign is entered")
        if rule.by_referral:
            return self._without_code(campaign, "referral", "no referral code of the campaign is entered")
        return None

    def _without_code(self, campaign: Campaign, kind: str, default: str) -> str:
        rejected = self._rejected.get((campaign.id, kind))
        return default if rejected is None else f"{kind} {rejected.code}: {rejected.reason}"


def _evaluated(rule: Rule, outcome: Failure | Firing) -> RuleTrace:
    code = _code_of(outcome)
    if isinstance(outcome, Firing):
        return RuleTrace(rule.index, rule.name, fired=True, code=code)
    return RuleTrace(
        rule.index,
        rule.name,
        fired=False,
        reason=outcome.reason,
        condition_index=outcome.condition_index,
        effect_index=outcome.effect_index,
        code=code,
    )


def _inactive(campaign: Campaign, now: datetime, *, even_disabled: bool) -> str | None:
    """Return why a campaign is not running, or None."""
    if campaign.is_active_at(now, even_disabled=even_disabled):
        return None
    if campaign.start_time is not None and now < campaign.start_time:
        return f"the campaign starts at {campaign.start_time.isoformat()}"
    if campaign.end_time is not None and campaign.end_time <= now:
        return f"the campaign ended at {campaign.end_time.isoformat()}"
    return f"the campaign is {campaign.state}"


def codes_of(effects: Iterable[Effect], failures: Iterable[Failure] = ()) -> list[CodeTrace]:
    """Return the codes that were accepted or rejected; the failures tell which condition rejected them."""
    reasons = {(one.campaign_id, one.rule_index, _code_of(one)): one.reason for one in failures}
    return [_code_trace(effect, reasons) for effect in effects if effect.type in CODE_EFFECTS]


def _code_trace(effect: Effect, reasons: Mapping[tuple[int, int, str | None], str]) -> CodeTrace:
    kind, accepted = CODE_EFFECTS[effect.type]
    code, name = effect.props["value"], effect.props.get("rejectionReason")
    reason = None if name is None else REASONS.get(name, name)
    by_rule = reasons.get((effect.campaign_id, effect.rule_index, code))
    if by_rule is not None and name in BY_RULES:
        reason = f"{effect.rule_name}: {by_rule}"
    return CodeTrace(kind, code, accepted, effect.campaign_id or None, name, reason)


def _code_of(outcome: Failure | Firing) -> str | None:
    """Return the code that a rule was evaluated for."""
    if outcome.coupon is not None:
        return outcome.coupon.value
    return None if outcome.referral is None else outcome.referral.code
