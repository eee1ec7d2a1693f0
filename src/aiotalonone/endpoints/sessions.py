"""Customer sessions: carts evaluated, closed and cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiotalonone.endpoints._group import EndpointGroup, deprecated, warn_deprecated
from aiotalonone.operation import Entity, Operation, RetrySafety

if TYPE_CHECKING:
    from datetime import datetime

    from aiotalonone.endpoints._group import JSONObject
    from aiotalonone.models import IntegrationRequest, IntegrationState, IntegrationStateV2, NewCustomerSession

UPDATE_CUSTOMER_SESSION: Operation[IntegrationState] = Operation(
    operation_id="updateCustomerSession",
    method="PUT",
    path="/v1/customer_sessions/{customerSessionId}",
    query=("dry",),
    success=(200,),
    body="NewCustomerSession",
    result="IntegrationState",
    retry_safety=RetrySafety.UNSAFE,
    entity=Entity.SESSION,
)
UPDATE_CUSTOMER_SESSION_V2: Operation[IntegrationStateV2] = Operation(
    operation_id="updateCustomerSessionV2",
    method="PUT",
    path="/v2/customer_sessions/{customerSessionId}",
    query=("dry", "now"),
    success=(200,),
    body="IntegrationRequest",
    result="IntegrationStateV2",
    retry_safety=RetrySafety.IDEMPOTENCY_KEY,
    entity=Entity.SESSION,
)


class Sessions(EndpointGroup):
    """Customer sessions: carts evaluated, closed and cancelled."""

    __slots__ = ()

    @deprecated("updateCustomerSession (V1) is deprecated: use update_customer_session_v2", category=None)
    async def update_customer_session(
        self,
        customer_session_id: str,
        new_customer_session: NewCustomerSession | JSONObject,
        *,
        dry: bool | None = None,
    ) -> IntegrationState:
        """Create or update a session, by the first version of the endpoint.

        What you leave out keeps its value.

        Args:
            customer_session_id: Your ID of the session, any text.
            new_customer_session: The session's new values; one coupon and one referral at most.
            dry: True evaluates the session and stores nothing.

        Returns:
            The state after the update; its effects stand in ``event.effects``, as arrays.

        Raises:
            BadRequestError: The session cannot change that way, or a value is not accepted.
            ConflictError: Too many requests update this session at once.
            TalonOneError: The call failed in another way; with outcome UNKNOWN a closing may be done.
            ValueError: No path can hold this ID (empty, ``.``, ``..``); nothing was sent.

        API: ``updateCustomerSession``, PUT /v1/customer_sessions/{customerSessionId}. Not safe to repeat if it closes.
        """
        warn_deprecated("updateCustomerSession", use="update_customer_session_v2")
        return await self._call(
            UPDATE_CUSTOMER_SESSION, customer_session_id, query={"dry": dry}, body=new_customer_session
        )

    async def update_customer_session_v2(
        self,
        customer_session_id: str,
        integration_request: IntegrationRequest | JSONObject,
        *,
        dry: bool | None = None,
        now: datetime | None = None,
    ) -> IntegrationStateV2:
        """Create or update a session and evaluate the campaigns for its cart.

        What you leave out keeps its value; the profile is created where it does not exist. Closing the session
        redeems its coupons, cancelling it rolls them back.

        Args:
            customer_session_id: Your ID of the session, any text.
            integration_request: The session's new values, and what the answer is to contain.
            dry: True evaluates the session and stores nothing.
            now: A future moment to evaluate at, with an offset; only with ``dry``.

        Returns:
            The effects to act on, what was created by them, and what ``response_content`` asked for.

        Raises:
            BadRequestError: The session cannot change that way, or a value is not accepted.
            ConflictError: Too many requests update this session at once.
            TalonOneError: The call failed in another way; with outcome UNKNOWN the update may be done.
            ValueError: No path can hold this ID (empty, ``.``, ``..``), or ``now`` comes without ``dry``; nothing was
                sent.

        API: ``updateCustomerSessionV2``, PUT /v2/customer_sessions/{customerSessionId}. Safe to repeat with the same
        idempotency key.
        """
        if now is not None and not dry:
            raise ValueError("now is for dry calls: give dry=True")
        return await self._call(
            UPDATE_CUSTOMER_SESSION_V2,
            customer_session_id,
            query={"dry": dry, "now": now},
            body=integration_request,
        )
