"""Events: what customers do beyond their carts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiotalonone.endpoints._base import EndpointGroup
from aiotalonone.operation import Entity, Operation, RetrySafety

if TYPE_CHECKING:
    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.models import IntegrationState, NewEvent

TRACK_EVENT: Operation[IntegrationState] = Operation(
    operation_id="trackEvent",
    request="POST /v1/events",
    query=("dry",),
    success=(201,),
    body="NewEvent",
    result="IntegrationState",
    retry_safety=RetrySafety.UNSAFE,
    entity=Entity.PROFILE,
    entity_member="profileId",
)


class Events(EndpointGroup):
    """Track what customers do beyond their carts."""

    __slots__ = ()

    async def track_event(self, new_event: NewEvent | JSONObject, *, dry: bool | None = None) -> IntegrationState:
        """Record a custom event, evaluate its campaigns, and return the state with ``event.effects`` as arrays.

        Args:
            new_event: The event's type and attributes, and the session it belongs to.
            dry: True evaluates the event and stores nothing.

        Raises:
            BadRequestError: The event's type or an attribute is not defined in the account.

        API: ``trackEvent``, POST /v1/events. Not safe to retry, unless dry.
        """
        return await self._client.call(TRACK_EVENT, body=new_event, dry=dry)
