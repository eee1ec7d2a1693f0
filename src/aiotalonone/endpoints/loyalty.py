"""Profile-based loyalty programs: balances, transactions, points, and members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiotalonone.endpoints._base import EndpointGroup
from aiotalonone.endpoints._paging import iterates
from aiotalonone.operation import Operation, RetrySafety

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Unpack

    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.endpoints._queries import LoyaltyPoints, LoyaltyTransactions
    from aiotalonone.models import (
        ActivateLoyaltyPoints,
        ActivateLoyaltyPointsResponse,
        DeleteLoyaltyTransactionsRequest,
        LoyaltyBalancesWithTiers,
        LoyaltyProgramProfilePoints,
        LoyaltyProgramProfileTransactions,
    )

GET_LOYALTY_BALANCES: Operation[LoyaltyBalancesWithTiers] = Operation(
    operation_id="getLoyaltyBalances",
    request="GET /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/balances",
    query=("endDate", "subledgerId", "includeTiers", "includeProjectedTier"),
    success=(200,),
    result="LoyaltyBalancesWithTiers",
    retry_safety=RetrySafety.SAFE,
)
GET_LOYALTY_PROGRAM_PROFILE_TRANSACTIONS: Operation[LoyaltyProgramProfileTransactions] = Operation(
    operation_id="getLoyaltyProgramProfileTransactions",
    request="GET /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/transactions",
    query=(
        *("customerSessionIDs", "transactionUUIDs", "subledgerId", "loyaltyTransactionType"),
        *("startDate", "endDate", "pageSize", "skip", "awaitsActivation"),
    ),
    repeated=("customerSessionIDs", "transactionUUIDs"),
    success=(200,),
    result="LoyaltyProgramProfileTransactions",
    retry_safety=RetrySafety.SAFE,
)
GET_LOYALTY_PROGRAM_PROFILE_POINTS: Operation[LoyaltyProgramProfilePoints] = Operation(
    operation_id="getLoyaltyProgramProfilePoints",
    request="GET /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/points",
    query=("status", "subledgerId", "customerSessionIDs", "transactionUUIDs", "pageSize", "skip", "sort"),
    repeated=("subledgerId", "customerSessionIDs", "transactionUUIDs"),
    success=(200,),
    result="LoyaltyProgramProfilePoints",
    retry_safety=RetrySafety.SAFE,
)
ACTIVATE_LOYALTY_POINTS: Operation[ActivateLoyaltyPointsResponse] = Operation(
    operation_id="activateLoyaltyPoints",
    request="POST /v1/loyalty_programs/{loyaltyProgramId}/activate_points",
    success=(200,),
    body="ActivateLoyaltyPoints",
    result="ActivateLoyaltyPointsResponse",
    retry_safety=RetrySafety.UNSAFE,
)
DELETE_LOYALTY_TRANSACTIONS_FROM_LEDGERS: Operation[None] = Operation(
    operation_id="deleteLoyaltyTransactionsFromLedgers",
    request="POST /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/delete_transactions",
    success=(204,),
    body="DeleteLoyaltyTransactionsRequest",
    retry_safety=RetrySafety.UNSAFE,
)
JOIN_LOYALTY_PROGRAM: Operation[None] = Operation(
    operation_id="joinLoyaltyProgram",
    request="POST /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/join",
    success=(200,),
    retry_safety=RetrySafety.UNSAFE,
)


class Loyalty(EndpointGroup):
    """Customers in loyalty programs: balances, transactions, points and joining.

    ``loyalty_program_id`` is the ID of a profile-based program, ``integration_id`` your ID of the customer, any text.
    Activating points works for card-based programs as well.
    """

    __slots__ = ()

    async def get_loyalty_balances(
        self,
        loyalty_program_id: int,
        integration_id: str,
        *,
        end_date: datetime | None = None,
        subledger_id: str | None = None,
        include_tiers: bool | None = None,
        include_projected_tier: bool | None = None,
    ) -> LoyaltyBalancesWithTiers:
        """Return a customer's points in a program, in the main ledger and by subledger.

        Args:
            loyalty_program_id: ID of the program.
            integration_id: Your ID of the customer.
            end_date: When the balances are to be told, in the past or in the future; by default now.
            subledger_id: The one subledger to return.
            include_tiers: True for the current tier and what is missing to the next.
            include_projected_tier: True for the tier after the current one; the API is faster with a ``subledger_id``.

        Raises:
            BadRequestError: A value is invalid, or the program is card-based.
            NotFoundError: The program or the customer does not exist.

        API: ``getLoyaltyBalances``, GET /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/balances. Safe
        to retry.
        """
        return await self._client.call(
            GET_LOYALTY_BALANCES,
            loyalty_program_id,
            integration_id,
            end_date=end_date,
            subledger_id=subledger_id,
            include_tiers=include_tiers,
            include_projected_tier=include_projected_tier,
        )

    async def get_loyalty_program_profile_transactions(
        self,
        loyalty_program_id: int,
        integration_id: str,
        *,
        subledger_id: str | None = None,
        **query: Unpack[LoyaltyTransactions],
    ) -> LoyaltyProgramProfileTransactions:
        """Return a page of a customer's transactions in a program; without filters these are the last 50.

        Args:
            loyalty_program_id: ID of the program.
            integration_id: Your ID of the customer.
            subledger_id: The one subledger whose transactions to return.
            **query: Which transactions, and which page of them.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The program or the customer does not exist.

        API: ``getLoyaltyProgramProfileTransactions``, GET
        /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/transactions. Safe to retry.
        """
        operation, ids = GET_LOYALTY_PROGRAM_PROFILE_TRANSACTIONS, (loyalty_program_id, integration_id)
        return await self._client.call(operation, *ids, subledger_id=subledger_id, **query)

    iter_loyalty_program_profile_transactions: Final = iterates(
        GET_LOYALTY_PROGRAM_PROFILE_TRANSACTIONS, get_loyalty_program_profile_transactions
    )

    async def get_loyalty_program_profile_points(
        self, loyalty_program_id: int, integration_id: str, **query: Unpack[LoyaltyPoints]
    ) -> LoyaltyProgramProfilePoints:
        """Return a page of the points that a customer has not spent, each with its start and its expiry.

        Args:
            loyalty_program_id: ID of the program.
            integration_id: Your ID of the customer.
            **query: Which points, sorted by what, and which page of them.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The program or the customer does not exist.

        API: ``getLoyaltyProgramProfilePoints``, GET
        /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/points. Safe to retry.
        """
        operation = GET_LOYALTY_PROGRAM_PROFILE_POINTS
        return await self._client.call(operation, loyalty_program_id, integration_id, **query)

    iter_loyalty_program_profile_points: Final = iterates(
        GET_LOYALTY_PROGRAM_PROFILE_POINTS, get_loyalty_program_profile_points
    )

    async def activate_loyalty_points(
        self, loyalty_program_id: int, activate_loyalty_points: ActivateLoyaltyPoints | JSONObject
    ) -> ActivateLoyaltyPointsResponse:
        """Activate pending points, those of a customer session or those of some transactions.

        Args:
            loyalty_program_id: ID of the program, profile-based or card-based.
            activate_loyalty_points: Either the session or the transactions.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The program, the session or a transaction does not exist.

        API: ``activateLoyaltyPoints``, POST /v1/loyalty_programs/{loyaltyProgramId}/activate_points. Not safe to retry.
        """
        return await self._client.call(ACTIVATE_LOYALTY_POINTS, loyalty_program_id, body=activate_loyalty_points)

    async def delete_loyalty_transactions_from_ledgers(
        self,
        loyalty_program_id: int,
        integration_id: str,
        delete_loyalty_transactions_request: DeleteLoyaltyTransactionsRequest | JSONObject,
    ) -> None:
        """Delete all transactions of a customer, and with them the points, from all or some ledgers of a program.

        Args:
            loyalty_program_id: ID of the program.
            integration_id: Your ID of the customer.
            delete_loyalty_transactions_request: From which ledgers.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The program or the customer does not exist.

        API: ``deleteLoyaltyTransactionsFromLedgers``, POST
        /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/delete_transactions. Not safe to retry.
        """
        operation, body = DELETE_LOYALTY_TRANSACTIONS_FROM_LEDGERS, delete_loyalty_transactions_request
        await self._client.call(operation, loyalty_program_id, integration_id, body=body)

    async def join_loyalty_program(self, loyalty_program_id: int, integration_id: str) -> None:
        """Make a customer a member of a program; an unknown customer is created.

        If the outcome of a call is UNKNOWN and a second one is rejected, the first has worked: the ``join_date`` of the
        program in the customer's inventory tells.

        Args:
            loyalty_program_id: ID of the program.
            integration_id: Your ID of the customer.

        Raises:
            BadRequestError: The customer is a member already, or the program is card-based.
            NotFoundError: The program does not exist.

        API: ``joinLoyaltyProgram``, POST /v1/loyalty_programs/{loyaltyProgramId}/profile/{integrationId}/join. Not safe
        to retry.
        """
        await self._client.call(JOIN_LOYALTY_PROGRAM, loyalty_program_id, integration_id)
