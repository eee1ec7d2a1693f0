"""Customer profiles: created on first sight, updated one by one or in bulk."""

from typing import Any

from aiotalonone.sandbox import limits
from aiotalonone.sandbox.answers.entities import profile_json
from aiotalonone.sandbox.answers.outcome import Outcome
from aiotalonone.sandbox.answers.v1 import integration_state
from aiotalonone.sandbox.answers.v2 import PROFILE_CONTENT, integration_state_v2
from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.entities import Event, Profile
from aiotalonone.sandbox.operations.attributes import merge, read_attributes
from aiotalonone.sandbox.operations.content import read_content
from aiotalonone.sandbox.problems import invalid
from aiotalonone.sandbox.reading import Members, UnfitError
from aiotalonone.sandbox.rules.case import Evaluation
from aiotalonone.sandbox.rules.engine import Engine


def update_customer_profile(desk: Desk, call: Call) -> Answer:
    """V1: updates the profile and runs its rules."""
    outcome = _update(desk, call.path, call.body, Engine(desk.account, desk.draft))
    return Answer(200, integration_state(outcome))


def update_customer_profile_v2(desk: Desk, call: Call) -> Answer:
    """V2: updates the profile; rules run, and entities are shown, where the request asks for it."""
    run_rules = call.flag("runRuleEngine")
    wanted = read_content(call.body, PROFILE_CONTENT)
    if wanted and not run_rules:
        raise invalid("responseContent needs runRuleEngine", "/responseContent")
    chosen = call.body.integers("evaluableCampaignIds")
    engine = Engine(desk.account, desk.draft, chosen if call.dry else ())
    outcome = _update(desk, call.path, call.body, engine if run_rules else None)
    return Answer(200, integration_state_v2(outcome, wanted))


def update_customer_profiles_v2(desk: Desk, call: Call) -> Answer:
    """Updates many profiles without running rules; one bad entry fails them all."""
    entries = call.body.objects("customerProfiles", at_most=limits.PROFILES)
    profiles = [_merge_entry(desk, entry) for entry in entries]
    if call.silent:
        return Answer(204)
    return Answer(200, {"integrationStates": [_bulk_state(desk, profile) for profile in profiles]})


def _merge_entry(desk: Desk, entry: Members) -> Profile:
    integration_id = entry.required_text("integrationId", at_most=limits.INTEGRATION_ID_LENGTH)
    attributes = read_attributes(desk, entry, "CustomerProfile")
    profile = desk.draft.profile(integration_id)
    merge(profile.attributes, attributes)
    return profile


def _bulk_state(desk: Desk, profile: Profile) -> dict[str, Any]:
    shown = profile_json(profile, desk.account)
    return {"customerProfile": shown, "effects": [], "createdCoupons": [], "createdReferrals": []}


def _update(desk: Desk, integration_id: str, body: Members, engine: Engine | None) -> Outcome:
    attributes = read_attributes(desk, body, "CustomerProfile")
    is_new = desk.draft.profiles.get(integration_id) is None
    profile = desk.draft.profile(integration_id)
    merge(profile.attributes, attributes)
    _change_audiences(desk, profile, body)
    evaluation = engine.judge_profile(profile) if engine else Evaluation(desk.draft, final=True, profile=profile)
    event = Event(
        id=desk.draft.next_id("event"),
        created=desk.draft.now,
        type="talon_profile_created" if is_new else "talon_profile_updated",
        profile_id=integration_id,
        session_id="",
        effects=tuple(evaluation.effects),
    )
    return Outcome(desk.account, desk.draft, event, profile, None, evaluation)


def _change_audiences(desk: Desk, profile: Profile, body: Members) -> None:
    changes = body.object("audiencesChanges")
    if changes is None:
        return
    for name in "adds", "deletes":
        for index, audience_id in enumerate(changes.integers(name)):
            if audience_id not in desk.account.programs.audiences:
                raise UnfitError((*changes.path, name, index), f"audience {audience_id} does not exist")
    profile.audiences |= set(changes.integers("adds"))
    profile.audiences -= set(changes.integers("deletes"))
