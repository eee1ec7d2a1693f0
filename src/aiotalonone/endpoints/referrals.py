"""Referral codes, for one advocate or many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from aiotalonone.endpoints._base import EndpointGroup, yes_no
from aiotalonone.operation import Operation, RetrySafety

if TYPE_CHECKING:
    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.models import CreatedReferrals, NewReferral, NewReferralsForMultipleAdvocates, Referral

CREATE_REFERRAL: Operation[Referral] = Operation(
    operation_id="createReferral",
    request="POST /v1/referrals",
    success=(201,),
    body="NewReferral",
    result="Referral",
    retry_safety=RetrySafety.UNSAFE,
)
CREATE_REFERRALS_FOR_MULTIPLE_ADVOCATES: Operation[CreatedReferrals | None] = Operation(
    operation_id="createReferralsForMultipleAdvocates",
    request="POST /v1/referrals_for_multiple_advocates",
    query=("silent",),
    success=(201, 204),
    body="NewReferralsForMultipleAdvocates",
    result="CreatedReferrals",
    retry_safety=RetrySafety.UNSAFE,
)


class Referrals(EndpointGroup):
    """Mint referral codes for advocates."""

    __slots__ = ()

    async def create_referral(self, new_referral: NewReferral | JSONObject) -> Referral:
        """Mint a referral code for an advocate, beyond the limits of the campaign on referrals; each call mints one.

        Args:
            new_referral: The campaign, the advocate's integration ID, and the code's constraints.

        Raises:
            BadRequestError: The campaign or the advocate cannot have referrals.

        API: ``createReferral``, POST /v1/referrals. Not safe to retry.
        """
        return await self._client.call(CREATE_REFERRAL, body=new_referral)

    @overload
    async def create_referrals_for_multiple_advocates(
        self,
        new_referrals_for_multiple_advocates: NewReferralsForMultipleAdvocates | JSONObject,
        *,
        silent: Literal[False],
    ) -> CreatedReferrals: ...
    @overload
    async def create_referrals_for_multiple_advocates(
        self,
        new_referrals_for_multiple_advocates: NewReferralsForMultipleAdvocates | JSONObject,
        *,
        silent: bool | None = None,
    ) -> CreatedReferrals | None: ...
    async def create_referrals_for_multiple_advocates(
        self,
        new_referrals_for_multiple_advocates: NewReferralsForMultipleAdvocates | JSONObject,
        *,
        silent: bool | None = None,
    ) -> CreatedReferrals | None:
        """Mint one referral code for each of up to 1000 advocates, and return them.

        Args:
            new_referrals_for_multiple_advocates: The campaign, the advocates' integration IDs, the codes' constraints.
            silent: True returns ``None``, False the referrals; left out, the deployment decides (today's are silent).

        Raises:
            BadRequestError: The campaign or an advocate cannot have referrals.

        API: ``createReferralsForMultipleAdvocates``, POST /v1/referrals_for_multiple_advocates. Not safe to retry.
        """
        body = new_referrals_for_multiple_advocates
        return await self._client.call(CREATE_REFERRALS_FOR_MULTIPLE_ADVOCATES, body=body, silent=yes_no(silent))
