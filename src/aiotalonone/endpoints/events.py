"""Events: what customers do beyond their carts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from aiotalonone.endpoints._base import EndpointGroup, deprecated, warn_deprecated, yes_no
from aiotalonone.operation import Entity, Lookup, Operation, RetrySafety

if TYPE_CHECKING:
    from typing import Unpack

    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.endpoints._queries import EventEvaluation
    from aiotalonone.models import (
        EventV3,
        IntegrationEventV2Request,
        IntegrationEventV3Request,
        IntegrationState,
        IntegrationStateV2,
        NewEvent,
    )

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
TRACK_EVENT_V2: Operation[IntegrationStateV2 | None] = Operation(
    operation_id="trackEventV2",
    request="POST /v2/events",
    query=("silent", "dry", "forceCompleteEvaluation"),
    success=(200, 204),
    body="IntegrationEventV2Request",
    result="IntegrationStateV2",
    retry_safety=RetrySafety.IDEMPOTENCY_KEY,
    entity=Entity.PROFILE,
    entity_member="profileId",
)
GET_EVENT_V3: Operation[EventV3] = Operation(
    operation_id="getEventV3",
    request="GET /v3/events/{integrationId}",
    success=(200,),
    result="EventV3",
    retry_safety=RetrySafety.SAFE,
)
TRACK_EVENT_V3: Operation[IntegrationStateV2 | None] = Operation(
    operation_id="trackEventV3",
    request="POST /v3/events",
    query=("silent", "dry", "forceCompleteEvaluation"),
    success=(200, 204),
    body="IntegrationEventV3Request",
    result="IntegrationStateV2",
    retry_safety=RetrySafety.IDEMPOTENT,
    entity=Entity.PROFILE,
    entity_member="profileId",
    lookup=Lookup(operation=GET_EVENT_V3, id_member="integrationId", result_field="advanced_event"),
)


class Events(EndpointGroup):
    """Track what customers do beyond their carts."""

    __slots__ = ()

    @deprecated("trackEvent (V1) is deprecated: use track_event_v2", category=None)
    async def track_event(self, new_event: NewEvent | JSONObject, *, dry: bool | None = None) -> IntegrationState:
        """Record a custom event by V1, and return the state with ``event.effects`` as arrays.

        Args:
            new_event: The event's type and attributes, and the session it belongs to.
            dry: True evaluates the event and stores nothing.

        Raises:
            BadRequestError: The event's type or an attribute is not defined in the account.

        API: ``trackEvent``, POST /v1/events. Not safe to retry, unless dry.
        """
        warn_deprecated("trackEvent", use="track_event_v2")
        return await self._client.call(TRACK_EVENT, body=new_event, dry=dry)

    @overload
    async def track_event_v2(
        self,
        integration_event_v2_request: IntegrationEventV2Request | JSONObject,
        *,
        silent: Literal[False],
        **evaluation: Unpack[EventEvaluation],
    ) -> IntegrationStateV2: ...
    @overload
    async def track_event_v2(
        self,
        integration_event_v2_request: IntegrationEventV2Request | JSONObject,
        *,
        silent: bool | None = None,
        **evaluation: Unpack[EventEvaluation],
    ) -> IntegrationStateV2 | None: ...
    async def track_event_v2(
        self,
        integration_event_v2_request: IntegrationEventV2Request | JSONObject,
        *,
        silent: bool | None = None,
        **evaluation: Unpack[EventEvaluation],
    ) -> IntegrationStateV2 | None:
        """Record a custom event, evaluate the campaigns for it, and return the effects to act on.

        A profile that does not exist is created, without the built-in event for that.

        Args:
            integration_event_v2_request: The customer, the event's type and attributes, and what the response is to
                contain. The type is a custom event of the account.
            silent: True returns ``None``, False the state; left out, the deployment decides (today's are silent).
            evaluation: ``dry`` and ``force_complete_evaluation``, see ``EventEvaluation``.

        Raises:
            BadRequestError: The event's type or an attribute is not defined in the account.
            ValueError: ``force_complete_evaluation`` without ``dry``.

        API: ``trackEventV2``, POST /v2/events. Safe to retry with its key.
        """
        _require_dry(evaluation)
        body = integration_event_v2_request
        return await self._client.call(TRACK_EVENT_V2, body=body, silent=yes_no(silent), **evaluation)

    @overload
    async def track_event_v3(
        self,
        integration_event_v3_request: IntegrationEventV3Request | JSONObject,
        *,
        silent: Literal[False],
        **evaluation: Unpack[EventEvaluation],
    ) -> IntegrationStateV2: ...
    @overload
    async def track_event_v3(
        self,
        integration_event_v3_request: IntegrationEventV3Request | JSONObject,
        *,
        silent: bool | None = None,
        **evaluation: Unpack[EventEvaluation],
    ) -> IntegrationStateV2 | None: ...
    async def track_event_v3(
        self,
        integration_event_v3_request: IntegrationEventV3Request | JSONObject,
        *,
        silent: bool | None = None,
        **evaluation: Unpack[EventEvaluation],
    ) -> IntegrationStateV2 | None:
        """Record an advanced event, whose ID can be used once, and return the effects to act on.

        If a request may have been carried out and its response was lost, ``get_event_v3`` is asked. If the event
        exists, the call returns a state with ``advanced_event`` alone, whose ``effects`` are arrays, or ``None`` if
        ``silent`` is True. If it does not exist, the error stays as it is.

        Args:
            integration_event_v3_request: The event's own ID, the customer (created if unknown), the event's type and
                attributes, a closed session that it refers to, and what the response is to contain.
            silent: True returns ``None``, False the state; left out, the deployment decides (today's are silent).
            evaluation: ``dry`` and ``force_complete_evaluation``, see ``EventEvaluation``.

        Raises:
            BadRequestError: The event's type or an attribute is not defined in the account.
            ConflictError: Another event had the ID before, or too many requests update the profile at once.
            ValueError: ``force_complete_evaluation`` without ``dry``.

        API: ``trackEventV3``, POST /v3/events. Safe to retry.
        """
        _require_dry(evaluation)
        body = integration_event_v3_request
        return await self._client.call(TRACK_EVENT_V3, body=body, silent=yes_no(silent), **evaluation)

    async def get_event_v3(self, integration_id: str) -> EventV3:
        """Return an advanced event as it was processed, with its effects as arrays.

        Args:
            integration_id: Your ID of the event, any text.

        Raises:
            NotFoundError: No advanced event has this ID.

        API: ``getEventV3``, GET /v3/events/{integrationId}. Safe to retry.
        """
        return await self._client.call(GET_EVENT_V3, integration_id)


def _require_dry(evaluation: EventEvaluation) -> None:
    """Raise ValueError if what only a dry call may ask for is asked of another one."""
    dry = evaluation.get("dry")
    if evaluation.get("force_complete_evaluation") is True and (dry is None or dry is False):
        raise ValueError("force_complete_evaluation is for dry calls: give dry=True")
