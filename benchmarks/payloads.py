"""The bytes that all contenders send and receive, and the values that they stand for."""

from typing import Any, Final

import orjson

REQUEST_SIZE: Final = 954
RESPONSE_SIZE: Final = 2096
STATE_SIZE: Final = 31 * 1024
CREATED: Final = "2026-03-01T09:30:00.123456Z"

ITEMS: Final[list[dict[str, Any]]] = [
    {
        "sku": f"SKU-{number:05}",
        "name": f"Merino jumper, size {number}",
        "quantity": number % 3 + 1,
        "price": 19.9 + number,
        "category": "knitwear",
    }
    for number in range(6)
]
"""Lines of a cart; their members bear the same names in Python and in JSON."""

SESSION: Final[dict[str, Any]] = {
    "profileId": "customer-00004711",
    "couponCodes": ["WELCOME-2026", "FREE-SHIPPING"],
    "state": "open",
    "cartItems": ITEMS,
    "attributes": {"channel": "web", "storeCity": "Berlin"},
}
"""What a session update sets."""

_EFFECTS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("setDiscount", {"name": "Ten percent off", "value": 12.5, "desiredValue": 12.5}),
    ("setDiscountPerItem", {"name": "Half price", "value": 9.95, "position": 1, "desiredValue": 9.95}),
    ("acceptCoupon", {"value": "WELCOME-2026"}),
    ("showNotification", {"notificationType": "Info", "title": "Free shipping", "body": "From 50 euros on"}),
    ("addFreeItem", {"sku": "SKU-00007", "name": "A pair of socks"}),
]


def _effect(number: int) -> dict[str, Any]:
    kind, props = _EFFECTS[number % len(_EFFECTS)]
    return {
        "campaignId": 100 + number,
        "rulesetId": 200 + number,
        "ruleIndex": number,
        "ruleName": f"Rule number {number}",
        "effectType": kind,
        "conditionIndex": 0,
        "evaluationGroupID": 3,
        "evaluationGroupMode": "stackable",
        "props": props,
    }


def customer(number: int) -> dict[str, Any]:
    """Return a customer profile as a response carries it."""
    return {
        "id": number,
        "created": CREATED,
        "integrationId": f"customer-{number:08}",
        "attributes": {"Name": "Ada Example", "Email": f"customer.{number}@example.com", "City": "Berlin", "Orders": 7},
        "accountId": 1,
        "closedSessions": 12,
        "totalSales": 1234.5,
        "loyaltyMemberships": [],
        "audienceMemberships": [{"id": 5, "name": "Regulars"}],
        "lastActivity": CREATED,
        "sandbox": False,
    }


def _session(items: int) -> dict[str, Any]:
    """Return a session as a response carries it."""
    return {
        "id": 815,
        "created": CREATED,
        "integrationId": "session-1",
        "applicationId": 1,
        "profileId": SESSION["profileId"],
        "couponCodes": SESSION["couponCodes"],
        "state": "open",
        "cartItems": [ITEMS[number % len(ITEMS)] | {"position": number} for number in range(items)],
        "attributes": {"channel": "web"},
        "firstSession": False,
        "updateCount": 3,
        "total": 139.4,
        "cartItemTotal": 139.4,
        "additionalCostTotal": 0,
        "updated": CREATED,
    }


def _state(effects: int) -> dict[str, Any]:
    """Return the state that a session update is answered with by default: what the rules ask for."""
    return {"effects": [_effect(number) for number in range(effects)], "createdCoupons": [], "createdReferrals": []}


def _filled(value: dict[str, Any], attributes: dict[str, Any], member: str, size: int) -> bytes:
    """Encode a value, with one text made so long that all is of the given size."""
    attributes[member] = ""
    attributes[member] = "." * (size - len(orjson.dumps(value)))
    return orjson.dumps(value)


def _response(size: int) -> bytes:
    value = _state(8)
    return _filled(value, value["effects"][-1], "ruleName", size)


def _large_state(size: int) -> bytes:
    """Encode a state with the session and the customer in it, as if they had been asked for."""
    value = _state(50) | {"customerSession": _session(160), "customerProfile": customer(4711)}
    return _filled(value, value["customerSession"]["attributes"], "note", size)


REQUEST: Final = _filled({"customerSession": SESSION}, SESSION["attributes"], "note", REQUEST_SIZE)
"""The session update as JSON."""
RESPONSE: Final = _response(RESPONSE_SIZE)
"""The usual response, as JSON."""
STATE: Final = _large_state(STATE_SIZE)
"""A large response with fifty effects, as JSON."""


def profile(number: int) -> dict[str, Any]:
    """Return an update of a profile, whose ten attributes follow from the number."""
    return {
        "integrationId": f"customer-{number:08}",
        "attributes": {
            "Name": f"{('Ada', 'Grace', 'Édith', 'Jürgen', 'Noor')[number % 5]} Example {number % 9973}",
            "Email": f"customer.{number}@example.com",
            "City": ("Berlin", "Boston", "Singapore", "São Paulo", "Leeds", "Kraków", "Osaka")[number % 7],
            "Tier": ("bronze", "silver", "gold")[number % 3],
            "Language": ("en", "de", "pt", "pl", "ja")[number % 5],
            "Orders": number % 211,
            "LifetimeValue": number % 100_003 / 100,
            "Newsletter": number % 3 == 0,
            "AppInstalled": number % 4 != 0,
            "LastSeen": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:00:00Z",
        },
    }
