"""Audiences: created, renamed, emptied and deleted, and the attributes of their members set. No rules run."""

from typing import Any

from aiotalonone.sandbox.http.messages import Request, Response
from aiotalonone.sandbox.http.problems import ApiProblem, not_found
from aiotalonone.sandbox.operations._base import Context, operation
from aiotalonone.sandbox.operations.parsing import merge
from aiotalonone.sandbox.rendering.entities import ACCOUNT_ID
from aiotalonone.sandbox.state.audiences import Audience
from aiotalonone.sandbox.validation import MAX_INTEGRATION_ID_LENGTH, TOO_SHORT, JsonObject, ValidationError


@operation("createAudienceV2", "POST", "/v2/audiences")
def create_audience_v2(context: Context, request: Request) -> Response:
    """Create an audience; one of another platform must not exist already."""
    body = request.body
    audience = Audience(
        id=context.draft.next_id("audience"),
        created=context.draft.now,
        name=body.required_text("name"),
        description=body.text("description") or "",
        sandbox=body.flag("sandbox", default=True),
        applications=_applications(body),
        integration=body.text("integration"),
        integration_id=_integration_id(body),
        created_in_third_party=body.flag("createdIn3rdParty"),
        last_update=body.timestamp("lastUpdate"),
    )
    if audience.integration_id is not None and any(_is_same(audience, held) for held in context.draft.audiences):
        raise ApiProblem(409, "Audience already exists")
    context.draft.audiences.add(audience.id, audience)
    return Response(201, audience_json(audience))


@operation("updateAudienceV2", "PUT", "/v2/audiences/{audienceId}")
def update_audience_v2(context: Context, request: Request) -> Response:
    """Rename an audience; the Applications that can use it change if they are given."""
    audience = _audience_to_change(context, request)
    audience.name = request.body.required_text("name")
    applications = _applications(request.body)
    if "subscribedApplicationsIds" in request.body:
        audience.applications = applications
    return Response(200, audience_json(audience))


@operation("deleteAudienceV2", "DELETE", "/v2/audiences/{audienceId}")
def delete_audience_v2(context: Context, request: Request) -> Response:
    """Delete an audience with its memberships."""
    audience = _audience_to_change(context, request)
    _remove_members(context, audience)
    context.draft.audiences.remove(audience.id)
    return Response(204)


@operation("deleteAudienceMembershipsV2", "DELETE", "/v2/audiences/{audienceId}/memberships")
def delete_audience_memberships_v2(context: Context, request: Request) -> Response:
    """Remove all members from an audience, which stays."""
    audience = _audience_to_change(context, request)
    _remove_members(context, audience)
    audience.last_update = context.draft.now
    return Response(204)


@operation("updateAudienceCustomersAttributes", "PUT", "/v2/audience_customers/{audienceId}/attributes")
def update_audience_customers_attributes(context: Context, request: Request) -> Response:
    """Set attributes, which are the members of the body, on the profiles of all members."""
    audience = _audience_to_change(context, request)
    attributes = request.body.values
    context.account.attribute_types.check("CustomerProfile", attributes, ())
    for integration_id in _members(context, audience):
        merge(context.draft.profiles.edit(integration_id).attributes, attributes)
    return Response(204)


def audience_json(audience: Audience) -> dict[str, Any]:
    """Return an Audience; what it does not have is left out."""
    shown = {
        "accountId": ACCOUNT_ID,
        "id": audience.id,
        "created": audience.created,
        "name": audience.name,
        "sandbox": audience.sandbox,
        "description": audience.description,
        "subscribedApplicationsIds": audience.applications,
        "integration": audience.integration,
        "integrationId": audience.integration_id,
        "createdIn3rdParty": audience.created_in_third_party,
        "lastUpdate": audience.last_update,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _audience_to_change(context: Context, request: Request) -> Audience:
    audience_id = request.path_integer("audienceId")
    if context.draft.audiences.get(audience_id) is None:
        raise not_found("Audience")
    return context.draft.audiences.edit(audience_id)


def _members(context: Context, audience: Audience) -> list[str]:
    return [profile.integration_id for profile in context.draft.profiles if audience.id in profile.audiences]


def _remove_members(context: Context, audience: Audience) -> None:
    for integration_id in _members(context, audience):
        context.draft.profiles.edit(integration_id).audiences.discard(audience.id)


def _is_same(audience: Audience, other: Audience) -> bool:
    """Return whether both stand for the same audience of another platform."""
    return (audience.integration, audience.integration_id) == (other.integration, other.integration_id)


def _integration_id(body: JsonObject) -> str | None:
    integration_id = body.text("integrationId", max_length=MAX_INTEGRATION_ID_LENGTH)
    if integration_id == "":
        raise body.error("integrationId", "must not be empty", TOO_SHORT)
    return integration_id


def _applications(body: JsonObject) -> tuple[int, ...]:
    applications = body.integers("subscribedApplicationsIds")
    for index, application in enumerate(applications):
        if application in applications[:index]:
            raise ValidationError(body.place("subscribedApplicationsIds", index), "must be unique")
    return tuple(applications)
