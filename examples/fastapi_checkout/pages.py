"""The pages of the shop, and what they show while Talon.One fails."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, FastAPI, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates

from aiotalonone import AsyncIntegrationClient, CircuitBreaker, Outcome, TalonOneError
from aiotalonone.fastapi import TalonOne, lifespan, request_deadline
from aiotalonone.pricing import PricedCart
from aiotalonone.web import error_response

from .shop import GOODS, buy_cart, discounts_by_name, price_cart, price_without_discounts

REJECTED = "This cart cannot be changed: perhaps it is bought already."
UNKNOWN = "We do not know yet whether this cart is bought. Try again: nothing is bought twice."
NO_DISCOUNTS = "There are no discounts at the moment."

create_client = partial(AsyncIntegrationClient.from_env, circuit_breaker=CircuitBreaker())
router = APIRouter(dependencies=[Depends(request_deadline(3.0))])
templates = Jinja2Templates(Path(__file__).parent / "templates")


def cents(amount: Decimal) -> str:
    """An amount as the customer reads it."""
    return f"{amount:.2f}"


filters: dict[str, Any] = templates.env.filters
filters |= {"cents": cents, "by_name": discounts_by_name}


@router.get("/")
async def start() -> RedirectResponse:
    """Give the customer a cart."""
    return RedirectResponse(f"/carts/{uuid4()}", 303)


@router.get("/carts/{cart}")
async def show(request: Request, cart: UUID, client: TalonOne) -> Response:
    """Show what the cart costs now."""
    return cart_page(request, cart, await price_cart(client, cart))


@router.post("/carts/{cart}/coupon")
async def enter_coupon(
    request: Request, cart: UUID, client: TalonOne, code: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Put a code into the cart, in place of the one before; an empty one removes it."""
    return cart_page(request, cart, await price_cart(client, cart, [code] if code else []))


@router.post("/carts/{cart}/buy")
async def buy(
    request: Request, cart: UUID, client: TalonOne, *, without_discounts: Annotated[bool, Form()] = False
) -> Response:
    """Sell the cart; without discounts only if the customer has agreed to it."""
    bought = await buy_cart(client, cart)
    if bought is None and not without_discounts:
        return cart_page(request, cart, None)
    return page(request, "bought.html", cart=cart, priced=bought or price_without_discounts())


async def sorry(request: Request, error: TalonOneError) -> Response:
    """Tell the customer what has happened, without a word of the error."""
    is_rejected = error.outcome is Outcome.REJECTED
    again = None if is_rejected or not request.url.path.endswith("/buy") else request.url.path
    text = REJECTED if is_rejected else UNKNOWN
    return page(request, "sorry.html", error_response(error).status, text=text, again=again)


def cart_page(request: Request, cart: UUID, priced: PricedCart | None) -> Response:
    """The cart with its discounts, or without."""
    notice = "" if priced else NO_DISCOUNTS
    return page(request, "cart.html", cart=cart, priced=priced or price_without_discounts(), notice=notice)


def page(request: Request, template: str, status: int = 200, **values: object) -> Response:
    """A page of HTML."""
    return templates.TemplateResponse(request, template, {"goods": GOODS, **values}, status_code=status)


def make_app(life: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    """The shop, with what it opens and closes."""
    made = FastAPI(title="Checkout", lifespan=life)
    made.include_router(router)
    made.exception_handler(TalonOneError)(sorry)
    return made


app = make_app(lifespan(create_client))
