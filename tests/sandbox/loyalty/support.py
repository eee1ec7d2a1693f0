"""A shop with loyalty programs, and shortcuts for its points."""

from typing import Any

from tests.sandbox.support import Shop, rule

CLUB, CARDS = 5, 6
BOUGHT = {"type": "cartHasItem", "skus": ["tea"]}


def program(**members: Any) -> dict[str, Any]:
    """Return the entry of a program in a campaign file."""
    return {"id": CLUB, "name": "club", "title": "The club", **members}


def shop_file(*effects: dict[str, Any], assumptions: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """Return a campaign file with a club, a program of cards, and a rule with these effects on carts with tea."""
    cards = {"id": CARDS, "name": "cards", "cardBased": True, "allowSubledger": True}
    return {
        "loyaltyPrograms": [program(**members), cards],
        "campaigns": [{"id": 1, "name": "One", "rules": [rule([BOUGHT], *effects)]}],
        "assumptions": assumptions or {},
    }


def add(value: float, **members: Any) -> dict[str, Any]:
    """Return an effect that adds points."""
    return {"type": "addLoyaltyPoints", "programId": CLUB, "value": value, **members}


def deduct(value: float, **members: Any) -> dict[str, Any]:
    """Return an effect that spends points."""
    return {"type": "deductLoyaltyPoints", "programId": CLUB, "value": value, **members}


async def buy(shop: Shop, session_id: str = "s", quantity: int = 1, **session: Any) -> Any:
    """Close a session with tea, and return the response."""
    cart = [{"sku": "tea", "quantity": quantity, "price": 4}]
    return await shop.put_session(session_id, **{"profileId": "ada", "state": "closed", "cartItems": cart, **session})


async def get(shop: Shop, what: str, owner: str = "ada", program_id: int = CLUB, **query: Any) -> Any:
    """Read balances, transactions or points of a customer, or of a card."""
    kind = "cards" if program_id == CARDS else "profile"
    path = f"/v1/loyalty_programs/{program_id}/{kind}/{owner}/{what}"
    return (await shop.http.get(path, params=query)).raise_for_status().json()


async def balance(shop: Shop, owner: str = "ada", program_id: int = CLUB, **query: Any) -> dict[str, float]:
    """Return those points of the main ledger that are not 0."""
    shown = (await get(shop, "balances", owner, program_id, **query))["balance"]
    return {name.removesuffix("Points"): points for name, points in shown.items() if points}
