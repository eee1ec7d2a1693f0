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
        ("age", None, True),
        ("unknown", 1, False),
        ("unknown", None, False),
    ],
)
async def test_an_attribute_has_its_type(open_shop, name, value, fits):
    """A defined attribute of the right type passes, null erases, anything else is named by its place."""
    shop = open_shop(SCHEMA)
    answer = await shop.http.put("/v2/customer_profiles/a", json={"attributes": {name: value}})
    if fits:
        assert answer.status_code == 200
    else:
        assert problem(answer)[::2] == (400, f"/attributes/{name}")
        assert shop.sandbox.state.profiles == {}


async def test_each_entity_has_its_own_attributes(open_shop):
    """Sessions, lines and events are checked by their own definitions."""
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


async def test_without_definitions_anything_goes(shop):
    """Attributes are checked where the campaign file defines some."""
    await shop.put_profile("a", attributes={"anything": [1, {"x": None}]})
    assert shop.sandbox.state.profiles["a"].attributes == {"anything": [1, {"x": None}]}


async def test_a_pointer_is_escaped(open_shop):
    """A slash or a tilde in a name does not look like another place."""
    shop = open_shop(SCHEMA)
    answer = await shop.http.put("/v2/customer_profiles/a", json={"attributes": {"a/b~c": 1}})
    assert problem(answer)[2] == "/attributes/a~1b~0c"
