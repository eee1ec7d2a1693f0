"""Events: what customers do beyond their carts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiotalonone.endpoints._group import EndpointGroup
from aiotalonone.operation import Entity, Operation, RetrySafety

if TYPE_CHECKING:
    from aiotalonone.endpoints._group import JSONObject
    from aiotalonone.models import IntegrationState, NewEvent

TRACK_EVENT: Operation[IntegrationState] = Operation(
    operation_id="trackEvent",
    method="POST",
    path="/v1/events",
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
        """Record a custom event and evaluate the campaigns that listen to it.

        Args:
            new_event: The event's type and attributes, and the session it belongs to.
            dry: True evaluates the event and stores nothing.

        Returns:
            The state after the event; its effects stand in ``event.effects``, as arrays.

        Raises:
            BadRequestError: The event's type or an attribute is not defined in the account.
            ConflictError: Too many requests update this profile or session at once.
            TalonOneError: The call failed in another way; with outcome UNKNOWN the event may be recorded.

        API: ``trackEvent``, POST /v1/events. Not safe to repeat, unless dry.
        """
        return await self._call(TRACK_EVENT, query={"dry": dry}, body=new_event)
