"""Objects of the API as it sends them, with the members that it always sends."""

CATALOG = {
    "id": 7,
    "created": "2026-11-01T08:00:00Z",
    "accountId": 1,
    "modified": "2026-11-02T08:00:00Z",
    "name": "Food",
    "description": "All that can be eaten",
    "subscribedApplicationsIds": [1],
    "version": 4,
    "createdBy": 1,
}
COUPON = {
    "id": 7,
    "created": "2026-11-01T08:00:00Z",
    "campaignId": 3,
    "value": "10$OFF/NOW",
    "usageLimit": 1,
    "usageCounter": 0,
}
PRIOR_PRICE = {
    "id": 1,
    "sku": "apple",
    "observedAt": "2026-11-01T08:00:00Z",
    "contextIds": ["SummerSale"],
    "contextId": "",
    "price": 0.1,
    "metadata": {
        "influencingCampaignDetails": [{"campaignId": 3, "discountValue": 0.05}],
        "adjustmentDetails": {"referenceId": "r-1", "selectedPriceType": "member", "value": 0.15},
    },
    "target": {"type": "AUDIENCE", "audience": {"id": 4, "integration": "mparticle", "integrationId": "m-4"}},
}
PROFILE = {
    "integrationId": "c-1",
    "created": "2026-11-01T08:00:00Z",
    "attributes": {},
    "accountId": 1,
    "closedSessions": 0,
    "totalSales": 0,
    "loyaltyMemberships": None,
    "audienceMemberships": None,
    "lastActivity": "2026-11-01T08:00:00Z",
}
REFERRAL = {
    "id": 9,
    "created": "2026-11-01T08:00:00Z",
    "usageLimit": 1,
    "campaignId": 3,
    "advocateProfileIntegrationId": "c-1",
    "code": "FRIEND-1",
    "usageCounter": 0,
}
EVENT = {
    "id": 1,
    "created": "2026-11-01T08:00:00Z",
    "applicationId": 1,
    "type": "signup",
    "attributes": {"source": "app"},
    "effects": [[3, 5, 0, ["setDiscount", "Five off", 5.0]]],
    "ledgerEntries": None,
}
DISCOUNT = {
    "campaignId": 3,
    "rulesetId": 5,
    "ruleIndex": 0,
    "ruleName": "Ten off",
    "effectType": "setDiscount",
    "props": {"name": "Ten off", "value": 10.0},
}
AUDIENCE = {"accountId": 1, "id": 748, "created": "2026-11-01T08:00:00Z", "name": "Families"}
CAMPAIGN = {
    "applicationId": 1,
    "id": 3,
    "name": "Ten off",
    "state": "enabled",
    "tags": [],
    "features": ["coupons"],
    "rules": [{"title": "Give ten off", "displayName": "10 off all shoes"}],
}
PROGRESS = {"status": "inprogress", "progress": 3, "startDate": "2026-11-01T08:00:00Z"}
ACHIEVEMENT = {
    "id": 5,
    "created": "2026-11-01T08:00:00Z",
    "name": "TenBaskets",
    "title": "Ten baskets",
    "description": "Ten baskets in a year",
    "target": 10,
    "periodEndOverride": {"month": 12, "dayOfMonth": 31, "hour": 23, "minute": 59, "second": 59},
    "currentProgress": PROGRESS,
}
POINTS = {
    "id": 11,
    "transactionUUID": "ce59f12a-f53b-4014-a745-636d93f2bd3f",
    "created": "2026-11-01T08:00:00Z",
    "programId": 7,
    "customerSessionId": "s-1",
    "name": "A point for each euro",
    "startDate": "immediate",
    "expiryDate": "2027-11-01T08:00:00Z",
    "subledgerId": "",
    "amount": 10.25,
}
CARD_POINTS = {**POINTS, "customerProfileID": "c-1"}
TRANSACTION = {**POINTS, "type": "addition", "rulesetId": 5, "flags": {"createsNegativeBalance": False}}
CARD_TRANSACTION = {**POINTS, "type": "addition", "cardIdentifier": "summer-0543"}
LEDGER_ENTRY = {
    "created": "2026-11-01T08:00:00Z",
    "programID": 7,
    "customerProfileID": "c-1",
    "type": "addition",
    "amount": 10.25,
    "name": "A point for each euro",
    "subLedgerID": "",
}
BALANCE = {"activePoints": 286, "pendingPoints": 50, "spentPoints": 150, "expiredPoints": 25, "negativePoints": 0}
BALANCES = {
    "balance": {
        **BALANCE,
        "currentTier": {"id": 11, "name": "Gold"},
        "pointsToNextTier": 0,
        "nextTierName": None,
        "projectedTier": {"projectedActivePoints": 198, "stayInTierPoints": 2, "projectedTierName": "Silver"},
    },
    "subledgerBalances": {"travel": BALANCE},
}
CARD = {
    "id": 9,
    "created": "2026-11-01T08:00:00Z",
    "programID": 8,
    "status": "active",
    "identifier": "summer-0543",
    "usersPerCardLimit": 2,
    "profiles": [{"integrationId": "c-1", "timestamp": "2026-11-01T08:00:00Z"}],
}
CARD_BALANCES = {"balance": BALANCE, "subledgerBalances": {"travel": BALANCE}, "profiles": CARD["profiles"]}
EVENT_V3 = {
    "id": 2,
    "created": "2026-11-01T08:00:00Z",
    "applicationId": 1,
    "profileId": "c-1",
    "type": "signup",
    "attributes": {"source": "app"},
    "integrationId": "e/1",
    "connectedSessionId": "s-1",
    "effects": [[3, 5, 0, ["setDiscount", "Five off", 5.0]]],
}
SESSION = {
    "integrationId": "s-1",
    "created": "2026-11-01T08:00:00Z",
    "applicationId": 1,
    "profileId": "c-1",
    "state": "partially_returned",
    "cartItems": [{"sku": "apple", "quantity": 3, "returnedQuantity": 1, "remainingQuantity": 2}],
    "attributes": {},
    "firstSession": True,
    "total": 3.0,
    "cartItemTotal": 3.0,
    "additionalCostTotal": 0.0,
}
RETURN = {
    "id": 4,
    "created": "2026-11-02T08:00:00Z",
    "applicationId": 1,
    "accountId": 1,
    "returnedCartItems": [{"position": 0, "quantity": 1, "sku": "apple"}],
    "eventId": 8,
    "sessionId": 6,
    "sessionIntegrationId": "s-1",
    "profileIntegrationId": "c-1",
}
ROLLBACK = {
    "campaignId": 3,
    "rulesetId": 5,
    "ruleIndex": 0,
    "ruleName": "One off",
    "effectType": "rollbackDiscount",
    "props": {"name": "One off#0", "value": 1.0, "cartItemPosition": 0, "cartItemSubPosition": 2},
}
