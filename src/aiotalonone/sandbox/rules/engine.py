"""Evaluate sessions, events and profiles by the account's rules."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from attrs import define, evolve

from aiotalonone.sandbox.rules.campaigns import Account, Rule
from aiotalonone.sandbox.rules.evaluation import Evaluation, Failure, Firing, RemainingAmounts, RuleContext
from aiotalonone.sandbox.rules.validity import CodeUse, coupon_rejection, referral_rejection
from aiotalonone.sandbox.state import Draft
from aiotalonone.sandbox.state.entities import ANONYMOUS, Coupon, Effect, Profile, Referral, Session


@define(frozen=True)
class CodeKind:
    """The API's names for the effects and rejections of one kind of code."""

    accept: str
    reject: str
    not_found: str
    not_triggered: str
    by_condition: str


COUPON = CodeKind(
    "acceptCoupon",
    "rejectCoupon",
    "CouponNotFound",
    "CouponPartOfNotTriggeredCampaign",
    "CouponRejectedByCondition",
)
REFERRAL = CodeKind(
    "acceptReferral",
    "rejectReferral",
    "ReferralNotFound",
    "ReferralPartOfNotTriggeredCampaign",
    "ReferralRejectedByCondition",
)
EFFECT_FAILED = "EffectCouldNotBeApplied"
CONDITION_FAILED = "the condition does not hold"


class Engine:
    """Evaluates an account's rules on one draft.

    If campaigns are selected, only those are evaluated, including disabled ones.
    """

    def __init__(self, account: Account, draft: Draft, selected: Collection[int] = ()) -> None:
        self.draft = draft
        self._account = account
        self._selected = frozenset(selected)

    def evaluate_session(self, session: Session, profile: Profile | None, *, final: bool) -> Evaluation:
        """Evaluate all codes of a session in their order, then the rules that need no code."""
        evaluation = self._evaluation(session, profile, final=final)
        referral = self._usable_referral(evaluation, session)
        triggered: list[Rule] = []
        for code in dict.fromkeys(session.coupon_codes):
            triggered += self._evaluate_coupon(evaluation, code, referral)
        if referral is not None:
            self._evaluate_referral(evaluation, referral, triggered)
        self._evaluate_rules(evaluation, self._account.always_evaluated_rules)
        return evaluation

    def evaluate_event(
        self,
        event_type: str,
        session: Session | None,
        profile: Profile | None,
        *,
        store_integration_id: str | None = None,
        loyalty_cards: tuple[str, ...] = (),
    ) -> Evaluation:
        """Evaluate the rules that the event triggers, with the cart of the session that it belongs or refers to."""
        evaluation = self._evaluation(
            session,
            profile,
            final=True,
            event_type=event_type,
            store_integration_id=store_integration_id,
            loyalty_cards=loyalty_cards,
        )
        self._evaluate_rules(evaluation, self._account.event_rules)
        return evaluation

    def evaluate_profile(self, profile: Profile) -> Evaluation:
        """Evaluate the rules that are about the customer alone."""
        evaluation = self._evaluation(None, profile, final=True)
        self._evaluate_rules(evaluation, (rule for rule in self._account.always_evaluated_rules if not rule.about_cart))
        return evaluation

    def _evaluation(self, session: Session | None, profile: Profile | None, *, final: bool, **event: Any) -> Evaluation:
        return Evaluation(
            self.draft,
            final,
            session,
            profile,
            remaining=RemainingAmounts(session),
            selected=self._selected,
            ran_rules=True,
            **event,
        )

    def _evaluate_coupon(self, evaluation: Evaluation, code: str, referral: Referral | None) -> list[Rule]:
        """Accept or reject a coupon, and return the rules that it triggered."""
        coupon = self.draft.coupons.get(code)
        if coupon is None:
            _reject_without_rules(evaluation, COUPON, code, COUPON.not_found)
            return []
        reason = coupon_rejection(coupon, self._use(coupon.campaign_id, evaluation))
        if reason is None and not self._is_selected(coupon.campaign_id):
            reason = COUPON.not_triggered
        if reason is not None:
            _reject_without_rules(evaluation, COUPON, code, reason, campaign_id=coupon.campaign_id, coupon=coupon)
            return []
        companion = referral if referral and referral.campaign_id == coupon.campaign_id else None
        context = RuleContext(evaluation, coupon.campaign_id, coupon, companion)
        triggered = self._evaluate_code(context, COUPON, code, self._account.coupon_rules(coupon.campaign_id))
        if triggered and evaluation.final:
            self.draft.coupons.edit(code).redemptions[_owner(evaluation)] += 1
            if evaluation.profile is not None:
                evaluation.profile.coupons_redeemed[coupon.campaign_id] += 1
        return triggered

    def _usable_referral(self, evaluation: Evaluation, session: Session) -> Referral | None:
        code = session.referral_code
        if not code:
            return None
        referral = self.draft.referrals.get(code)
        if referral is None:
            _reject_without_rules(evaluation, REFERRAL, code, REFERRAL.not_found)
            return None
        reason = referral_rejection(referral, self._use(referral.campaign_id, evaluation))
        if reason is None and not self._is_selected(referral.campaign_id):
            reason = REFERRAL.not_triggered
        if reason is not None:
            _reject_without_rules(evaluation, REFERRAL, code, reason, campaign_id=referral.campaign_id)
            return None
        return referral

    def _evaluate_referral(self, evaluation: Evaluation, referral: Referral, by_coupons: Iterable[Rule]) -> None:
        """Accept or reject a referral; the rules that coupons triggered may have validated it already."""
        context = RuleContext(evaluation, referral.campaign_id, referral=referral)
        rules = self._account.referral_rules(referral.campaign_id)
        validated = [rule for rule in by_coupons if rule.by_referral and rule.campaign_id == referral.campaign_id]
        if self._evaluate_code(context, REFERRAL, referral.code, rules, validated) and evaluation.final:
            self.draft.referrals.edit(referral.code).referred.append(_owner(evaluation))
            if evaluation.profile is not None:
                evaluation.profile.referred_by.add(referral.campaign_id)

    def _evaluate_code(
        self, context: RuleContext, kind: CodeKind, code: str, rules: Iterable[Rule], applied: Sequence[Rule] = ()
    ) -> list[Rule]:
        """Accept a code that triggers a rule, or did with rules that are applied already; reject any other.

        Returns:
            The rules that it triggered.
        """
        failures: list[Failure] = []
        triggered: list[Rule] = []
        for rule in rules:
            failure = _failure(context, rule)
            if failure is None:
                triggered.append(rule)
            else:
                failures.append(failure)
        context.evaluation.failures.extend(failures)
        accepted_by = [*applied, *triggered]
        if not accepted_by:
            _reject_by_rules(context, kind, code, failures)
            return []
        context.evaluation.effects.append(_effect(context, accepted_by[0], kind.accept, {"value": code}))
        for rule in triggered:
            _apply(context, rule)
        return accepted_by

    def _evaluate_rules(self, evaluation: Evaluation, rules: Iterable[Rule]) -> None:
        for rule in rules:
            if not (self._is_selected(rule.campaign_id) and self._is_active(rule.campaign_id)):
                continue
            context = RuleContext(evaluation, rule.campaign_id)
            failure = _failure(context, rule)
            if failure is None:
                _apply(context, rule)
            else:
                evaluation.failures.append(failure)

    def _use(self, campaign_id: int, evaluation: Evaluation) -> CodeUse:
        profile = evaluation.profile
        redeemed = 0 if profile is None else profile.coupons_redeemed[campaign_id]
        if not evaluation.final:  # nothing is counted yet
            redeemed += sum(
                effect.type == COUPON.accept and effect.campaign_id == campaign_id for effect in evaluation.effects
            )
        return CodeUse(
            campaign_is_active=self._is_active(campaign_id),
            profile=profile,
            now=self.draft.now,
            anonymous_friends=self._account.programs.assumptions.anonymous_friends,
            coupons_per_profile=self._account.campaigns[campaign_id].coupons_per_profile,
            redeemed=redeemed,
        )

    def _is_active(self, campaign_id: int) -> bool:
        campaign = self._account.campaigns[campaign_id]
        return campaign.is_active_at(self.draft.now, even_disabled=campaign_id in self._selected)

    def _is_selected(self, campaign_id: int) -> bool:
        return not self._selected or campaign_id in self._selected


def _owner(evaluation: Evaluation) -> str:
    return evaluation.profile.integration_id if evaluation.profile else ANONYMOUS


def _failure(context: RuleContext, rule: Rule) -> Failure | None:
    for index, condition in enumerate(rule.conditions):
        reason = condition.blocked_by(context)
        if reason is not None:
            return _failed(context, rule, CONDITION_FAILED, reason=reason, condition_index=index)
    for index, effect in enumerate(rule.effects):
        blocked_by = effect.blocked_by(context)
        if blocked_by is not None:
            return _failed(context, rule, blocked_by, reason=blocked_by, effect_index=index)
    return None


def _failed(
    context: RuleContext,
    rule: Rule,
    details: str,
    *,
    reason: str,
    condition_index: int | None = None,
    effect_index: int | None = None,
) -> Failure:
    place = (rule.campaign_id, rule.index, rule.name, details, condition_index, effect_index)
    return Failure(*place, context.coupon, context.referral, reason)


def _apply(context: RuleContext, rule: Rule) -> None:
    context.evaluation.firings.append(Firing(rule.campaign_id, rule.index, context.coupon, context.referral))
    context = evolve(context, rule_name=rule.name)
    for effect in rule.effects:
        for effect_type, props in effect.apply(context):
            context.evaluation.effects.append(_effect(context, rule, effect_type, props))


def _effect(context: RuleContext, rule: Rule, effect_type: str, props: dict[str, Any]) -> Effect:
    coupon_id = context.coupon.id if context.coupon else None
    return Effect(rule.campaign_id, rule.index, rule.name, effect_type, props, coupon_id)


def _reject_without_rules(
    evaluation: Evaluation,
    kind: CodeKind,
    code: str,
    reason: str,
    *,
    campaign_id: int = 0,
    coupon: Coupon | None = None,
) -> None:
    """Reject a code without evaluating rules."""
    props = {"value": code, "rejectionReason": reason}
    coupon_id = coupon.id if coupon else None
    evaluation.effects.append(Effect(campaign_id, 0, "", kind.reject, props, coupon_id))


def _reject_by_rules(context: RuleContext, kind: CodeKind, code: str, failures: list[Failure]) -> None:
    """Reject a code that triggers no rule; an effect that could not be applied is the most telling reason."""
    failure = min(failures, key=lambda one: one.effect_index is None, default=None)
    props: dict[str, Any] = {"value": code, "rejectionReason": kind.by_condition}
    if failure is not None and failure.effect_index is not None:
        props |= {
            "rejectionReason": EFFECT_FAILED,
            "effectIndex": failure.effect_index,
            "details": failure.details,
        }
    elif failure is not None:
        props |= {"conditionIndex": failure.condition_index, "details": failure.details}
    rule_index, rule_name = (failure.rule_index, failure.rule_name) if failure else (0, "")
    coupon_id = context.coupon.id if context.coupon else None
    rejected = Effect(context.campaign_id, rule_index, rule_name, kind.reject, props, coupon_id)
    context.evaluation.effects.append(rejected)
