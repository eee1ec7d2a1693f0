"""The cards and points that a campaign file gives an account to start with."""

from collections.abc import Mapping
from datetime import datetime

from aiotalonone.sandbox.loyalty.cards import LoyaltyCard
from aiotalonone.sandbox.loyalty.file import PointsEntry, read_cards, read_points
from aiotalonone.sandbox.loyalty.program import LoyaltyProgram
from aiotalonone.sandbox.loyalty.transactions import Origin
from aiotalonone.sandbox.rules.booking import new_entry
from aiotalonone.sandbox.state import Draft, State
from aiotalonone.sandbox.validation import JsonObject


def set_loyalty_up(members: JsonObject, programs: Mapping[int, LoyaltyProgram], state: State, now: datetime) -> None:
    """Add the cards and points of all programs to the state."""
    draft = state.draft(now)
    for entry in members.objects("loyaltyPrograms"):
        program = programs[entry.required_integer("id")]
        _add_cards(entry, program, draft)
        for place, points in enumerate(read_points(entry, program)):
            if program.card_based and draft.loyalty_cards.get((program.id, points.owner)) is None:
                raise JsonObject({}, entry.place("points", place)).error("owner", f"unknown card {points.owner!r}")
            _add_points(points, program, draft)
    draft.save()


def _add_cards(members: JsonObject, program: LoyaltyProgram, draft: Draft) -> None:
    for entry in read_cards(members, program):
        for profile_id in entry.profile_ids:
            draft.profile(profile_id)
        card = LoyaltyCard(
            id=draft.next_id("loyaltyCard"),
            created=draft.now,
            program_id=program.id,
            identifier=entry.identifier,
            status=entry.status,
            block_reason=entry.block_reason,
            registrations=dict.fromkeys(entry.profile_ids, draft.now),
        )
        draft.loyalty_cards.add((program.id, card.identifier), card)


def _add_points(points: PointsEntry, program: LoyaltyProgram, draft: Draft) -> None:
    if not program.card_based:
        draft.profile(points.owner)
    entry = new_entry(draft, points.name, Origin(type="import"))
    dates = points.dates.at(draft.now, program.timezone)
    draft.loyalty_account(program, points.owner).ledger(points.ledger).add(entry, points.amount, dates)
