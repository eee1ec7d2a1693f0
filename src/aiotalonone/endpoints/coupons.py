"""Reservations of coupons: made, released, listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiotalonone.endpoints._base import EndpointGroup
from aiotalonone.operation import Operation, RetrySafety

if TYPE_CHECKING:
    from aiotalonone.endpoints._base import JSONObject
    from aiotalonone.models import Coupon, CouponReservations, ReservedCustomers

CREATE_COUPON_RESERVATION: Operation[Coupon] = Operation(
    operation_id="createCouponReservation",
    request="POST /v1/coupon_reservations/{couponValue}",
    success=(201,),
    body="CouponReservations",
    result="Coupon",
    retry_safety=RetrySafety.IDEMPOTENT,
)
DELETE_COUPON_RESERVATION: Operation[None] = Operation(
    operation_id="deleteCouponReservation",
    request="DELETE /v1/coupon_reservations/{couponValue}",
    success=(204,),
    body="CouponReservations",
    retry_safety=RetrySafety.IDEMPOTENT,
)
GET_RESERVED_CUSTOMERS: Operation[ReservedCustomers] = Operation(
    operation_id="getReservedCustomers",
    request="GET /v1/coupon_reservations/customerprofiles/{couponValue}",
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
        """Reserve a coupon for customers, in whose inventories it then is; return it with its reservations counted.

        Any customer may still redeem it, unless its reservation is mandatory: then only those who have one.

        Args:
            coupon_value: Code of the coupon, any text.
            coupon_reservations: Integration IDs of the customers, at most 1000.

        Raises:
            NotFoundError: No coupon has this code.

        API: ``createCouponReservation``, POST /v1/coupon_reservations/{couponValue}. Safe to retry.
        """
        return await self._client.call(CREATE_COUPON_RESERVATION, coupon_value, body=coupon_reservations)

    async def delete_coupon_reservation(
        self, coupon_value: str, coupon_reservations: CouponReservations | JSONObject
    ) -> None:
        """Release a coupon from the inventories of customers.

        Args:
            coupon_value: Code of the coupon, any text.
            coupon_reservations: Integration IDs of the customers, at most 1000.

        Raises:
            NotFoundError: No coupon has this code.

        API: ``deleteCouponReservation``, DELETE /v1/coupon_reservations/{couponValue}. Safe to retry.
        """
        await self._client.call(DELETE_COUPON_RESERVATION, coupon_value, body=coupon_reservations)

    async def get_reserved_customers(self, coupon_value: str) -> ReservedCustomers:
        """Return the profiles of the customers who have reserved a coupon, and their number.

        Args:
            coupon_value: Code of the coupon, any text.

        Raises:
            NotFoundError: No coupon has this code.

        API: ``getReservedCustomers``, GET /v1/coupon_reservations/customerprofiles/{couponValue}. Safe to retry.
        """
        return await self._client.call(GET_RESERVED_CUSTOMERS, coupon_value)
