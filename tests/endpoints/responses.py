"""Objects of the API as it sends them, with the members that it always sends."""

COUPON = {
    "id": 7,
    "created": "2026-11-01T08:00:00Z",
    "campaignId": 3,
    "value": "10$OFF/NOW",
    "usageLimit": 1,
    "usageCounter": 0,
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
