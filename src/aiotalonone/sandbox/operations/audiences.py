"""Who belongs to which audience."""

from aiotalonone.sandbox import limits
from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.problems import not_found
from aiotalonone.sandbox.reading import Members

ACTIONS = ("add", "delete")


def update_customer_profile_audiences(desk: Desk, call: Call) -> Answer:
    """Adds customers to audiences and takes them out; one bad action fails them all."""
    for action in call.body.objects("data", at_most=limits.AUDIENCE_ACTIONS):
        _act(desk, action)
    return Answer(204)


def _act(desk: Desk, action: Members) -> None:
    kind = action.choice("action", ACTIONS)
    if kind is None:
        raise action.unfit("action", "is required")
    integration_id = action.required_text("profileIntegrationId", at_most=limits.INTEGRATION_ID_LENGTH)
    audience_id = action.required_integer("audienceId")
    if audience_id not in desk.account.programs.audiences:
        raise not_found("Audience")
    if kind == "add":
        desk.draft.profile(integration_id).audiences.add(audience_id)
    elif desk.draft.profiles.get(integration_id) is not None:
        desk.draft.profile(integration_id).audiences.discard(audience_id)
