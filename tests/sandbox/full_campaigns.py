"""A campaign file that has every member that there is, and every type of condition and effect."""

from typing import Any

ITEM = {
    "sku": "tea",
    "price": 4,
    "attributes": {"origin": "Assam"},
    "product": {"name": "Tea"},
    "adjustments": [
        {
            "priceType": "member",
            "price": 3.5,
            "referenceId": "r-1",
            "calculatedAt": "2026-01-01T00:00:00Z",
            "effectiveFrom": "2026-01-01T00:00:00Z",
            "effectiveUntil": "2027-01-01T00:00:00+01:00",
            "contextId": "spring",
        }
    ],
}
CLUB = {
    "id": 5,
    "name": "club",
    "title": "The club",
    "defaultPending": "on_action",
    "defaultValidity": "30D_U",
    "timezone": "UTC",
    "allowSubledger": True,
    "returnPolicy": "unlimited",
    "programJoinPolicy": "points_activated",
    "tiers": [{"name": "silver", "minPoints": 100, "id": 3}],
    "tiersExpirationPolicy": "absolute_expiration",
    "tiersExpireIn": "1Y",
    "tierCycleStartDate": "2026-01-01T00:00:00Z",
    "tiersDowngradePolicy": "balance_based",
    "points": [
        {
            "owner": "ada",
            "amount": 5,
            "subLedgerId": "coffee",
            "name": "Welcome",
            "startDate": "immediate",
            "expiryDate": "unlimited",
        }
    ],
}
CARDS = {
    "id": 6,
    "name": "cards",
    "cardBased": True,
    "usersPerCardLimit": 2,
    "cardCodeSettings": {"couponPattern": "card-####", "validCharacters": ["A", "B"]},
    "cards": [
        {"identifier": "card-1", "status": "blocked", "blockReason": "lost", "customerProfileIds": ["ada"]},
    ],
}
ACHIEVEMENTS = [
    {
        "id": 8,
        "name": "ten_teas",
        "target": 10,
        "title": "Ten teas",
        "description": "Tea for a week",
        "campaignIds": [1],
        "period": "1M",
        "recurrencePolicy": "on_expiration",
        "activationPolicy": "fixed_schedule",
        "fixedStartDate": "2026-01-01T00:00:00Z",
        "endDate": "2030-01-01T00:00:00Z",
        "isCappedByTarget": True,
        "allowRollbackAfterCompletion": True,
    },
    {"id": 9, "name": "one", "target": 0.5},
]
LIMITS = [{"action": "redeemCoupon", "limit": 2, "entities": ["Profile"], "period": ""}]
CONDITIONS: list[dict[str, Any]] = [
    {"type": "couponIsValid"},
    {"type": "referralIsValid"},
    {"type": "cartHasItem", "skus": ["tea"]},
    {"type": "cartHasItem", "categories": ["food"]},
    {"type": "cartHasItem", "skusFrom": "products"},
    {"type": "cartTotal", "atLeast": 20, "atMost": 90.5},
    {"type": "profileAttribute", "name": "tier", "equals": "gold"},
    {"type": "profileAttribute", "name": "tier", "oneOf": ["gold", 1]},
    {"type": "profileAttribute", "name": "age", "atLeast": 18, "atMost": 99},
    {"type": "inAudience", "audienceId": 1},
]
POINTS = {"programId": 5, "subLedgerId": "coffee", "name": "Bought"}
DATES = {"startDate": "1D", "expiryDate": "2030-01-01T00:00:00Z"}
EFFECTS: list[dict[str, Any]] = [
    {"type": "setDiscount", "name": "off", "value": 1},
    {"type": "setDiscount", "name": "off", "percent": 10},
    {"type": "setDiscountPerItem", "name": "each", "value": 1, "skus": ["tea"]},
    {"type": "setDiscountPerItem", "name": "each", "percent": 1, "categories": ["food"]},
    {"type": "setDiscountPerItem", "name": "each", "percent": 1, "skusFrom": "products"},
    {"type": "addLoyaltyPoints", **POINTS, "value": 5, **DATES},
    {"type": "addLoyaltyPoints", **POINTS, "perUnitOfTotal": 0.5},
    {"type": "addLoyaltyPointsPerItem", **POINTS, "value": 5, "skus": ["tea"], **DATES},
    {"type": "addLoyaltyPointsPerItem", **POINTS, "perUnitOfPrice": 1, "skusFrom": "products"},
    {"type": "addLoyaltyPointsPerItem", **POINTS, "perUnitOfPrice": 1, "categories": ["food"]},
    {"type": "deductLoyaltyPoints", **POINTS, "value": 5},
    {"type": "couponCreated", "prefix": "THANKS"},
    {"type": "addFreeItem", "sku": "mug", "name": "A mug"},
    {"type": "awardGiveaway", "poolId": 3},
    {"type": "increaseAchievementProgress", "achievementId": 8, "value": 1},
    {"type": "increaseAchievementProgress", "achievementId": 8, "perUnitOfTotal": 1},
    {"type": "showNotification", "notificationType": "Info", "title": "Hi", "body": "Ho"},
    {"type": "updateAttribute", "path": "profile.attributes.tier", "value": "gold"},
    {"type": "updateAttribute", "path": "session.attributes.gift", "value": False},
]
FULL: dict[str, Any] = {
    "$schema": "http://127.0.0.1:8080/sandbox/schema",
    "attributes": {"CustomerProfile": {"tier": "string", "places": "(list location)"}, "Event": {}},
    "application": {"partialDiscounts": True, "partialRewards": False, "timezone": "UTC"},
    "assumptions": {
        "anonymousFriends": False,
        "cancellationReturnsGiveaways": True,
        "closedSessionsTakeAttributes": True,
        "dryCloseUsesStoredSession": True,
        "idempotencyKeysBindBodies": True,
        "idempotencyStoresErrors": True,
        "sessionsStartCancelled": True,
    },
    "audiences": [{"id": 1, "name": "Families", "description": "x", "integration": "mparticle", "integrationId": "7"}],
    "catalogs": [{"id": 7, "name": "Food", "description": "x", "subscribedApplicationsIds": [1], "items": [ITEM]}],
    "achievements": ACHIEVEMENTS,
    "loyaltyPrograms": [CLUB, CARDS],
    "giveawayPools": [{"id": 3, "name": "mugs", "codes": ["MUG1"]}],
    "campaigns": [
        {
            "id": 1,
            "name": "Everything",
            "state": "enabled",
            "startTime": "2026-01-01T00:00:00Z",
            "endTime": "2030-01-01T00:00:00Z",
            "description": "x",
            "tags": ["all"],
            "attributes": {"owner": "Ada"},
            "linkedStoreIds": [1],
            "linkedAudienceIds": [1],
            "limits": LIMITS,
            "coupons": [
                {
                    "value": "SUMMER",
                    "usageLimit": 5,
                    "isReservationMandatory": True,
                    "recipientIntegrationId": "ada",
                    "startDate": "2026-01-01T00:00:00Z",
                    "expiryDate": "2030-01-01T00:00:00Z",
                    "limits": LIMITS,
                    "attributes": {"products": ["tea"]},
                }
            ],
            "rules": [
                {
                    "name": "All at once",
                    "conditions": CONDITIONS,
                    "effects": EFFECTS,
                    "displayName": "All",
                    "displayDescription": "All at once",
                    "relatedData": "x",
                },
                {"name": "By event", "conditions": [{"type": "event", "eventType": "reviewed"}]},
            ],
        }
    ],
}
