"""Campaigns of a sandbox that several rooms use."""

CAMPAIGNS = {
    "campaigns": [
        {
            "id": 1,
            "name": "Welcome",
            "coupons": [{"value": "WELCOME", "usageLimit": 0}],
            "rules": [
                {
                    "name": "Half",
                    "conditions": [{"type": "couponIsValid"}],
                    "effects": [{"type": "setDiscount", "name": "Half", "percent": 50}],
                }
            ],
        },
        {"id": 2, "name": "Friends", "rules": []},
    ]
}
"""One whose coupon halves a session, and one for referrals."""
