"""Referral codes; each request creates new ones."""

from functools import partial
from typing import Any

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.operations.parsing import read_attributes, read_ids
from aiotalonone.sandbox.rendering.entities import referral_json
from aiotalonone.sandbox.state.codes import CHARACTERS, PATTERN, CodePattern
from aiotalonone.sandbox.state.entities import Referral
from aiotalonone.sandbox.validation import (
    MAX_ADVOCATES,
    MAX_CODE_LENGTH,
    MAX_INTEGRATION_ID_LENGTH,
    MAX_USAGE_LIMIT,
    MIN_PATTERN_LENGTH,
    TOO_FEW,
    TOO_SHORT,
    UNKNOWN,
    JsonObject,
)


@operation("createReferral", "POST", "/v1/referrals", bare_400=True)
def create_referral(context: Context, request: Request) -> Response:
    """Create a code for one advocate."""
    advocate = _advocate_id(request.body, "advocateProfileIntegrationId")
    referral = _create(context, request.body, advocate, CodePattern())
    return Response(201, referral_json(referral))


@operation("createReferralsForMultipleAdvocates", "POST", "/v1/referrals_for_multiple_advocates")
def create_referrals_for_multiple_advocates(context: Context, request: Request) -> Response:
    """Create a code for each advocate, all in one batch."""
    advocates = read_ids(request.body, "advocateProfileIntegrationIds", max_items=MAX_ADVOCATES)
    if not advocates:
        raise request.body.error("advocateProfileIntegrationIds", "must have at least 1 entry", TOO_FEW)
    request.body.required_integer("usageLimit", minimum=0, maximum=MAX_USAGE_LIMIT)
    pattern, batch = _pattern(request.body), f"batch-{context.draft.next_id('batch')}"
    referrals = [_create(context, request.body, advocate, pattern, batch) for advocate in advocates]
    if request.query.silent:
        return Response(204)
    shown = [referral_json(referral) for referral in referrals]
    return Response(201, {"totalResultSize": len(shown), "data": shown})


def _advocate_id(body: JsonObject, name: str) -> str:
    return body.required_text(name, max_length=MAX_INTEGRATION_ID_LENGTH)


def _create(
    context: Context, body: JsonObject, advocate: str, pattern: CodePattern, batch: str | None = None
) -> Referral:
    context.draft.profile(advocate)
    referral = Referral(
        id=context.draft.next_id("referral"),
        created=context.draft.now,
        campaign_id=_campaign_id(context, body),
        code=_code(context, body, pattern),
        advocate=advocate,
        friend=body.text("friendProfileIntegrationId", max_length=MAX_INTEGRATION_ID_LENGTH) or None,
        usage_limit=body.integer("usageLimit", minimum=0, maximum=MAX_USAGE_LIMIT) or 0,
        start_date=body.timestamp("startDate"),
        expiry_date=body.timestamp("expiryDate"),
        attributes=_attributes(context, body),
        batch_id=batch,
    )
    return context.draft.referrals.add(referral.code, referral)


def _campaign_id(context: Context, body: JsonObject) -> int:
    campaign_id = body.required_integer("campaignId")
    if campaign_id not in context.account.campaigns:
        raise body.error("campaignId", f"names the campaign {campaign_id}, which does not exist", UNKNOWN)
    return campaign_id


def _attributes(context: Context, body: JsonObject) -> dict[str, Any]:
    given = read_attributes(context, body, "Referral")
    return {name: value for name, value in given.items() if value is not None}


def _pattern(body: JsonObject) -> CodePattern:
    characters = "".join(body.texts("validCharacters")) or CHARACTERS
    pattern = body.text("referralPattern", max_length=MAX_CODE_LENGTH)
    if pattern is not None and len(pattern) < MIN_PATTERN_LENGTH:
        raise body.error("referralPattern", f"must have at least {MIN_PATTERN_LENGTH} characters", TOO_SHORT)
    return CodePattern(PATTERN if pattern is None else pattern, characters)


def _code(context: Context, body: JsonObject, pattern: CodePattern) -> str:
    code = pattern.next_unused(context.draft.referrals, partial(context.draft.next_id, "code"))
    if code is None:
        raise body.error("referralPattern", "has no code left")
    return code
