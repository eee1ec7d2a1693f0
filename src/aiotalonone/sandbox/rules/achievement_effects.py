"""The effect that lets a customer make progress in an achievement, and its roll-back."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from attrs import define

from aiotalonone.sandbox.account.programs import Programs
from aiotalonone.sandbox.rules.evaluation import RuleContext, RuleEffect, Sent
from aiotalonone.sandbox.state import Draft
from aiotalonone.sandbox.state.achievements import Achievement, Progress
from aiotalonone.sandbox.validation import JsonObject

ONE = Decimal(1)
UNKNOWN_ID = 0
"""Stands for a period that an open session would start."""


@define(frozen=True)
class IncreaseAchievementProgress:
    """Lets the customer make progress."""

    achievement: Achievement
    value: Decimal
    per_unit_of_total: Decimal | None

    def blocked_by(self, context: RuleContext) -> str | None:
        """Return why there is no customer, or no cart for progress by total, or None."""
        return context.without_customer() or (context.without_cart() if self.per_unit_of_total is not None else None)

    def apply(self, context: RuleContext) -> Iterator[Sent]:
        """Yield an effect for each period that the progress counts for, and store it in a final run."""
        evaluation = context.evaluation
        progress, now = self._progress(context), evaluation.draft.now
        new_id = partial(evaluation.draft.next_id, "progressTracker") if evaluation.final else lambda: UNKNOWN_ID
        for step in progress.increase(self._amount(context), now, new_id):
            props = {
                "achievementId": self.achievement.id,
                "achievementName": self.achievement.name,
                **({} if step.tracker_id == UNKNOWN_ID else {"progressTrackerId": step.tracker_id}),
                "delta": step.delta,
                "value": step.value,
                "target": self.achievement.target,
                "isJustCompleted": step.is_just_completed,
            }
            yield "increaseAchievementProgress", props

    def _progress(self, context: RuleContext) -> Progress:
        """Return the customer's progress, to be changed: that of this run unless the run is final."""
        evaluation, profile_id = context.evaluation, context.customer.integration_id
        if evaluation.final:
            return evaluation.draft.progress(self.achievement, profile_id)
        key = (self.achievement.id, profile_id)
        if key not in evaluation.tentative_progress:
            held = evaluation.draft.achievement_progress.get(key)
            tentative = held.copy() if held else Progress(self.achievement, profile_id)
            evaluation.tentative_progress[key] = tentative
        return evaluation.tentative_progress[key]

    def _amount(self, context: RuleContext) -> Decimal:
        return self.value if self.per_unit_of_total is None else context.cart.total * self.per_unit_of_total


def read_increase(members: JsonObject, programs: Programs) -> RuleEffect:
    """Read the effect of a campaign file."""
    achievement = programs.achievements.get(members.required_integer("achievementId"))
    if achievement is None:
        raise members.error("achievementId", "unknown achievement")
    if "value" in members and "perUnitOfTotal" in members:
        raise members.error("value", "at most one of value, perUnitOfTotal is allowed")
    value = members.amount("value")
    return IncreaseAchievementProgress(achievement, ONE if value is None else value, members.amount("perUnitOfTotal"))


def roll_progress_back(draft: Draft, profile_id: str, props: dict[str, Any]) -> Iterator[Sent]:
    """Take the progress of an effect back, unless it completed the achievement and that is kept."""
    held = draft.achievement_progress.get((props["achievementId"], profile_id))
    if held is None:
        return
    progress = draft.achievement_progress.edit(held.key)
    tracker = progress.decrease(props["progressTrackerId"], props["delta"])
    if tracker is not None:
        yield (
            "rollbackIncreasedAchievementProgress",
            {
                "achievementId": props["achievementId"],
                "achievementName": props["achievementName"],
                "progressTrackerId": tracker.id,
                "decreaseProgressBy": props["delta"],
                "currentProgress": tracker.progress,
                "target": props["target"],
            },
        )
