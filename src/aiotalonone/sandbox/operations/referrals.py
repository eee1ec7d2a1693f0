"""Referral codes; each request makes new ones."""

from functools import partial
from typing import Any

from aiotalonone.sandbox import limits
from aiotalonone.sandbox.answers.entities import referral_json
from aiotalonone.sandbox.calls import Answer, Call, Desk
from aiotalonone.sandbox.codes import CHARACTERS, PATTERN, CodeShape
from aiotalonone.sandbox.entities import Referral
from aiotalonone.sandbox.operations.attributes import read_attributes
from aiotalonone.sandbox.operations.ids import read_ids
from aiotalonone.sandbox.reading import Members


def create_referral(desk: Desk, call: Call) -> Answer:
    """Makes a code for one advocate."""
    advocate = _advocate_id(call.body, "advocateProfileIntegrationId")
    referral = _create(desk, call.body, advocate, CodeShape())
    return Answer(201, referral_json(referral))


def create_referrals_for_multiple_advocates(desk: Desk, call: Call) -> Answer:
    """Makes a code for each advocate, all of one batch."""
    advocates = read_ids(call.body, "advocateProfileIntegrationIds", at_most=limits.ADVOCATES)
    if not advocates:
        raise call.body.unfit("advocateProfileIntegrationIds", "must have at least one entry")
    call.body.required_integer("usageLimit", at_least=0)
    shape, batch = _shape(call.body), f"batch-{desk.draft.next_id('batch')}"
    referrals = [_create(desk, call.body, advocate, shape, batch) for advocate in advocates]
    if call.silent:
        return Answer(204)
    shown = [referral_json(referral) for referral in referrals]
    return Answer(201, {"totalResultSize": len(shown), "data": shown})


def _advocate_id(body: Members, name: str) -> str:
    return body.required_text(name, at_most=limits.INTEGRATION_ID_LENGTH)


def _create(desk: Desk, body: Members, advocate: str, shape: CodeShape, batch: str | None = None) -> Referral:
    desk.draft.profile(advocate)
    referral = Referral(
        id=desk.draft.next_id("referral"),
        created=desk.draft.now,
        campaign_id=_campaign_id(desk, body),
        code=_code(desk, body, shape),
        advocate=advocate,
        friend=body.text("friendProfileIntegrationId", at_most=limits.INTEGRATION_ID_LENGTH) or None,
        usage_limit=body.integer("usageLimit", at_least=0) or 0,
        start_date=body.moment("startDate"),
        expiry_date=body.moment("expiryDate"),
        attributes=_attributes(desk, body),
        batch_id=batch,
    )
    return desk.draft.referrals.add(referral.code, referral)


def _campaign_id(desk: Desk, body: Members) -> int:
    campaign_id = body.required_integer("campaignId")
    if campaign_id not in desk.account.campaigns:
        raise body.unfit("campaignId", f"campaign {campaign_id} does not exist")
    return campaign_id


def _attributes(desk: Desk, body: Members) -> dict[str, Any]:
    given = read_attributes(desk, body, "Referral")
    return {name: value for name, value in given.items() if value is not None}


def _shape(body: Members) -> CodeShape:
    characters = "".join(body.texts("validCharacters")) or CHARACTERS
    return CodeShape(body.text("referralPattern", at_most=limits.CODE_LENGTH) or PATTERN, characters)


def _code(desk: Desk, body: Members, shape: CodeShape) -> str:
    code = shape.unused(desk.draft.referrals, partial(desk.draft.next_id, "code"))
    if code is None:
        raise body.unfit("referralPattern", "no code of the pattern is left")
    return code
