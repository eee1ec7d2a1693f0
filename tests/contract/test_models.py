"""Every model against the schemas of all specifications."""

from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import attrs
import pytest

from aiotalonone import models
from aiotalonone.codec.fields import EXTRA, TAGS, container, json_name, union_members
from aiotalonone.endpoints import all_operations
from tests.contract.calls import described
from tests.contract.specs import REQUIRED_BY_TEXT, request_schemas, response_schemas
from tools.specs import VERSIONS, Schema, Spec, spec

READ_AS = {
    "BestPriorPriceResponse": list[models.BestPriorPrice],
    "CustomerProfileIntegrationResponseV2": models.IntegrationStateV2,  # some of the same members
    "CustomerProfileUpdateV2Response": models.IntegrationStateV2,  # one of the same members
    "IntegrationEventV2Response": models.IntegrationStateV2,  # some of the same members
    "IntegrationEventV3Response": models.IntegrationStateV2,  # some of the same members
    "LabelTargetAudience": models.LabelTarget,
    "LabelTargetNone": models.LabelTarget,
    "LoyaltyCardIdentifier": str,
    "inline_response_200": models.ReservedCustomers,  # named by a generator
    "inline_response_201": models.CreatedReferrals,  # named by a generator
}
"""Schemas without a class of their name, and what their values are read as."""

LEFT_OUT = {
    models.APIError: {"source"},  # an error must be readable whatever it lacks
    models.AchievementProgressWithDefinition: {"campaignId"},  # an achievement of the account may have no campaign
    models.CustomerSession: {"coupon", "referral"},  # both may be absent
    models.IntegrationCoupon: {"profileRedemptionCount"},  # 2021 returns a plain Coupon in its place
    models.IntegrationState: {"session", "profile", "event"},  # a profile update has no session
    models.InventoryCoupon: {"profileRedemptionCount"},  # inherited
    models.LedgerEntry: {"profileId"},  # an anonymous session has no customer
    models.LoyaltyMembership: {"loyaltyProgramId"},  # newer servers no longer fill it
    models.UpdateAttributeEffectProps: {"value"},  # the new value may be null
}
"""Members that the server leaves out or sends as null although every specification requires them."""

WITHOUT_SCHEMA = {models.CatalogActionPayload, *(tag.unknown for tag in TAGS.values())}
"""Models that stand for any of several schemas, or for what is newer than all of them."""

NEWER_MODELS = {
    models.CampaignReference: {"id": int, "applicationId": int},
    models.CustomerReward: {
        "applicationId": int,
        "profileIntegrationId": str,
        "integrationId": str,
        "unlockedAt": datetime,
        "usedAt": datetime | None,
    },
    models.RewardWithUnlocks: {
        "id": int,
        "integrationId": str,
        "name": str,
        "description": str | None,
        "rule": models.RuleMetadata,
        "unlocked": list[models.CustomerReward],
    },
    models.JoinLoyaltyProgramEffectProps: {"programId": int, "joinDate": datetime},
    models.RollbackUseRewardEffectProps: {"integrationId": str, "rewardId": int, "applicationId": int},
    models.UnlockRewardEffectProps: {
        "integrationId": str,
        "rewardId": int,
        "applicationId": int,
        "profileIntegrationId": str,
        "unlockedAt": datetime,
        "cardIdentifier": str | None,
    },
    models.UseRewardEffectProps: {"integrationId": str, "rewardId": int, "applicationId": int},
}
"""Models that no specification has yet, as the vendor's newest SDK has them:
https://github.com/talon-one/talon-one-ruby-sdk/tree/HEAD/docs
"""

_OF_ACHIEVEMENTS = {"campaignIds": list[int], "referencedByCampaigns": list[models.CampaignReference]}
NEWER_MEMBERS = {
    models.AchievementProgressWithDefinition: _OF_ACHIEVEMENTS,
    models.AchievementStatusEntry: _OF_ACHIEVEMENTS,
    models.CustomerAchievement: {"campaignId": int | None, **_OF_ACHIEVEMENTS},
    models.CustomerInventory: {"rewards": list[models.RewardWithUnlocks]},
    models.IntegrationEventV3Request: {"referralCode": str | None},
    models.IntegrationStateV2: {"rewards": list[models.RewardWithUnlocks]},
    models.NewEvent: {"storeIntegrationId": str | None},
}
"""Members that only that SDK has."""

TYPED_BY_THE_EFFECT = (models.Effect, "props")
"""Its type depends on ``effectType``, which a schema cannot say."""

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float, Decimal),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (NoneType,),
}

MODELS = [
    model
    for model in map(vars(models).get, models.__all__)
    if isinstance(model, type) and model not in WITHOUT_SCHEMA and model not in NEWER_MODELS
]
EACH_MODEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


def in_requests(model: type) -> bool:
    """Whether a model travels in requests, if only there or in responses as well."""
    return any(model.__name__ in request_schemas(version) for version in VERSIONS)


def schemas_of(model: type) -> list[tuple[Spec, Schema]]:
    """The schemas that a model stands for, those with a name first, then the oldest specification first."""
    names = [model.__name__, *(name for name, target in READ_AS.items() if target is model)]
    named = [(spec(version), {"$ref": name}) for version in VERSIONS for name in names if name in spec(version).schemas]
    return named or spelled_out(model)


def spelled_out(model: type) -> list[tuple[Spec, Schema]]:
    """The schemas without a name, each spelled out in a response, that a model stands for."""
    return [
        (specification, schema)
        for operation in all_operations()
        if operation.result == model.__name__
        for specification, description in described(operation)
        for status, schema in description["responses"].items()
        if status.startswith("2") and schema and "$ref" not in schema
    ]


def fields_of(model: type) -> dict[str, attrs.Attribute]:
    """A model's members by their JSON names."""
    return {json_name(member): member for member in attrs.fields(model) if member.name != EXTRA}


def demanded(model: type) -> set[str]:
    """The members that a caller must give."""
    return {name for name, member in fields_of(model).items() if member.default is attrs.NOTHING}


def newest_required(model: type) -> set[str]:
    specification, schema = schemas_of(model)[-1]
    return specification.merged(schema)[1] | REQUIRED_BY_TEXT.get(model.__name__, set())


def always_returned(model: type) -> set[str]:
    """The members that every specification requires; some schemas require members that they do not have."""
    members = fields_of(model)
    required = set.intersection(*(specification.merged(schema)[1] for specification, schema in schemas_of(model)))
    containers = {name for name, member in members.items() if container(member.type)}
    return (required & members.keys()) - containers - LEFT_OUT.get(model, set())


def fits(annotation: Any, schema: Schema) -> bool:
    """Whether an annotation says the type of a schema's values, down to the entries of lists and maps."""
    kinds = union_members(annotation) - {NoneType}
    if annotation in TAGS:
        choices = {_types_of(choice)[0] for choice in schema["oneOf"]}
        return choices == set(TAGS[annotation].classes.values())
    return all(_kind_fits(kind, schema) for kind in kinds)


def _kind_fits(kind: Any, schema: Schema) -> bool:
    if kind is Any:
        return True
    if get_origin(kind) is Literal:
        return set(get_args(kind)) >= set(schema["enum"])
    if container(kind) is None:
        return issubclass(kind, _types_of(schema))
    entries = schema.get("items") or schema.get("additionalProperties")
    return container(kind) in _types_of(schema) and (not isinstance(entries, dict) or fits(get_args(kind)[-1], entries))


def _types_of(schema: Schema) -> tuple[type, ...]:
    if "$ref" in schema:
        name = schema["$ref"]
        return (READ_AS.get(name) or getattr(models, name),)
    if schema.get("format") == "date-time":
        return (datetime,)
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return tuple(kind for name in types if name != "null" for kind in PYTHON_TYPES[name])


def test_every_schema_that_the_operations_reach_has_a_class():
    """Each schema of a request or response has a class; parts of an ``allOf`` are not reached, no value is one."""
    reached = set().union(*(request_schemas(version) | response_schemas(version) for version in VERSIONS))
    assert {name for name in reached if not hasattr(models, name)} == set(READ_AS)


@EACH_MODEL
def test_a_model_has_exactly_the_members_of_both_specifications(model):
    """Each documented member has an attribute, and no attribute is invented."""
    described = [specification.merged(schema)[0] for specification, schema in schemas_of(model)]
    assert described, f"no operation sends or returns {model.__name__}"
    assert set(fields_of(model)) == set().union(*described, NEWER_MEMBERS.get(model, {}))


@pytest.mark.parametrize("model", NEWER_MODELS, ids=lambda model: model.__name__)
def test_a_model_that_no_specification_has_is_that_of_the_newest_sdk(model):
    """A model without a schema has the members that the vendor's newest SDK documents, with their types."""
    assert {name: member.type for name, member in fields_of(model).items()} == NEWER_MODELS[model]
    assert not any(model.__name__ in spec(version).schemas for version in VERSIONS)
    optional = {
        name for name, kind in NEWER_MODELS[model].items() if NoneType in union_members(kind) or container(kind)
    }
    assert demanded(model) == set(NEWER_MODELS[model]) - optional


@pytest.mark.parametrize("model", NEWER_MEMBERS, ids=lambda model: model.__name__)
def test_a_member_that_no_specification_has_is_that_of_the_newest_sdk(model):
    """A member that no schema has has the type that the vendor's newest SDK documents, and may be left out."""
    for name, kind in NEWER_MEMBERS[model].items():
        assert fields_of(model)[name].type == kind
        assert name not in demanded(model)
        assert not any(name in specification.merged(schema)[0] for specification, schema in schemas_of(model))


@EACH_MODEL
def test_a_member_has_the_type_that_its_schemas_say(model):
    """Dates, numbers, lists, maps and models are what the schemas call them, down to the entries."""
    unlike = [
        (described_by, member)
        for specification, described_by in schemas_of(model)
        for member, schema in specification.merged(described_by)[0].items()
        if (model, member) != TYPED_BY_THE_EFFECT and not fits(fields_of(model)[member].type, schema)
    ]
    assert unlike == []


@EACH_MODEL
def test_a_model_demands_what_its_schemas_require(model):
    """A model of requests requires what the newest schema does, and one of responses only what all schemas do."""
    assert demanded(model) == (newest_required(model) if in_requests(model) else always_returned(model))


@EACH_MODEL
def test_a_default_is_none_or_an_empty_list_or_map_of_a_response(model):
    """A request sends nothing that the caller did not ask for, and an empty list would wipe."""
    for member in attrs.fields(model):
        shape = container(member.type)
        empty = shape is not None and (member.name == EXTRA or not in_requests(model))
        assert member.default in (attrs.NOTHING, attrs.Factory(shape) if empty else None), member.name
