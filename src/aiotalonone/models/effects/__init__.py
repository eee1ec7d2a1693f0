"""Effects: what the rules decided, with one class of props for each type of effect."""

from collections.abc import Mapping
from typing import Final

from attrs import define, field

from aiotalonone.models._base import Model
from aiotalonone.models._fields import json_name
from aiotalonone.models.effects.codes import (
    AcceptCouponEffectProps,
    AcceptReferralEffectProps,
    CouponCreatedEffectProps,
    RedeemReferralEffectProps,
    ReferralCreatedEffectProps,
    RejectCouponEffectProps,
    RejectReferralEffectProps,
    ReserveCouponEffectProps,
    RollbackCouponEffectProps,
    RollbackReferralEffectProps,
)
from aiotalonone.models.effects.customers import (
    AddToAudienceEffectProps,
    IncreaseAchievementProgressEffectProps,
    RemoveFromAudienceEffectProps,
    RollbackIncreasedAchievementProgressEffectProps,
    StartAchievementProgressEffectProps,
)
from aiotalonone.models.effects.loyalty import (
    AddLoyaltyPointsEffectProps,
    ChangeLoyaltyTierLevelEffectProps,
    DeductLoyaltyPointsEffectProps,
    ExtendLoyaltyPointsExpiryDateEffectProps,
    RollbackAddedLoyaltyPointsEffectProps,
    RollbackDeductedLoyaltyPointsEffectProps,
    SetLoyaltyPointsExpiryDateEffectProps,
)
from aiotalonone.models.effects.other import (
    CustomEffectProps,
    ErrorEffectProps,
    ShowNotificationEffectProps,
    TriggerWebhookEffectProps,
    UnknownEffectProps,
    UpdateAttributeEffectProps,
)
from aiotalonone.models.effects.rewards import (
    AddFreeItemEffectProps,
    AwardGiveawayEffectProps,
    RollbackDiscountEffectProps,
    SetDiscountEffectProps,
    SetDiscountPerAdditionalCostEffectProps,
    SetDiscountPerAdditionalCostPerItemEffectProps,
    SetDiscountPerItemEffectProps,
    ShowBundleMetadataEffectProps,
    WillAwardGiveawayEffectProps,
)

__all__ = [
    "EFFECT_PROPS",
    "AcceptCouponEffectProps",
    "AcceptReferralEffectProps",
    "AddFreeItemEffectProps",
    "AddLoyaltyPointsEffectProps",
    "AddToAudienceEffectProps",
    "AwardGiveawayEffectProps",
    "ChangeLoyaltyTierLevelEffectProps",
    "CouponCreatedEffectProps",
    "CustomEffectProps",
    "DeductLoyaltyPointsEffectProps",
    "Effect",
    "EffectProps",
    "ErrorEffectProps",
    "ExtendLoyaltyPointsExpiryDateEffectProps",
    "IncreaseAchievementProgressEffectProps",
    "RedeemReferralEffectProps",
    "ReferralCreatedEffectProps",
    "RejectCouponEffectProps",
    "RejectReferralEffectProps",
    "RemoveFromAudienceEffectProps",
    "ReserveCouponEffectProps",
    "RollbackAddedLoyaltyPointsEffectProps",
    "RollbackCouponEffectProps",
    "RollbackDeductedLoyaltyPointsEffectProps",
    "RollbackDiscountEffectProps",
    "RollbackIncreasedAchievementProgressEffectProps",
    "RollbackReferralEffectProps",
    "SetDiscountEffectProps",
    "SetDiscountPerAdditionalCostEffectProps",
    "SetDiscountPerAdditionalCostPerItemEffectProps",
    "SetDiscountPerItemEffectProps",
    "SetLoyaltyPointsExpiryDateEffectProps",
    "ShowBundleMetadataEffectProps",
    "ShowNotificationEffectProps",
    "StartAchievementProgressEffectProps",
    "TriggerWebhookEffectProps",
    "UnknownEffectProps",
    "UpdateAttributeEffectProps",
    "WillAwardGiveawayEffectProps",
]

EffectProps = (
    AcceptCouponEffectProps
    | RejectCouponEffectProps
    | RollbackCouponEffectProps
    | CouponCreatedEffectProps
    | ReserveCouponEffectProps
    | AcceptReferralEffectProps
    | RejectReferralEffectProps
    | RedeemReferralEffectProps
    | RollbackReferralEffectProps
    | ReferralCreatedEffectProps
    | SetDiscountEffectProps
    | SetDiscountPerItemEffectProps
    | SetDiscountPerAdditionalCostEffectProps
    | SetDiscountPerAdditionalCostPerItemEffectProps
    | RollbackDiscountEffectProps
    | ShowBundleMetadataEffectProps
    | AddFreeItemEffectProps
    | AwardGiveawayEffectProps
    | WillAwardGiveawayEffectProps
    | AddLoyaltyPointsEffectProps
    | RollbackAddedLoyaltyPointsEffectProps
    | DeductLoyaltyPointsEffectProps
    | RollbackDeductedLoyaltyPointsEffectProps
    | ChangeLoyaltyTierLevelEffectProps
    | ExtendLoyaltyPointsExpiryDateEffectProps
    | SetLoyaltyPointsExpiryDateEffectProps
    | AddToAudienceEffectProps
    | RemoveFromAudienceEffectProps
    | StartAchievementProgressEffectProps
    | IncreaseAchievementProgressEffectProps
    | RollbackIncreasedAchievementProgressEffectProps
    | ShowNotificationEffectProps
    | UpdateAttributeEffectProps
    | TriggerWebhookEffectProps
    | CustomEffectProps
    | ErrorEffectProps
    | UnknownEffectProps
)

EFFECT_PROPS: Final[Mapping[str, type[EffectProps]]] = {
    "acceptCoupon": AcceptCouponEffectProps,
    "rejectCoupon": RejectCouponEffectProps,
    "rollbackCoupon": RollbackCouponEffectProps,
    "couponCreated": CouponCreatedEffectProps,
    "reserveCoupon": ReserveCouponEffectProps,
    "acceptReferral": AcceptReferralEffectProps,
    "rejectReferral": RejectReferralEffectProps,
    "redeemReferral": RedeemReferralEffectProps,
    "rollbackReferral": RollbackReferralEffectProps,
    "referralCreated": ReferralCreatedEffectProps,
    "setDiscount": SetDiscountEffectProps,
    "setDiscountPerItem": SetDiscountPerItemEffectProps,
    "setDiscountPerAdditionalCost": SetDiscountPerAdditionalCostEffectProps,
    "setDiscountPerAdditionalCostPerItem": SetDiscountPerAdditionalCostPerItemEffectProps,
    "rollbackDiscount": RollbackDiscountEffectProps,
    "showBundleMetadata": ShowBundleMetadataEffectProps,
    "addFreeItem": AddFreeItemEffectProps,
    "awardGiveaway": AwardGiveawayEffectProps,
    "willAwardGiveaway": WillAwardGiveawayEffectProps,
    "addLoyaltyPoints": AddLoyaltyPointsEffectProps,
    "rollbackAddedLoyaltyPoints": RollbackAddedLoyaltyPointsEffectProps,
    "deductLoyaltyPoints": DeductLoyaltyPointsEffectProps,
    "rollbackDeductedLoyaltyPoints": RollbackDeductedLoyaltyPointsEffectProps,
    "changeLoyaltyTierLevel": ChangeLoyaltyTierLevelEffectProps,
    "extendLoyaltyPointsExpiryDate": ExtendLoyaltyPointsExpiryDateEffectProps,
    "setLoyaltyPointsExpiryDate": SetLoyaltyPointsExpiryDateEffectProps,
    "addToAudience": AddToAudienceEffectProps,
    "removeFromAudience": RemoveFromAudienceEffectProps,
    "startAchievementProgress": StartAchievementProgressEffectProps,
    "increaseAchievementProgress": IncreaseAchievementProgressEffectProps,
    "rollbackIncreasedAchievementProgress": RollbackIncreasedAchievementProgressEffectProps,
    "showNotification": ShowNotificationEffectProps,
    "updateAttribute": UpdateAttributeEffectProps,
    "triggerWebhook": TriggerWebhookEffectProps,
    "customEffect": CustomEffectProps,
    "error": ErrorEffectProps,
    # The specifications know these two by the names above, the discriminator in the vendor's newer SDKs
    # by these: https://github.com/talon-one/talon-one-ruby-sdk/blob/HEAD/docs/Effect.md
    "callApi": TriggerWebhookEffectProps,
    "set": UpdateAttributeEffectProps,
}
"""The class of an effect's props, by its ``effectType``."""


@define(kw_only=True)
class Effect(Model):
    """What a rule decided, for the integration to act upon. Schema ``Effect``."""

    experiment_id: int | None = None
    """ID of the experiment that the campaign is part of."""
    campaign_id: int
    """ID of the campaign."""
    ruleset_id: int
    """ID of the set of rules in force."""
    rule_index: int
    """Place of the rule in the set, 0 for the first."""
    rule_name: str
    """Name of the rule."""
    effect_type: str
    """What is to be done, such as ``setDiscount``; decides the class of ``props``."""
    triggered_by_coupon: int | None = None
    """ID of the coupon that led to it."""
    triggered_for_catalog_item: int | None = None
    """ID of the catalog item that led to it."""
    condition_index: int | None = None
    """Place of the condition that led to it, 0 for the first."""
    evaluation_group_id: int | None = field(default=None, metadata=json_name("evaluationGroupID"))
    """ID of the group that the campaign was evaluated in."""
    evaluation_group_mode: str | None = None
    """How that group evaluates its campaigns, such as ``stackable``."""
    campaign_revision_id: int | None = None
    """ID of the campaign's revision in force."""
    campaign_revision_version_id: int | None = None
    """ID of that revision's version."""
    selected_price_type: str | None = None
    """Type of the price chosen for the item, such as ``member``."""
    selected_price: float | None = None
    """The price chosen for the item, before discounts."""
    adjustment_reference_id: str | None = None
    """UUID of the price adjustment that the chosen price comes from."""
    props: EffectProps
    """How it is to be done, by type of effect."""
