"""Reservations of coupons: made, released, listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiotalonone.endpoints._group import EndpointGroup
from aiotalonone.operation import Operation, RetrySafety

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
    retry_safety=RetrySafety.IDEMPOTENT,
)
DELETE_COUPON_RESERVATION: Operation[None] = Operation(
    operation_id="deleteCouponReservation",
    method="DELETE",
    path="/v1/coupon_reservations/{couponValue}",
    success=(204,),
    body="CouponReservations",
    retry_safety=RetrySafety.IDEMPOTENT,
)
GET_RESERVED_CUSTOMERS: Operation[ReservedCustomers] = Operation(
    operation_id="getReservedCustomers",
    method="GET",
    path="/v1/coupon_reservations/customerprofiles/{couponValue}",
    success=(200,),
    result="ReservedCustomers",
    retry_safety=RetrySafety.SAFE,
)


class Coupons(EndpointGroup):
    """Reservations of coupons for customers."""

    __slots__ = ()

    async def create_coupon_reservation(
        self, coupon_value: str, coupon_reservations: CouponReservations | JSONObject
    ) -> Coupon:
        """Put a coupon into customers' inventories.

        Anyone may still redeem it, unless the coupon demands a reservation: then only those who have one.

        Args:
            coupon_value: Its code, with whatever characters.
            coupon_reservations: Whose inventories: 1000 integration IDs at most.

        Returns:
            The coupon, with its reservations counted.

        Raises:
            NotFoundError: No coupon has this code.
            TalonOneError: The call failed in another way.
            ValueError: No path can hold this code (empty, ``.``, ``..``); nothing was sent.

        API: ``createCouponReservation``, POST /v1/coupon_reservations/{couponValue}. Safe to repeat.
        """
        return await self._call(CREATE_COUPON_RESERVATION, coupon_value, body=coupon_reservations)

    async def delete_coupon_reservation(
        self, coupon_value: str, coupon_reservations: CouponReservations | JSONObject
    ) -> None:
        """Take a coupon out of customers' inventories.

        Args:
            coupon_value: Its code, with whatever characters.
            coupon_reservations: Whose inventories: 1000 integration IDs at most.

        Raises:
            NotFoundError: No coupon has this code.
            TalonOneError: The call failed in another way.
            ValueError: No path can hold this code (empty, ``.``, ``..``); nothing was sent.

        API: ``deleteCouponReservation``, DELETE /v1/coupon_reservations/{couponValue}. Safe to repeat.
        """
        await self._call(DELETE_COUPON_RESERVATION, coupon_value, body=coupon_reservations)

    async def get_reserved_customers(self, coupon_value: str) -> ReservedCustomers:
        """List the customers who hold a coupon, whether its reservation is mandatory or not.

        Args:
            coupon_value: Its code, with whatever characters.

        Returns:
            Their profiles in ``data``, their number in ``total_result_size``.

        Raises:
            NotFoundError: No coupon has this code.
            TalonOneError: The call failed in another way.
            ValueError: No path can hold this code (empty, ``.``, ``..``); nothing was sent.

        API: ``getReservedCustomers``, GET /v1/coupon_reservations/customerprofiles/{couponValue}. Safe to repeat.
        """
        return await self._call(GET_RESERVED_CUSTOMERS, coupon_value)
