"""A shop on its own sandbox, and short words for its calls, its campaigns and its answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from attrs import define

from aiotalonone.sandbox import Sandbox


@define
class Clock:
    """A clock that tests set forward."""

    now: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def forward(self, **span: float) -> None:
        """Moves the time by a timedelta."""
        self.now += timedelta(**span)


@define
class Shop:
    """A sandbox, its clock, and short words for calling it."""

    sandbox: Sandbox
    clock: Clock
    http: httpx.AsyncClient

    async def put_session(self, session_id: str, content: tuple[str, ...] = (), **session: Any) -> Any:
        """Updates a session by V2 and hands back the answer."""
        body = {"customerSession": session, "responseContent": list(content)}
        return (await self.http.put(f"/v2/customer_sessions/{session_id}", json=body)).raise_for_status().json()

    async def try_session(self, session_id: str, **session: Any) -> Any:
        """Asks by V2, in a dry call, what a session would come to."""
        path, body = f"/v2/customer_sessions/{session_id}", {"customerSession": session}
        return (await self.http.put(path, params={"dry": "true"}, json=body)).raise_for_status().json()

    async def put_profile(self, profile_id: str, **body: Any) -> Any:
        """Updates a profile by V2 with its rules and hands back the answer."""
        answer = await self.http.put(f"/v2/customer_profiles/{profile_id}", params={"runRuleEngine": "true"}, json=body)
        return answer.raise_for_status().json()

    async def counts(self) -> Any:
        """The sandbox's own summary."""
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
    """A file with one campaign, and the programs that rules may refer to."""
    one = {"id": 1, "name": "One", "rules": list(rules), "coupons": list(coupons), **members}
    shared = {key: CAMPAIGNS[key] for key in ("audiences", "loyaltyPrograms", "giveawayPools")}
    return {**shared, "campaigns": [one]}


def rule(conditions: list[dict[str, Any]], *effects: dict[str, Any]) -> dict[str, Any]:
    """A rule of a campaign file."""
    return {"name": "rule", "conditions": conditions, "effects": list(effects)}


def effects_of(answer: Any, *types: str) -> list[Any]:
    """The properties of an answer's effects of the given types."""
    return [effect["props"] for effect in answer["effects"] if effect["effectType"] in types]


def problem(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, text and place of an error answer with one error."""
    [error] = answer.json()["errors"]
    return answer.status_code, error["title"], error["source"].get("pointer", error["source"].get("parameter"))
