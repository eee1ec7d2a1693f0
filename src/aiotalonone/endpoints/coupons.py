"""Coupon reservations: who may redeem a coupon, and who holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiotalonone.endpoints._group import EndpointGroup
from aiotalonone.operation import Operation, Repeat

if TYPE_CHECKING:
    from aiotalonone.endpoints._group import JSONObject
    from aiotalonone.models import Coupon, CouponReservations, ReservedCustomers

CREATE_COUPON_RESERVATION: Operation[Coupon] = Operation(
    operation_id="createCouponReservation",
    method="POST",
    path="/v1/coupon_reservations/{couponValue}",
    success=(201,),
    body="CouponReservations",
    result="Coupon",
    repeat=Repeat.CONVERGENT,
)
DELETE_COUPON_RESERVATION: Operation[None] = Operation(
    operation_id="deleteCouponReservation",
    method="DELETE",
    path="/v1/coupon_reservations/{couponValue}",
    success=(204,),
    body="CouponReservations",
    repeat=Repeat.CONVERGENT,
)
GET_RESERVED_CUSTOMERS: Operation[ReservedCustomers] = Operation(
    operation_id="getReservedCustomers",
    method="GET",
    path="/v1/coupon_reservations/customerprofiles/{couponValue}",
    success=(200,),
    result="ReservedCustomers",
    repeat=Repeat.READ,
)


class Coupons(EndpointGroup):
    """Reserve coupons for customers, release them, see who holds them."""

    __slots__ = ()

    async def create_coupon_reservation(
        self, coupon_value: str, coupon_reservations: CouponReservations | JSONObject
    ) -> Coupon:
        """Reserve a coupon for the given customers.

        It then shows in their inventories; where its reservation is mandatory, they alone can redeem it.

        Args:
            coupon_value: The coupon's code, any text.
            coupon_reservations: The integration IDs of the customers, at most 1000.

        Returns:
            The coupon as it stands after the reservation.

        Raises:
            NotFoundError: The coupon does not exist.
            TalonOneError: The call failed in another way.
            ValueError: The code is empty or cannot be part of a path; nothing was sent.

        API: ``createCouponReservation``, POST /v1/coupon_reservations/{couponValue}. Safe to repeat.
        """
        return await self._call(CREATE_COUPON_RESERVATION, coupon_value, body=coupon_reservations)

    async def delete_coupon_reservation(
        self, coupon_value: str, coupon_reservations: CouponReservations | JSONObject
    ) -> None:
        """Release a coupon that the given customers hold.

        Args:
            coupon_value: The coupon's code, any text.
            coupon_reservations: The integration IDs of the customers, at most 1000.

        Raises:
            NotFoundError: The coupon does not exist.
            TalonOneError: The call failed in another way.
            ValueError: The code is empty or cannot be part of a path; nothing was sent.

        API: ``deleteCouponReservation``, DELETE /v1/coupon_reservations/{couponValue}. Safe to repeat.
        """
        await self._call(DELETE_COUPON_RESERVATION, coupon_value, body=coupon_reservations)

    async def get_reserved_customers(self, coupon_value: str) -> ReservedCustomers:
        """List the customers who hold a coupon, whether its reservation is mandatory or not.

        Args:
            coupon_value: The coupon's code, any text.

        Returns:
            Their profiles in ``data``, their number in ``total_result_size``.

        Raises:
            NotFoundError: The coupon does not exist.
            TalonOneError: The call failed in another way.
            ValueError: The code is empty or cannot be part of a path; nothing was sent.

        API: ``getReservedCustomers``, GET /v1/coupon_reservations/customerprofiles/{couponValue}. Safe to repeat.
        """
        return await self._call(GET_RESERVED_CUSTOMERS, coupon_value)
