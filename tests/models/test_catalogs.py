"""Catalog actions: a payload for each type, and rules of a request that no schema says."""

import gc

import pytest

from aiotalonone import structure, unstructure
from aiotalonone.codec import encode_as
from aiotalonone.models import (
    CATALOG_ACTION_PAYLOADS,
    AddItemCatalogAction,
    AddPriceAdjustmentCatalogAction,
    BestPriorPriceRequest,
    BestPriorTarget,
    CatalogAction,
    CatalogActionFilter,
    CatalogActionPayload,
    CatalogSyncRequest,
    NewPriceAdjustment,
    PatchItemCatalogAction,
    PatchManyItemsCatalogAction,
    RemoveItemCatalogAction,
    RemoveManyItemsCatalogAction,
    UnknownCatalogActionPayload,
)

END = "2030-01-02T03:04:05+00:00"


class Version(int):
    """An integer of its own class, which is converted before it is sent."""


def remove(sku="tea"):
    return CatalogAction(type="REMOVE", payload=RemoveItemCatalogAction(sku=sku))


def prices(**members):
    required = {"skus": ["a"], "timeframe": "30", "timeframe_end_date_type": "strict"}
    return BestPriorPriceRequest(**required | {"timeframe_end_date": END} | members)


def adjustment(**members):
    return NewPriceAdjustment(**{"price_type": "member", "reference_id": "r-1"} | members)


@pytest.mark.parametrize(("kind", "payload"), CATALOG_ACTION_PAYLOADS.items(), ids=str)
def test_the_payload_of_a_known_type_has_a_class(kind, payload):
    """An action that is read has the payload of its type, and is written as it was."""
    members = {"sku": "tea", "adjustments": [{"priceType": "m", "referenceId": "r"}]}
    known = {name: members[name] for name in ("sku", "adjustments") if hasattr(payload, name)}
    action = {"type": kind, "payload": known | {"newer": 1}}
    read = structure(action, CatalogAction)
    assert type(read.payload) is payload
    assert read.payload.extra == {"newer": 1}
    assert unstructure(read) == action


def test_the_payload_of_an_unknown_type_is_kept():
    """An action that is newer than the client keeps its payload whole, and is written as it was."""
    action = {"type": "RENAME", "payload": {"sku": "tea", "to": "chai"}}
    read = structure(action, CatalogAction)
    assert read.payload == UnknownCatalogActionPayload(extra=action["payload"])
    assert unstructure(read) == action


def test_a_payload_that_its_class_cannot_hold_is_kept():
    """A payload without its SKU is kept as an unknown one is."""
    read = structure({"type": "ADD", "payload": {"price": 1}}, CatalogAction)
    assert read.payload == UnknownCatalogActionPayload(extra={"price": 1})


def test_a_payload_is_that_of_its_type():
    """An action with the payload of another type raises a ValueError that names both."""
    with pytest.raises(ValueError, match=r"^payload: PatchItemCatalogAction for the type PATCH$"):
        CatalogAction(type="PATCH", payload=AddItemCatalogAction(sku="tea"))
    assert CatalogAction(type="PATCH", payload=PatchItemCatalogAction(sku="tea")).payload.sku == "tea"


def test_a_payload_of_another_type_is_not_sent():
    """An action whose type was changed is not sent with the payload of the other one."""
    request = CatalogSyncRequest(actions=[remove()])
    request.actions[0].type = "REMOVE_MANY"
    with pytest.raises(TypeError, match=r"^actions\[0\]\.payload must be a RemoveManyItemsCatalogAction or a mapping"):
        encode_as("CatalogSyncRequest", request)
    request.actions[0].payload = RemoveManyItemsCatalogAction()
    assert encode_as("CatalogSyncRequest", request) == b'{"actions":[{"type":"REMOVE_MANY","payload":{}}]}'


@pytest.mark.parametrize("version", [1, Version(1)])
@pytest.mark.parametrize("make", [CatalogAction, dict], ids=["model", "mapping"])
def test_a_payload_that_is_newer_is_sent_under_any_type(make, version):
    """A payload that is newer than its class is sent whole, whatever else has to be converted in the request."""
    action = make(type="ADD", payload=UnknownCatalogActionPayload(extra={"sku": "a", "newer": 1}))
    expected = b'{"actions":[{"type":"ADD","payload":{"sku":"a","newer":1}}],"version":1}'
    assert encode_as("CatalogSyncRequest", {"actions": [action], "version": version}) == expected


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        ({"type": "ADD", "payload": {}}, ValueError, r"actions\[0\]\.payload\.sku is missing"),
        ({"type": "ADD", "payload": {"sku": 1}}, TypeError, r"actions\[0\]\.payload\.sku must be a str, not int"),
        ({"type": "ADD", "payload": None}, TypeError, r"actions\[0\]\.payload must be"),
        ({"type": "ADD"}, ValueError, r"actions\[0\]\.payload is missing"),
        ({"type": "add", "payload": {}}, ValueError, r"actions\[0\]\.type must be 'ADD', "),
        ({"payload": {}}, ValueError, r"actions\[0\]\.type is missing"),
        ({"type": ["ADD"], "payload": {}}, TypeError, r"actions\[0\]\.type must be a str, not list"),
        (
            {"type": "PATCH", "payload": {"sku": "a", "create_if_not_exists": True}},
            ValueError,
            "its name in JSON is createIfNotExists",
        ),
        (
            {"type": "REMOVE_MANY", "payload": {"filters": [{"attr": "a", "op": "NE", "value": 1}]}},
            ValueError,
            r"filters\[0\]\.op must be 'EQ'",
        ),
    ],
)
def test_a_mapping_is_judged_by_its_type(action, error, message):
    """A wrong member of an action that is a mapping is named, as one of a model is."""
    with pytest.raises(error, match=message):
        encode_as("CatalogSyncRequest", {"actions": [action]})


def test_models_and_mappings_may_be_mixed():
    """A payload or an action may be a mapping where the others are models."""
    actions = [{"type": "REMOVE", "payload": RemoveItemCatalogAction(sku="a")}, remove("b")]
    expected = b'{"actions":[{"type":"REMOVE","payload":{"sku":"a"}},{"type":"REMOVE","payload":{"sku":"b"}}]}'
    assert encode_as("CatalogSyncRequest", {"actions": actions}) == expected
    assert encode_as("CatalogSyncRequest", CatalogSyncRequest(actions=actions)) == expected


def test_a_null_ends_a_price_type():
    """The price that ends a price type is sent as null, and one that is left out is not sent."""
    payload = AddPriceAdjustmentCatalogAction(sku="tea", adjustments=[adjustment(extra={"price": None}), adjustment()])
    ends, left_out = unstructure(payload)["adjustments"]
    assert ends == left_out | {"price": None}
    assert "price" not in left_out


ADD = CatalogAction(type="ADD", payload=AddItemCatalogAction(sku="jam"))
ANY = CatalogAction(type="PATCH_MANY", payload=PatchManyItemsCatalogAction(price=1))


@pytest.mark.parametrize(
    ("make", "member", "within", "beyond", "limit"),
    [
        (CatalogSyncRequest, "actions", [remove(f"s-{n}") for n in range(1000)], [], "1 to 1000 actions"),
        (CatalogSyncRequest, "actions", [ANY] * 2, [ANY] * 1001, "1 to 1000 actions"),
        (CatalogSyncRequest, "actions", [remove()], [remove(), ADD], "one type of action in a request"),
        (CatalogSyncRequest, "actions", [remove("a"), remove("b")], [remove()] * 2, "each SKU once in a request"),
        (lambda **own: CatalogSyncRequest(actions=[ADD], **own), "version", 1, 0, "a number of 1 or more"),
        (lambda **own: AddPriceAdjustmentCatalogAction(sku="a", **own), "adjustments", [adjustment()] * 100, [], None),
        (adjustment, "reference_id", "r", "", "must not be empty"),
        (prices, "skus", ["a"], [], "at least 1 SKUs"),
        (prices, "timeframe", "30", "0", "a whole number of days as text, 1 or more"),
        (prices, "timeframe", "1", "1.5", "a whole number of days as text, 1 or more"),
        (lambda **own: BestPriorTarget(target_type="AUDIENCE", **own), "audience_id", 4, None, None),
        (lambda **own: BestPriorTarget(target_type="NONE", **own), "audience_id", None, 4, None),
    ],
)
def test_a_value_beyond_its_limit_is_rejected(make, member, within, beyond, limit):
    """A value beyond its limit raises a ValueError that names the member, and one at its limit is accepted."""
    assert getattr(make(**{member: within}), member) == within
    with pytest.raises(ValueError, match=f"^{member}: {limit or ''}"):
        make(**{member: beyond})


def test_rules_hold_for_mappings_in_a_model():
    """Actions of a model that are mappings count for its rules."""
    same = {"type": "REMOVE", "payload": {"sku": "a"}}
    with pytest.raises(ValueError, match="each SKU once"):
        CatalogSyncRequest(actions=[same, dict(same)])


def test_days_are_a_text():
    """The timeframe is a text, since the API has it so."""
    with pytest.raises(TypeError, match=r"^timeframe must be a str, not int$"):
        prices(timeframe=30)


def test_all_payloads_have_one_base_class():
    """Each payload is told apart by its class."""
    payloads = {*CATALOG_ACTION_PAYLOADS.values(), UnknownCatalogActionPayload}
    gc.collect()  # drops the classes that attrs has replaced by those with slots
    assert payloads == set(CatalogActionPayload.__subclasses__())
    assert CatalogActionFilter(attr="size", op="GT", value="45").value == "45"
