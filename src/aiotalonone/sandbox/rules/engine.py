"""Judges sessions, events and profiles by the account's rules."""

from collections.abc import Collection, Iterable
from typing import Any

from attrs import define

from aiotalonone.sandbox.campaigns import Account, Rule
from aiotalonone.sandbox.entities import ANONYMOUS, Coupon, Effect, Profile, Referral, Session
from aiotalonone.sandbox.rules.case import Case, Evaluation, Failure
from aiotalonone.sandbox.rules.purse import Purse
from aiotalonone.sandbox.rules.validity import Use, coupon_rejection, referral_rejection
from aiotalonone.sandbox.state import Draft


@define(frozen=True)
class Wording:
    """How the API speaks of one kind of code."""

    accept: str
    reject: str
    not_found: str
    not_triggered: str
    by_condition: str


COUPON = Wording(
    "acceptCoupon",
    "rejectCoupon",
    "CouponNotFound",
    "CouponPartOfNotTriggeredCampaign",
    "CouponRejectedByCondition",
)
REFERRAL = Wording(
    "acceptReferral",
    "rejectReferral",
    "ReferralNotFound",
    "ReferralPartOfNotTriggeredCampaign",
    "ReferralRejectedByCondition",
)
EFFECT_FAILED = "EffectCouldNotBeApplied"


class Engine:
    """The rules of an account at work on one draft.

    Where campaigns are chosen, no other is evaluated, and they are even if they are disabled.
    """

    def __init__(self, account: Account, draft: Draft, chosen: Collection[int] = ()) -> None:
        self.draft = draft
        self._account = account
        self._chosen = frozenset(chosen)

    def judge_session(self, session: Session, profile: Profile | None, *, final: bool) -> Evaluation:
        """All codes of a session in their order, then the rules that need none."""
        evaluation = Evaluation(self.draft, final, session, profile, purse=Purse(session))
        referral = self._usable_referral(evaluation, session)
        for code in dict.fromkeys(session.coupon_codes):
            self._judge_coupon(evaluation, code, referral)
        if referral is not None:
            self._judge_referral(evaluation, referral)
        self._judge_free(evaluation, self._account.free_rules)
        return evaluation

    def judge_event(self, event_type: str, session: Session, profile: Profile | None) -> Evaluation:
        """The rules that ask for the event."""
        evaluation = Evaluation(
            self.draft,
            final=True,
            session=session,
            profile=profile,
            event_type=event_type,
            purse=Purse(session),
        )
        self._judge_free(evaluation, self._account.event_rules)
        return evaluation

    def judge_profile(self, profile: Profile) -> Evaluation:
        """The rules that look at the customer alone."""
        evaluation = Evaluation(self.draft, final=True, profile=profile)
        self._judge_free(evaluation, (rule for rule in self._account.free_rules if not rule.about_cart))
        return evaluation

    def _judge_coupon(self, evaluation: Evaluation, code: str, referral: Referral | None) -> None:
        coupon = self.draft.coupons.get(code)
        if coupon is None:
            _reject_unjudged(evaluation, COUPON, code, COUPON.not_found)
            return
        reason = coupon_rejection(coupon, self._use(coupon.campaign_id, evaluation.profile))
        if reason is None and not self._considers(coupon.campaign_id):
            reason = COUPON.not_triggered
        if reason is not None:
            _reject_unjudged(evaluation, COUPON, code, reason, campaign_id=coupon.campaign_id, coupon=coupon)
            return
        companion = referral if referral and referral.campaign_id == coupon.campaign_id else None
        case = Case(evaluation, coupon.campaign_id, coupon, companion)
        rules = self._account.coupon_rules(coupon.campaign_id)
        if self._judge_code(case, COUPON, code, rules) and evaluation.final:
            self.draft.coupons.edit(code).redemptions[_owner(evaluation)] += 1

    def _usable_referral(self, evaluation: Evaluation, session: Session) -> Referral | None:
        code = session.referral_code
        if not code:
            return None
        referral = self.draft.referrals.get(code)
        if referral is None:
            _reject_unjudged(evaluation, REFERRAL, code, REFERRAL.not_found)
            return None
        reason = referral_rejection(referral, self._use(referral.campaign_id, evaluation.profile))
        if reason is None and not self._considers(referral.campaign_id):
            reason = REFERRAL.not_triggered
        if reason is not None:
            _reject_unjudged(evaluation, REFERRAL, code, reason, campaign_id=referral.campaign_id)
            return None
        return referral

    def _judge_referral(self, evaluation: Evaluation, referral: Referral) -> None:
        case = Case(evaluation, referral.campaign_id, referral=referral)
        rules = self._account.referral_rules(referral.campaign_id)
        if self._judge_code(case, REFERRAL, referral.code, rules) and evaluation.final:
            self.draft.referrals.edit(referral.code).referred.append(_owner(evaluation))

    def _judge_code(self, case: Case, wording: Wording, code: str, rules: Iterable[Rule]) -> bool:
        """Accepts a code that fits a rule and gives what the rule promises; rejects any other."""
        failures: list[Failure] = []
        fitting: list[Rule] = []
        for rule in rules:
            failure = _failure(case, rule)
            if failure is None:
                fitting.append(rule)
            else:
                failures.append(failure)
        case.evaluation.failures.extend(failures)
        if not fitting:
            _reject_judged(case, wording, code, failures)
            return False
        case.evaluation.effects.append(_effect(case, fitting[0], wording.accept, {"value": code}))
        for rule in fitting:
            _give(case, rule)
        return True

    def _judge_free(self, evaluation: Evaluation, rules: Iterable[Rule]) -> None:
        for rule in rules:
            if not (self._considers(rule.campaign_id) and self._runs(rule.campaign_id)):
                continue
            case = Case(evaluation, rule.campaign_id)
            failure = _failure(case, rule)
            if failure is None:
                _give(case, rule)
            else:
                evaluation.failures.append(failure)

    def _use(self, campaign_id: int, profile: Profile | None) -> Use:
        return Use(self._runs(campaign_id), profile, self.draft.now)

    def _runs(self, campaign_id: int) -> bool:
        return self._account.campaigns[campaign_id].runs_at(self.draft.now, even_disabled=campaign_id in self._chosen)

    def _considers(self, campaign_id: int) -> bool:
        return not self._chosen or campaign_id in self._chosen


def _owner(evaluation: Evaluation) -> str:
    return evaluation.profile.integration_id if evaluation.profile else ANONYMOUS


def _failure(case: Case, rule: Rule) -> Failure | None:
    for index, condition in enumerate(rule.conditions):
        if not condition.holds(case):
            return _failed(case, rule, "the condition does not hold", condition_index=index)
    for index, gift in enumerate(rule.gifts):
        obstacle = gift.obstacle(case)
        if obstacle is not None:
            return _failed(case, rule, obstacle, effect_index=index)
    return None


def _failed(
    case: Case,
    rule: Rule,
    details: str,
    *,
    condition_index: int | None = None,
    effect_index: int | None = None,
) -> Failure:
    where = (rule.campaign_id, rule.index, rule.name, details, condition_index, effect_index)
    return Failure(*where, case.coupon, case.referral)


def _give(case: Case, rule: Rule) -> None:
    for gift in rule.gifts:
        for effect_type, props in gift.give(case):
            case.evaluation.effects.append(_effect(case, rule, effect_type, props))


def _effect(case: Case, rule: Rule, effect_type: str, props: dict[str, Any]) -> Effect:
    coupon_id = case.coupon.id if case.coupon else None
    return Effect(rule.campaign_id, rule.index, rule.name, effect_type, props, coupon_id)


def _reject_unjudged(
    evaluation: Evaluation,
    wording: Wording,
    code: str,
    reason: str,
    *,
    campaign_id: int = 0,
    coupon: Coupon | None = None,
) -> None:
    """Rejects a code that no rule has looked at."""
    props = {"value": code, "rejectionReason": reason}
    coupon_id = coupon.id if coupon else None
    evaluation.effects.append(Effect(campaign_id, 0, "", wording.reject, props, coupon_id))


def _reject_judged(case: Case, wording: Wording, code: str, failures: list[Failure]) -> None:
    """Rejects a code that fits none of its rules; a rule that fitted and could not give says most."""
    failure = min(failures, key=lambda one: one.effect_index is None, default=None)
    props: dict[str, Any] = {"value": code, "rejectionReason": wording.by_condition}
    if failure is not None and failure.effect_index is not None:
        props |= {
            "rejectionReason": EFFECT_FAILED,
            "effectIndex": failure.effect_index,
            "details": failure.details,
        }
    elif failure is not None:
        props |= {"conditionIndex": failure.condition_index, "details": failure.details}
    rule_index, rule_name = (failure.rule_index, failure.rule_name) if failure else (0, "")
    coupon_id = case.coupon.id if case.coupon else None
    rejected = Effect(case.campaign_id, rule_index, rule_name, wording.reject, props, coupon_id)
    case.evaluation.effects.append(rejected)
