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
