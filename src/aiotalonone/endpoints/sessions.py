"""Customer sessions: carts evaluated, closed, cancelled, returned and reopened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiotalonone.endpoints._base import EndpointGroup, deprecated, warn_deprecated
from aiotalonone.operation import Entity, Operation, RetrySafety

if TYPE_CHECKING:
    from datetime import datetime

    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.models import (
        IntegrationCustomerSessionResponse,
        IntegrationRequest,
        IntegrationState,
        IntegrationStateV2,
        NewCustomerSession,
        ReopenSessionResponse,
        ReturnIntegrationRequest,
    )

UPDATE_CUSTOMER_SESSION: Operation[IntegrationState] = Operation(
    operation_id="updateCustomerSession",
    request="PUT /v1/customer_sessions/{customerSessionId}",
    query=("dry",),
    success=(200,),
    body="NewCustomerSession",
    result="IntegrationState",
    retry_safety=RetrySafety.UNSAFE,
    entity=Entity.SESSION,
)
UPDATE_CUSTOMER_SESSION_V2: Operation[IntegrationStateV2] = Operation(
    operation_id="updateCustomerSessionV2",
    request="PUT /v2/customer_sessions/{customerSessionId}",
    query=("dry", "now"),
    success=(200,),
    body="IntegrationRequest",
    result="IntegrationStateV2",
    retry_safety=RetrySafety.IDEMPOTENCY_KEY,
    entity=Entity.SESSION,
)
GET_CUSTOMER_SESSION: Operation[IntegrationCustomerSessionResponse] = Operation(
    operation_id="getCustomerSession",
    request="GET /v2/customer_sessions/{customerSessionId}",
    success=(200,),
    result="IntegrationCustomerSessionResponse",
    retry_safety=RetrySafety.SAFE,
)
RETURN_CART_ITEMS: Operation[IntegrationStateV2] = Operation(
    operation_id="returnCartItems",
    request="POST /v2/customer_sessions/{customerSessionId}/returns",
    query=("dry", "runRuleEngine"),
    success=(200,),
    body="ReturnIntegrationRequest",
    result="IntegrationStateV2",
    retry_safety=RetrySafety.IDEMPOTENCY_KEY,
    entity=Entity.SESSION,
)
REOPEN_CUSTOMER_SESSION: Operation[ReopenSessionResponse] = Operation(
    operation_id="reopenCustomerSession",
    request="PUT /v2/customer_sessions/{customerSessionId}/reopen",
    success=(200,),
    result="ReopenSessionResponse",
    retry_safety=RetrySafety.IDEMPOTENCY_KEY,
    entity=Entity.SESSION,
)


class Sessions(EndpointGroup):
    """Customer sessions: carts evaluated, closed, cancelled, returned and reopened."""

    __slots__ = ()

    @deprecated("updateCustomerSession (V1) is deprecated: use update_customer_session_v2", category=None)
    async def update_customer_session(
        self,
        customer_session_id: str,
        new_customer_session: NewCustomerSession | JSONObject,
        *,
        dry: bool | None = None,
    ) -> IntegrationState:
        """Create or update a session by V1, and return the state with ``event.effects`` as arrays.

        Args:
            customer_session_id: Your ID of the session, any text.
            new_customer_session: At most one coupon and one referral; what you leave out keeps its value.
            dry: True evaluates the session and stores nothing.

        Raises:
            BadRequestError: The session cannot change that way, or a value is not accepted.

        API: ``updateCustomerSession``, PUT /v1/customer_sessions/{customerSessionId}. Not safe to retry, unless dry.
        """
        warn_deprecated("updateCustomerSession", use="update_customer_session_v2")
        return await self._client.call(UPDATE_CUSTOMER_SESSION, customer_session_id, body=new_customer_session, dry=dry)

    async def update_customer_session_v2(
        self,
        customer_session_id: str,
        integration_request: IntegrationRequest | JSONObject,
        *,
        dry: bool | None = None,
        now: datetime | None = None,
    ) -> IntegrationStateV2:
        """Create or update a session, evaluate the campaigns for its cart, and return the effects to act on.

        What you leave out keeps its value. Closing redeems the coupons, cancelling rolls them back.

        Args:
            customer_session_id: Your ID of the session, any text.
            integration_request: The session's new values, and what the response is to contain. A profile that does not
                exist is created.
            dry: True evaluates the session and stores nothing.
            now: A future moment to evaluate at, with an offset; only with ``dry``.

        Raises:
            BadRequestError: The session cannot change that way, or a value is not accepted.
            ValueError: ``now`` without ``dry``.

        API: ``updateCustomerSessionV2``, PUT /v2/customer_sessions/{customerSessionId}. Safe to retry with its key.
        """
        if now is not None and (dry is None or dry is False):
            raise ValueError("now is for dry calls: give dry=True")
        return await self._client.call(
            UPDATE_CUSTOMER_SESSION_V2, customer_session_id, body=integration_request, dry=dry, now=now
        )

    async def get_customer_session(self, customer_session_id: str) -> IntegrationCustomerSessionResponse:
        """Return a session with the effects that are valid now; what was rolled back is not among them.

        Args:
            customer_session_id: Your ID of the session, any text.

        Raises:
            BadRequestError: The session does not exist; the API documents no 404 here, so be prepared for
                NotFoundError as well.

        API: ``getCustomerSession``, GET /v2/customer_sessions/{customerSessionId}. Safe to retry.
        """
        return await self._client.call(GET_CUSTOMER_SESSION, customer_session_id)

    async def return_cart_items(
        self,
        customer_session_id: str,
        return_integration_request: ReturnIntegrationRequest | JSONObject,
        *,
        dry: bool | None = None,
        run_rule_engine: bool | None = None,
    ) -> IntegrationStateV2:
        """Return units of a closed session, which becomes ``partially_returned``, and roll back the effects on them.

        Points that the units earned are rolled back as the loyalty program's return policy says.

        Args:
            customer_session_id: Your ID of the session, any text.
            return_integration_request: The units that come back, and what the response is to contain.
            dry: True evaluates the return and stores nothing.
            run_rule_engine: True evaluates what is left of the session again, for the campaigns that are set to be
                re-evaluated on returns and had an effect when the session was closed.

        Raises:
            BadRequestError: The session does not exist, is neither closed nor partially returned, or has fewer units
                left of a line.

        API: ``returnCartItems``, POST /v2/customer_sessions/{customerSessionId}/returns. Safe to retry with its key.
        """
        return await self._client.call(
            RETURN_CART_ITEMS,
            customer_session_id,
            body=return_integration_request,
            dry=dry,
            run_rule_engine=run_rule_engine,
        )

    async def reopen_customer_session(self, customer_session_id: str) -> ReopenSessionResponse:
        """Reopen a closed session, and return the effects that roll back what it was given.

        Codes can be redeemed again, points go back. Free items, giveaways, created coupons and referrals, coupon
        reservations, custom effects and changed attributes stay.

        Args:
            customer_session_id: Your ID of the session, any text.

        Raises:
            BadRequestError: The session does not exist, or is not closed.

        API: ``reopenCustomerSession``, PUT /v2/customer_sessions/{customerSessionId}/reopen. Safe to retry with its
        key.
        """
        return await self._client.call(REOPEN_CUSTOMER_SESSION, customer_session_id)
