"""A shop with its own sandbox: shortcuts for its calls, campaigns and responses."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
from attrs import define

from aiotalonone.sandbox import Sandbox


@define
class Clock:
    """A clock that tests move forward."""

    now: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def forward(self, **span: float) -> None:
        """Move the time by a timedelta."""
        self.now += timedelta(**span)


@define
class Shop:
    """A sandbox, its clock, and shortcuts for calling it."""

    sandbox: Sandbox
    clock: Clock
    http: httpx.AsyncClient

    async def put_session(self, session_id: str, content: tuple[str, ...] = (), **session: Any) -> Any:
        """Update a session by V2 and return the response."""
        body = {"customerSession": session, "responseContent": list(content)}
        return (await self.http.put(f"/v2/customer_sessions/{session_id}", json=body)).raise_for_status().json()

    async def try_session(self, session_id: str, **session: Any) -> Any:
        """Update a session by V2 in a dry call and return the response."""
        path, body = f"/v2/customer_sessions/{session_id}", {"customerSession": session}
        return (await self.http.put(path, params={"dry": "true"}, json=body)).raise_for_status().json()

    async def put_profile(self, profile_id: str, **body: Any) -> Any:
        """Update a profile by V2 with its rules and return the response."""
        response = await self.http.put(
            f"/v2/customer_profiles/{profile_id}", params={"runRuleEngine": "true"}, json=body
        )
        return response.raise_for_status().json()

    def points(self, owner: str) -> Decimal:
        """Return the active points of a customer in the main ledger of the club."""
        return self.sandbox.state.loyalty_accounts[5, owner].read("").standing(self.clock()).balance.active

    async def counts(self) -> Any:
        """Return the counts of the sandbox's state."""
        return (await self.http.get("/sandbox/state")).json()


CAMPAIGNS: dict[str, Any] = {
    "audiences": [{"id": 1, "name": "Families"}],
    "loyaltyPrograms": [{"id": 5, "name": "club", "title": "The club"}],
    "giveawayPools": [{"id": 3, "name": "mugs", "codes": ["MUG1"]}],
    "campaigns": [
        {
            "id": 26,
            "name": "Spring",
            "coupons": [
                {"value": "SPRING", "attributes": {"products": ["tea", "jam"]}},
                {"value": "10$OFF/NOW", "attributes": {"products": ["tea"]}},
                {"value": "ONCE", "usageLimit": 1, "attributes": {"products": ["tea"]}},
            ],
            "rules": [
                {
                    "name": "One off each",
                    "conditions": [
                        {"type": "couponIsValid"},
                        {"type": "cartHasItem", "skusFrom": "products"},
                    ],
                    "effects": [{"type": "setDiscountPerItem", "name": "off", "value": 1, "skusFrom": "products"}],
                }
            ],
        },
        {
            "id": 30,
            "name": "Friends",
            "rules": [
                {
                    "name": "Tenth off",
                    "conditions": [{"type": "referralIsValid"}],
                    "effects": [{"type": "setDiscount", "name": "friend", "percent": 10}],
                }
            ],
        },
    ],
}


def campaign(*rules: dict[str, Any], coupons: tuple[dict[str, Any], ...] = (), **members: Any) -> dict[str, Any]:
    """Return a campaign file with one campaign, and the programs that rules may refer to."""
    one = {"id": 1, "name": "One", "rules": list(rules), "coupons": list(coupons), **members}
    shared = {key: CAMPAIGNS[key] for key in ("audiences", "loyaltyPrograms", "giveawayPools")}
    return {**shared, "campaigns": [one]}


def rule(conditions: list[dict[str, Any]], *effects: dict[str, Any]) -> dict[str, Any]:
    """Return a rule of a campaign file."""
    return {"name": "rule", "conditions": conditions, "effects": list(effects)}


def effects_of(response: Any, *types: str) -> list[Any]:
    """Return the properties of a response's effects of the given types."""
    return [effect["props"] for effect in response["effects"] if effect["effectType"] in types]


def problem(response: httpx.Response) -> tuple[int, str, str]:
    """Return status, title and place of an error response with one error."""
    [error] = response.json()["errors"]
    return response.status_code, error["title"], error["source"].get("pointer", error["source"].get("parameter"))


def details(response: httpx.Response) -> str:
    """Return the details of an error response with one error."""
    [error] = response.json()["errors"]
    return error["details"]
