"""Card-based loyalty programs: cards and their customers, balances, transactions and points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiotalonone.endpoints._base import EndpointGroup
from aiotalonone.endpoints._paging import iterates
from aiotalonone.operation import Operation, RetrySafety

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Unpack

    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.endpoints._queries import LoyaltyPoints, LoyaltyTransactions
    from aiotalonone.models import (
        GenerateLoyaltyCard,
        LoyaltyCard,
        LoyaltyCardBalances,
        LoyaltyCardPoints,
        LoyaltyCardRegistration,
        LoyaltyCardTransactions,
    )

LINK_LOYALTY_CARD_TO_PROFILE: Operation[LoyaltyCard] = Operation(
    operation_id="linkLoyaltyCardToProfile",
    request="POST /v2/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/link_profile",
    success=(200,),
    body="LoyaltyCardRegistration",
    result="LoyaltyCard",
    retry_safety=RetrySafety.IDEMPOTENT,
)
UNLINK_LOYALTY_CARD_FROM_PROFILE: Operation[LoyaltyCard] = Operation(
    operation_id="unlinkLoyaltyCardFromProfile",
    request="POST /v2/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/unlink_profile",
    success=(200,),
    body="LoyaltyCardRegistration",
    result="LoyaltyCard",
    retry_safety=RetrySafety.IDEMPOTENT,
)
GET_LOYALTY_CARD_BALANCES: Operation[LoyaltyCardBalances] = Operation(
    operation_id="getLoyaltyCardBalances",
    request="GET /v1/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/balances",
    query=("endDate", "subledgerId"),
    repeated=("subledgerId",),
    success=(200,),
    result="LoyaltyCardBalances",
    retry_safety=RetrySafety.SAFE,
)
GET_LOYALTY_CARD_TRANSACTIONS: Operation[LoyaltyCardTransactions] = Operation(
    operation_id="getLoyaltyCardTransactions",
    request="GET /v1/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/transactions",
    query=(
        *("subledgerId", "loyaltyTransactionType", "startDate", "endDate", "customerSessionIDs"),
        *("transactionUUIDs", "pageSize", "skip", "awaitsActivation"),
    ),
    repeated=("subledgerId", "customerSessionIDs", "transactionUUIDs"),
    success=(200,),
    result="LoyaltyCardTransactions",
    retry_safety=RetrySafety.SAFE,
)
GET_LOYALTY_CARD_POINTS: Operation[LoyaltyCardPoints] = Operation(
    operation_id="getLoyaltyCardPoints",
    request="GET /v1/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/points",
    query=("status", "subledgerId", "customerSessionIDs", "transactionUUIDs", "pageSize", "skip", "sort"),
    repeated=("subledgerId", "customerSessionIDs", "transactionUUIDs"),
    success=(200,),
    result="LoyaltyCardPoints",
    retry_safety=RetrySafety.SAFE,
)
GENERATE_LOYALTY_CARD: Operation[LoyaltyCard] = Operation(
    operation_id="generateLoyaltyCard",
    request="POST /v1/loyalty_programs/{loyaltyProgramId}/cards",
    success=(200,),
    body="GenerateLoyaltyCard",
    result="LoyaltyCard",
    retry_safety=RetrySafety.UNSAFE,
)


class LoyaltyCards(EndpointGroup):
    """Loyalty cards: made, linked to customers and unlinked; their balances, transactions and points.

    ``loyalty_program_id`` is the ID of a card-based program, ``loyalty_card_id`` the identifier of a card: 4 to 108
    characters, else ValueError is raised and nothing is sent.

    The API does not say what it makes of linking a customer twice, or of unlinking one who is not linked. If it rejects
    a retry, the outcome of the error is UNKNOWN: the balances of the card name the customers that are linked to it.
    """

    __slots__ = ()

    async def link_loyalty_card_to_profile(
        self,
        loyalty_program_id: int,
        loyalty_card_id: str,
        loyalty_card_registration: LoyaltyCardRegistration | JSONObject,
    ) -> LoyaltyCard:
        """Link a customer profile to a card, which is then registered; return the card.

        Args:
            loyalty_program_id: ID of the program.
            loyalty_card_id: Identifier of the card.
            loyalty_card_registration: Integration ID of the customer.

        Raises:
            BadRequestError: The card has as many profiles as the program allows, or cannot be used.
            NotFoundError: The program, the card or the customer does not exist.

        API: ``linkLoyaltyCardToProfile``, POST
        /v2/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/link_profile. Safe to retry.
        """
        operation, body = LINK_LOYALTY_CARD_TO_PROFILE, loyalty_card_registration
        return await self._client.call(operation, loyalty_program_id, loyalty_card_id, body=body)

    async def unlink_loyalty_card_from_profile(
        self,
        loyalty_program_id: int,
        loyalty_card_id: str,
        loyalty_card_registration: LoyaltyCardRegistration | JSONObject,
    ) -> LoyaltyCard:
        """Unlink a customer profile from a card, and return the card.

        Args:
            loyalty_program_id: ID of the program.
            loyalty_card_id: Identifier of the card.
            loyalty_card_registration: Integration ID of the customer.

        Raises:
            BadRequestError: The card cannot be used.
            NotFoundError: The program, the card or the customer does not exist.

        API: ``unlinkLoyaltyCardFromProfile``, POST
        /v2/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/unlink_profile. Safe to retry.
        """
        operation, body = UNLINK_LOYALTY_CARD_FROM_PROFILE, loyalty_card_registration
        return await self._client.call(operation, loyalty_program_id, loyalty_card_id, body=body)

    async def get_loyalty_card_balances(
        self,
        loyalty_program_id: int,
        loyalty_card_id: str,
        *,
        end_date: datetime | None = None,
        subledger_id: Sequence[str] | None = None,
    ) -> LoyaltyCardBalances:
        """Return the points on a card, in the main ledger and by subledger, and the customers linked to it.

        Args:
            loyalty_program_id: ID of the program.
            loyalty_card_id: Identifier of the card.
            end_date: When the balances are to be told, in the past or in the future; by default now.
            subledger_id: The subledgers to return.

        Raises:
            BadRequestError: A value is invalid, or the program is profile-based.
            NotFoundError: The program or the card does not exist.

        API: ``getLoyaltyCardBalances``, GET /v1/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/balances.
        Safe to retry.
        """
        operation, ids = GET_LOYALTY_CARD_BALANCES, (loyalty_program_id, loyalty_card_id)
        return await self._client.call(operation, *ids, end_date=end_date, subledger_id=subledger_id)

    async def get_loyalty_card_transactions(
        self,
        loyalty_program_id: int,
        loyalty_card_id: str,
        *,
        subledger_id: Sequence[str] | None = None,
        **query: Unpack[LoyaltyTransactions],
    ) -> LoyaltyCardTransactions:
        """Return a page of a card's transactions; without filters these are the last 50.

        Args:
            loyalty_program_id: ID of the program.
            loyalty_card_id: Identifier of the card.
            subledger_id: The subledgers whose transactions to return.
            **query: Which transactions, and which page of them.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The program or the card does not exist.

        API: ``getLoyaltyCardTransactions``, GET
        /v1/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/transactions. Safe to retry.
        """
        operation, ids = GET_LOYALTY_CARD_TRANSACTIONS, (loyalty_program_id, loyalty_card_id)
        return await self._client.call(operation, *ids, subledger_id=subledger_id, **query)

    iter_loyalty_card_transactions: Final = iterates(GET_LOYALTY_CARD_TRANSACTIONS, get_loyalty_card_transactions)

    async def get_loyalty_card_points(
        self, loyalty_program_id: int, loyalty_card_id: str, **query: Unpack[LoyaltyPoints]
    ) -> LoyaltyCardPoints:
        """Return a page of the points on a card that were not spent, each with its start and its expiry.

        Args:
            loyalty_program_id: ID of the program.
            loyalty_card_id: Identifier of the card.
            **query: Which points, sorted by what, and which page of them.

        Raises:
            BadRequestError: A value is invalid.
            NotFoundError: The program or the card does not exist.

        API: ``getLoyaltyCardPoints``, GET /v1/loyalty_programs/{loyaltyProgramId}/cards/{loyaltyCardId}/points. Safe to
        retry.
        """
        return await self._client.call(GET_LOYALTY_CARD_POINTS, loyalty_program_id, loyalty_card_id, **query)

    iter_loyalty_card_points: Final = iterates(GET_LOYALTY_CARD_POINTS, get_loyalty_card_points)

    async def generate_loyalty_card(
        self, loyalty_program_id: int, generate_loyalty_card: GenerateLoyaltyCard | JSONObject
    ) -> LoyaltyCard:
        """Make a loyalty card, and return it.

        Args:
            loyalty_program_id: ID of the program.
            generate_loyalty_card: The card's status, the customers to link to it, and its identifier if you choose it.

        Raises:
            BadRequestError: The program does not exist or has no cards, the identifier is taken, or there are more
                customers than the program allows for one card.

        API: ``generateLoyaltyCard``, POST /v1/loyalty_programs/{loyaltyProgramId}/cards. Not safe to retry.
        """
        return await self._client.call(GENERATE_LOYALTY_CARD, loyalty_program_id, body=generate_loyalty_card)
