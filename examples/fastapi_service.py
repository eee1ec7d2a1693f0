"""Carts on FastAPI: each change of a cart is priced by Talon.One."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, FastAPI, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from aiotalonone import (
    AcceptCouponEffectProps,
    AsyncIntegrationClient,
    BadRequestError,
    CartItem,
    ConflictError,
    Effect,
    IntegrationRequest,
    NewCustomerSessionV2,
    RateLimitError,
    RejectCouponEffectProps,
    SetDiscountEffectProps,
    TalonOneError,
    TransportTimeoutError,
)

CartID = Annotated[str, Path(pattern=r"^[\w-]+$")]
CouponCode = Annotated[str, Field(max_length=100)]


class Line(BaseModel):
    """Units of one article."""

    sku: str
    quantity: int = Field(ge=1, le=10)
    price: Decimal = Field(ge=0)


class Cart(BaseModel):
    """What a customer is about to buy."""

    customer_id: str
    coupons: list[CouponCode] = []
    lines: list[Line] = Field(max_length=1000)

    @property
    def total(self) -> Decimal:
        """What it costs without discounts."""
        return sum((line.price * line.quantity for line in self.lines), Decimal())


class PricedCart(BaseModel):
    """What it costs, and what became of its coupons."""

    total: Decimal
    discount: Decimal = Decimal()
    accepted: list[str] = []
    rejected: dict[str, str] = {}

    def apply(self, effect: Effect) -> None:
        """Do what an effect asks for."""
        match effect.props:
            case SetDiscountEffectProps(value=value):
                self.discount += Decimal(str(value))
            case AcceptCouponEffectProps(value=code):
                self.accepted.append(code)
            case RejectCouponEffectProps(value=code, rejection_reason=reason):
                self.rejected[code] = reason
            case _:
                pass


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """One client, open as long as the service runs."""
    async with AsyncIntegrationClient.from_env() as client:
        app.state.talon_one = client
        yield


app = FastAPI(title="Carts", lifespan=lifespan)


def talon_one(request: Request) -> AsyncIntegrationClient:
    """The service's client."""
    client: AsyncIntegrationClient = request.app.state.talon_one
    return client


TalonOne = Annotated[AsyncIntegrationClient, Depends(talon_one)]


@app.put("/carts/{cart_id}")
async def put_cart(cart_id: CartID, cart: Cart, client: TalonOne) -> PricedCart:
    """Price the cart as it is now."""
    session = NewCustomerSessionV2(
        profile_id=cart.customer_id,
        coupon_codes=cart.coupons,
        cart_items=[CartItem(sku=line.sku, quantity=line.quantity, price=line.price) for line in cart.lines],
    )
    state = await client.sessions.update_customer_session_v2(cart_id, IntegrationRequest(customer_session=session))
    priced = PricedCart(total=cart.total)
    for effect in state.effects:
        priced.apply(effect)
    return priced


@app.exception_handler(TalonOneError)
async def explain(_: Request, error: TalonOneError) -> JSONResponse:
    """Map an error to an HTTP response; the error's one line contains no personal data and no key."""
    return JSONResponse({"detail": str(error)}, status_code=status_of(error))


def status_of(error: TalonOneError) -> int:
    """What an error means to a caller of this service."""
    match error:
        case BadRequestError():
            return 422
        case ConflictError() | RateLimitError():
            return 503
        case TransportTimeoutError():
            return 504
        case _:
            return 502
