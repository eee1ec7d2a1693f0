"""The schema of a campaign file as a whole."""

from functools import cache
from typing import Any, Final

from aiotalonone.sandbox.account.attribute_types import ENTITIES, TYPES
from aiotalonone.sandbox.account.programs import ApplicationSettings, Assumptions
from aiotalonone.sandbox.campaign_file.schema.programs import ACHIEVEMENT, LOYALTY_PROGRAM
from aiotalonone.sandbox.campaign_file.schema.rules import CONDITIONS, EFFECTS
from aiotalonone.sandbox.campaign_file.schema.terms import (
    Schema,
    choice,
    flag,
    integer,
    listing,
    mapping,
    members,
    moment,
    name,
    number,
    of_type,
    one_of_types,
    reference,
    text,
)
from aiotalonone.sandbox.campaign_file.settings import STATES, switches_of
from aiotalonone.sandbox.state.catalog_items import MAX_ADJUSTMENTS
from aiotalonone.sandbox.validation import MAX_CODE_LENGTH

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def _switches(kind: type[ApplicationSettings | Assumptions]) -> dict[str, Schema]:
    defaults = kind()
    return {name: flag(default=getattr(defaults, field)) for name, field in switches_of(kind).items()}


_APPLICATION: Final = members(
    {},
    _switches(ApplicationSettings)
    | {"timezone": text("Whose days and months the periods of achievements follow, by default UTC")},
) | {"description": "Settings of the Application"}
_ASSUMPTIONS: Final = members({}, _switches(Assumptions)) | {
    "description": "Answers to what no public source says of the platform"
}
_LIMITS: Final = listing(reference("limit"), "A budget of coupons for each customer", maxItems=1)
_LIMIT: Final = members(
    {
        "action": {"const": "redeemCoupon"},
        "limit": integer("How many coupons a customer may redeem", minimum=0),
        "entities": {"const": ["Profile"]},
    },
    {"period": {"description": "Budgets that recur are not known here", "enum": [""]}},
)
_COUPON: Final = members(
    {"value": name("The code", maxLength=MAX_CODE_LENGTH)},
    {
        "usageLimit": integer("How often it can be redeemed; 0: any number of times", minimum=0),
        "isReservationMandatory": flag("Whether only customers who hold it can redeem it"),
        "recipientIntegrationId": text("The only customer who can redeem it"),
        "startDate": moment(),
        "expiryDate": moment(),
        "limits": _LIMITS,
        "attributes": mapping(),
    },
)
_BY_EVENT_AND_CODE: Final[Schema] = {
    "type": "array",
    "allOf": [{"contains": of_type("event")}, {"contains": of_type("couponIsValid", "referralIsValid")}],
}
_RULE: Final = members(
    {"name": name()},
    {
        "conditions": listing(reference("condition"), "All of them must hold"),
        "effects": listing(reference("effect"), "All of them are applied"),
        "displayName": text("Name for customers"),
        "displayDescription": text("Description for customers"),
        "relatedData": text("Any text for the shop"),
    },
    {"not": {"required": ["conditions"], "properties": {"conditions": _BY_EVENT_AND_CODE}}},
)
_CAMPAIGN: Final = members(
    {"id": integer(minimum=1), "name": name()},
    {
        "state": choice(STATES, default=STATES[0]),
        "startTime": moment("From then on it runs"),
        "endTime": moment("From then on it runs no longer"),
        "description": text(),
        "tags": listing(text()),
        "attributes": mapping(),
        "linkedStoreIds": listing(integer()),
        "linkedAudienceIds": listing(integer()),
        "limits": _LIMITS,
        "coupons": listing(reference("coupon")),
        "rules": listing(reference("rule")),
    },
)
_ADJUSTMENT: Final = members(
    {"priceType": name(), "referenceId": name()},
    {
        "price": number(),
        "calculatedAt": moment(),
        "effectiveFrom": moment(),
        "effectiveUntil": moment(),
        "contextId": text(),
    },
)
_ITEM: Final = members(
    {"sku": name()},
    {
        "price": number("Price of a unit"),
        "attributes": mapping(),
        "product": members({"name": name()}, {}),
        "adjustments": listing(_ADJUSTMENT, minItems=1, maxItems=MAX_ADJUSTMENTS),
    },
)
_CATALOG: Final = members(
    {"id": integer(minimum=1), "name": name()},
    {
        "description": text(),
        "subscribedApplicationsIds": listing(integer(), "By default the Application"),
        "items": listing(_ITEM),
    },
)
_AUDIENCE: Final = members(
    {"id": integer(minimum=1), "name": name()},
    {"description": text(), "integration": text(), "integrationId": text()},
)
_GIVEAWAY_POOL: Final = members({"id": integer(), "name": name()}, {"codes": listing(text())})
_ATTRIBUTES: Final[Schema] = {
    "description": "By entity, the types of its attributes; an entity that is not named takes any attribute",
    "type": "object",
    "propertyNames": {"enum": list(ENTITIES)},
    "properties": {entity: {"type": "object", "additionalProperties": choice(TYPES)} for entity in ENTITIES},
}


@cache
def campaign_schema() -> dict[str, Any]:
    """Return the JSON schema of campaign files (2020-12)."""
    file = members(
        {},
        {
            "$schema": text("Where editors find the schema of this file"),
            "attributes": _ATTRIBUTES,
            "application": _APPLICATION,
            "assumptions": _ASSUMPTIONS,
            "audiences": listing(_AUDIENCE),
            "catalogs": listing(_CATALOG),
            "achievements": listing(ACHIEVEMENT),
            "loyaltyPrograms": listing(LOYALTY_PROGRAM),
            "giveawayPools": listing(_GIVEAWAY_POOL),
            "campaigns": listing(reference("campaign")),
        },
    )
    about = {"$schema": DIALECT, "title": "Campaign file of the sandbox of aiotalonone"}
    return about | file | {"$defs": _definitions()}


def _definitions() -> dict[str, Schema]:
    return {
        "campaign": _CAMPAIGN,
        "coupon": _COUPON,
        "limit": _LIMIT,
        "rule": _RULE,
        "condition": one_of_types(CONDITIONS, "What must hold"),
        "effect": one_of_types(EFFECTS, "What is done"),
        **CONDITIONS,
        **EFFECTS,
    }
