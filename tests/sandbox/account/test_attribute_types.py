import pytest

from tests.sandbox.support import problem

SCHEMA = {
    "attributes": {
        "CustomerProfile": {
            "age": "string",
            "kids": "number",
            "vip": "boolean",
            "since": "time",
            "tags": "(list string)",
            "sizes": "(list number)",
            "days": "(list time)",
            "home": "location",
            "shops": "(list location)",
        },
        "CustomerSession": {},
        "CartItem": {"brand": "string"},
        "Event": {"via": "string"},
    }
}


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("age", "65+", True),
        ("age", 65, False),
        ("kids", 2.5, True),
        ("kids", True, False),
        ("vip", False, True),
        ("vip", "yes", False),
        ("since", "2026-01-01T00:00:00+02:00", True),
        ("since", "2026-01-01T00:00:00.123456789Z", True),
        ("since", "2026-01-01T00:00:00", False),
        ("since", "yesterday", False),
        ("tags", ["a", "b"], True),
        ("tags", ["a", 1], False),
        ("tags", "a", False),
        ("sizes", [1, 2.5], True),
        ("days", ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00+01:00"], True),
        ("days", ["2026-01-01"], False),
        ("home", [52.5, 13.4], True),
        ("home", {"latitude": 52.5, "longitude": 13.4}, True),
        ("home", "52.5, 13.4", True),
        ("home", [52.5], False),
        ("home", {"latitude": 52.5, "longitude": "east"}, False),
        ("home", "Berlin", False),
        ("home", 52.5, False),
        ("shops", [[52.5, 13.4], [48.1, 11.6]], True),
        ("shops", [52.5, 13.4], False),
        ("age", None, True),
        ("unknown", 1, False),
        ("unknown", None, False),
    ],
)
async def test_attribute_is_checked_by_its_type(open_shop, name, value, fits):
    """An attribute of its type or null is stored; another value or an unknown attribute is a 400 with its place."""
    shop = open_shop(SCHEMA)
    response = await shop.http.put("/v2/customer_profiles/a", json={"attributes": {name: value}})
    if fits:
        assert response.status_code == 200
    else:
        assert problem(response)[::2] == (400, f"/attributes/{name}")
        assert shop.sandbox.state.profiles == {}


async def test_entities_have_their_own_attributes(open_shop):
    """Sessions, cart items and events are each checked by the types of their own entity."""
    shop = open_shop(SCHEMA)
    line = {"sku": "x", "quantity": 1}
    items = [line, line | {"attributes": {"brand": "b", "colour": "red"}}]
    in_session = await shop.http.put("/v2/customer_sessions/s", json={"customerSession": {"attributes": {"age": "1"}}})
    in_line = await shop.http.put("/v2/customer_sessions/s", json={"customerSession": {"cartItems": items}})
    event = {"type": "t", "sessionId": "s", "attributes": {"brand": "b"}}
    in_event = await shop.http.post("/v1/events", json=event)
    assert problem(in_session)[::2] == (400, "/attributes/age")
    assert problem(in_line)[::2] == (400, "/cartItems/1/attributes/colour")
    assert problem(in_event)[::2] == (400, "/attributes/brand")


async def test_entity_without_types_takes_any_attribute(shop):
    """Attributes of an entity that the campaign file does not name are stored unchecked."""
    await shop.put_profile("a", attributes={"anything": [1, {"x": None}]})
    assert shop.sandbox.state.profiles["a"].attributes == {"anything": [1, {"x": None}]}


async def test_pointer_is_escaped(open_shop):
    """A slash or a tilde in an attribute's name is escaped in the JSON pointer."""
    shop = open_shop(SCHEMA)
    response = await shop.http.put("/v2/customer_profiles/a", json={"attributes": {"a/b~c": 1}})
    assert problem(response)[2] == "/attributes/a~1b~0c"
