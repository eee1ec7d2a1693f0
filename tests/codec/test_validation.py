"""What a caller gives is sent exactly, or an error says which member of what is wrong, without its value."""

import enum
import json
import re
import traceback
from collections import UserDict, UserString, deque, namedtuple
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType, NoneType
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotalonone import codec, models
from aiotalonone.codec import encode, encode_as, raw_json
from aiotalonone.codec.fields import EXTRA, TAGS, container, json_name, union_members, without_none
from aiotalonone.endpoints import all_operations
from aiotalonone.models import (
    AdditionalCost,
    CartItem,
    CustomerProfileIntegrationRequestV2,
    IntegrationRequest,
    MultipleCustomerProfileIntegrationRequest,
    MultipleCustomerProfileIntegrationRequestItem,
    NewCustomerSessionV2,
    NewEvent,
    NewReferral,
    ProfileAudiencesChanges,
)

SECRET = "jane.doe@example.com"
LONE = "\ud800" + SECRET
NAN = float("nan")


class Scalar:
    """A scalar in the manner of numpy."""

    shape = ()

    def __init__(self, value, kind):
        self.value = value
        self.dtype = type("dtype", (), {"kind": kind})()

    def item(self):
        """Return the value as one of Python."""
        return self.value


class IntScalar(Scalar):
    """An integer in the manner of numpy."""

    def __index__(self):
        return self.value


class Array:
    """An array in the manner of numpy."""

    def __init__(self, *entries):
        self.entries = entries
        self.shape = (len(entries),)

    def __len__(self):
        return len(self.entries)

    def __iter__(self):
        return iter(self.entries)

    def tolist(self):
        """Return the entries as a list."""
        return list(self.entries)


class Float(float):
    """A float of its own class, as numpy's is."""

    def __repr__(self):
        return "a float"

    __str__ = __repr__


class Text(str):
    """A text of its own class."""

    __slots__ = ()

    def __str__(self):
        return "another text"


class Whole:
    """What Python takes for an integer."""

    def __index__(self):
        return 7


class Colour(enum.StrEnum):
    """Colours of an article."""

    RED = "red"


class Size(enum.IntEnum):
    """Sizes of an article."""

    LARGE = 3


class State(enum.StrEnum):
    """States of a session."""

    CLOSED = "closed"


class Plain(enum.Enum):
    """An enum whose members are no texts."""

    ONE = 1


class Broken(enum.Enum):
    """An enum whose member is not a number."""

    NAN = NAN


class NotATime(datetime):
    """As pandas' NaT: a datetime that equals nothing."""

    def __ne__(self, other):
        return True


Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - the plain kind

EXACT = [
    (Colour.RED, "red"),
    (Text("a"), "a"),
    (Size.LARGE, 3),
    (Plain.ONE, 1),
    (True, True),
    (Float(1.5), 1.5),
    (type("Int", (int,), {})(5), 5),
    (IntScalar(7, "i"), 7),
    (IntScalar(2**64 - 1, "u"), 2**64 - 1),
    (Scalar(0.1, "f"), 0.1),
    (Scalar(bool(1), "b"), True),
    (Scalar("x", "U"), "x"),
    (Whole(), 7),
    (Array(1, Scalar(2, "i")), [1, 2]),
    (Pair(1, [2]), [1, [2]]),
    (deque(["a"]), ["a"]),
    (range(2), [0, 1]),
    ({"a": 1}.values(), [1]),
    (MappingProxyType({Colour.RED: Decimal("1.10")}), {"red": Decimal("1.10")}),
    (UserDict(a=Float(2)), {"a": 2.0}),
    ({Text("k"): {Colour.RED: None}}, {"k": {"red": None}}),
    (UUID(int=5), str(UUID(int=5))),
    (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
]


@pytest.mark.parametrize(("value", "sent"), EXACT, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [1, value], lambda value: {"deep": value}])
def test_what_stands_for_a_json_value_is_sent_as_that_value(value, sent, wrap):
    """Subclasses, enums, scalars of numpy's kind, sequences and mappings are sent exactly as attributes."""
    bodies = [
        encode({"attributes": {"x": wrap(value)}}),
        encode_as("NewCustomerSessionV2", {"attributes": {"x": wrap(value)}}),
        encode(NewCustomerSessionV2(attributes={"x": wrap(value)})),
    ]
    assert [json.loads(body, parse_float=_number) for body in bodies] == [{"attributes": {"x": wrap(sent)}}] * 3


def _number(digits):
    return Decimal(digits) if digits == "1.10" else float(digits)


@pytest.mark.parametrize("key", [Colour.RED, Text("red"), Scalar("red", "U").item()])
def test_keys_of_derived_classes_are_sent(key):
    """A key that is a member of a StrEnum, or of another class of texts, is sent as its text."""
    assert encode({key: {key: 1}}) == b'{"red":{"red":1}}'
    assert encode(NewCustomerSessionV2(attributes={key: 36})) == b'{"attributes":{"red":36}}'
    assert encode(NewCustomerSessionV2(additional_costs={key: AdditionalCost(price=1)})) == (
        b'{"additionalCosts":{"red":{"price":1}}}'
    )


def test_members_take_what_stands_for_their_type():
    """Members of models take enums, subclasses and scalars of numpy's kind, and send plain values."""
    item = CartItem(
        sku=Text("a"), quantity=IntScalar(2, "i"), price=Float(1.5), weight=Scalar(0.5, "f"), position=Whole()
    )
    session = NewCustomerSessionV2(state=State.CLOSED, cart_items=[item], coupon_codes=[Colour.RED])
    session.evaluable_campaign_ids = (Size.LARGE, 4)
    assert json.loads(encode(session)) == {
        "evaluableCampaignIds": [3, 4],
        "couponCodes": ["red"],
        "state": "closed",
        "cartItems": [{"sku": "a", "quantity": 2, "price": 1.5, "weight": 0.5, "position": 7}],
    }


def test_a_generator_is_read_once():
    """A generator in a mapping becomes a list; a used one, which would wipe as an empty list, is rejected."""
    codes = (code for code in ["A", "B"])
    body = {"customerSession": {"couponCodes": codes, "attributes": {Colour.RED: 1}}}
    assert json.loads(encode_as("IntegrationRequest", body))["customerSession"]["couponCodes"] == ["A", "B"]
    with pytest.raises(ValueError, match=r"^customerSession\.couponCodes is a generator that has been used"):
        encode_as("IntegrationRequest", body)
    with pytest.raises(TypeError, match=r"^customerSession\.couponCodes must be a list, not map$"):
        encode_as("IntegrationRequest", {"customerSession": {"couponCodes": map(str, [1])}})


NOT_JSON = [
    (b"bytes", TypeError, "attributes.Size cannot be sent as JSON: bytes is not a JSON value"),
    ({1}, TypeError, "attributes.Size cannot be sent as JSON: set is not a JSON value"),
    ([1, {"x y": {1}}], TypeError, "attributes.Size[1].(entry 1) cannot be sent as JSON: set is not a JSON value"),
    (date(2026, 1, 1), TypeError, "cannot be sent as JSON: date is not a JSON value; use an aware datetime"),
    (Scalar(5, "M"), TypeError, "attributes.Size cannot be sent as JSON: Scalar is not a JSON value"),
    (Scalar(5, "m"), TypeError, "attributes.Size cannot be sent as JSON: Scalar is not a JSON value"),
    (int, TypeError, "attributes.Size cannot be sent as JSON: type is not a JSON value"),
    (Size, TypeError, "attributes.Size cannot be sent as JSON: EnumType is not a JSON value"),
    (1j, TypeError, "attributes.Size cannot be sent as JSON: complex is not a JSON value"),
    (UserString("a"), TypeError, "attributes.Size cannot be sent as JSON: UserString is not a JSON value"),
    ({1: 2}, TypeError, "attributes.Size.(entry 1) cannot be sent as JSON: its name must be a str, not int"),
    ({None: 2}, TypeError, "attributes.Size.(entry 1) cannot be sent as JSON: its name must be a str, not NoneType"),
    (2**64, TypeError, "attributes.Size cannot be sent as JSON: an integer beyond 64 bits"),
    (Scalar(NAN, "f"), ValueError, "attributes.Size is NaN or infinite"),
    (Float("inf"), ValueError, "attributes.Size is NaN or infinite"),
    ([None, Broken.NAN], ValueError, "attributes.Size[1] is NaN or infinite"),
    (Decimal("sNaN"), ValueError, "attributes.Size is NaN or infinite"),
    ([1, NAN], ValueError, "attributes.Size[1] is NaN or infinite"),
    (LONE, ValueError, "attributes.Size contains a lone surrogate, and cannot be sent as UTF-8"),
    ({LONE: 1}, ValueError, "attributes.Size.(entry 1) contains a lone surrogate"),
    (NotATime(2026, 1, 1, tzinfo=UTC), ValueError, "attributes.Size cannot be sent: a datetime is not a time"),
    (datetime(2026, 1, 1), ValueError, "attributes.Size cannot be sent: a datetime has no offset"),  # noqa: DTZ001
]


@pytest.mark.parametrize(("value", "kind", "message"), NOT_JSON, ids=lambda value: str(type(value).__name__))
def test_an_attribute_that_cannot_be_sent_is_named(value, kind, message):
    """What is not a JSON value is an error that says where it stands and what type it has, in models and mappings."""
    for body in (CustomerProfileIntegrationRequestV2(attributes={"Size": value}), {"attributes": {"Size": value}}):
        with pytest.raises(kind, match=re.escape(message)) as caught:
            encode_as("CustomerProfileIntegrationRequestV2", body)
        assert_nothing_leaks(caught.value)


def assert_nothing_leaks(error):
    """Check that neither an error nor what it came from shows a value."""
    while error is not None:
        assert SECRET not in "".join(traceback.format_exception_only(error))
        assert not isinstance(error, UnicodeError)
        error = error.__cause__ or error.__context__


def session(**members):
    return IntegrationRequest(customer_session=NewCustomerSessionV2(**members))


CLOSD = (
    "customer_session.state must be 'open', 'closed', 'partially_returned' or 'cancelled'; "
    "a value that is newer than this version goes into extra"
)
LINE = "a CartItem or a mapping in JSON names"
COST = "an AdditionalCost or a mapping in JSON names"


def line(**members):
    return CartItem(**{"sku": "a", "quantity": 1} | members)


WRONG_MEMBERS = [
    (session(state="closd"), ValueError, CLOSD),
    (session(profile_id=4), TypeError, "customer_session.profile_id must be a str, not int"),
    (
        session(cart_items=[line(), line(price=SECRET)]),
        TypeError,
        "customer_session.cart_items[1].price must be a number, not str",
    ),
    (
        session(cart_items=[line(price=True)]),
        TypeError,
        "customer_session.cart_items[0].price must be a number, not bool",
    ),
    (session(cart_items=[line(price=NAN)]), ValueError, "customer_session.cart_items[0].price is NaN or infinite"),
    (
        session(cart_items=[{"sku": 5, "quantity": 1}]),
        TypeError,
        "customer_session.cart_items[0].sku must be a str, not int",
    ),
    (
        session(cart_items=[line(product=SECRET)]),
        TypeError,
        "customer_session.cart_items[0].product must be a Product or a mapping in JSON names, not str",
    ),
    (
        session(cart_items=[line(additional_costs={"shipping": 3})]),
        TypeError,
        f"customer_session.cart_items[0].additional_costs.shipping must be {COST}, not int",
    ),
    (
        session(cart_items=[line(additional_costs={SECRET: 3})]),
        TypeError,
        f"customer_session.cart_items[0].additional_costs.(entry 1) must be {COST}, not int",
    ),
    (session(attributes=[1]), TypeError, "customer_session.attributes must be a mapping, not list"),
    (session(attributes=SECRET), TypeError, "customer_session.attributes must be a mapping, not str"),
    (
        session(evaluable_campaign_ids=[1, "2"]),
        TypeError,
        "customer_session.evaluable_campaign_ids[1] must be an int, not str",
    ),
    (
        session(evaluable_campaign_ids=[2.0]),
        TypeError,
        "customer_session.evaluable_campaign_ids[0] must be an int, not float",
    ),
    (
        IntegrationRequest(customer_session=None),
        TypeError,
        "customer_session must be a NewCustomerSessionV2 or a mapping in JSON names, not None",
    ),
    (
        IntegrationRequest(customer_session=NewCustomerSessionV2(), response_content=["coupons", "cuopons"]),
        ValueError,
        "response_content[1] must be 'customerSession', ",
    ),
    (
        CustomerProfileIntegrationRequestV2(audiences_changes=ProfileAudiencesChanges(adds=None, deletes=[])),
        TypeError,
        "audiences_changes.adds must be a list, not None",
    ),
    (
        NewReferral(campaign_id="1", advocate_profile_integration_id="c"),
        TypeError,
        "campaign_id must be an int, not str",
    ),
    (
        NewReferral(campaign_id=1, advocate_profile_integration_id="c", start_date=5),
        TypeError,
        "start_date must be a datetime, not int",
    ),
    (
        NewReferral(campaign_id=1, advocate_profile_integration_id="c", start_date="2026-01-01"),
        ValueError,
        "start_date must be a datetime with an offset, or its RFC 3339 text",
    ),
    (
        MultipleCustomerProfileIntegrationRequest(
            customer_profiles=[MultipleCustomerProfileIntegrationRequestItem(integration_id="a"), line()]
        ),
        TypeError,
        "customer_profiles[1] must be a MultipleCustomerProfileIntegrationRequestItem or a mapping in JSON names",
    ),
    (NewEvent(type="a", attributes=None, session_id="s"), TypeError, "attributes must be a mapping, not None"),
]


@pytest.mark.parametrize(("body", "kind", "message"), WRONG_MEMBERS, ids=[message for _, _, message in WRONG_MEMBERS])
def test_a_wrong_member_is_named(body, kind, message):
    """A member of a wrong kind is an error that names it, what it must be, and the type that it has."""
    with pytest.raises(kind, match="^" + re.escape(message)) as caught:
        encode_as(type(body).__name__, body)
    assert_nothing_leaks(caught.value)


WRONG_NAMES = [
    ({"customer_session": {}}, "the body has the member customer_session: its name in JSON is customerSession"),
    ({"CustomerSession": {}}, "the body has the member CustomerSession: its name in JSON is customerSession"),
    ({"profileId": "a"}, "customerSession is missing"),
    ({}, "customerSession is missing"),
    (
        {"customerSession": {"profile_id": SECRET}},
        "customerSession has the member profile_id: its name in JSON is profileId",
    ),
    (
        {"customerSession": {"couponCode": [SECRET]}},
        "customerSession has the member couponCode: is couponCodes meant? A newer member goes into the extra of",
    ),
    ({"customerSession": {"cartItems": [{"sku": "a"}]}}, "customerSession.cartItems[0].quantity is missing"),
    (
        {"customerSession": {"cartItems": [{"sku": "a", "quantity": 1, "catalog_item_id": 1}]}},
        "customerSession.cartItems[0] has the member catalog_item_id: its name in JSON is catalogItemID",
    ),
    ({"customerSession": {LONE: 1}}, "customerSession.(entry 1) contains a lone surrogate"),
    ({"customerSession": {"state": "closd"}}, CLOSD.replace("customer_session", "customerSession")),
]


@pytest.mark.parametrize(("body", "message"), WRONG_NAMES, ids=[message for _, message in WRONG_NAMES])
def test_a_mapping_has_the_names_of_its_model(body, message):
    """A mapping that misspells a known member, or lacks a required one, is a ValueError that tells the right name."""
    with pytest.raises(ValueError, match="^" + re.escape(message)) as caught:
        encode_as("IntegrationRequest", body)
    assert_nothing_leaks(caught.value)


def test_a_known_value_of_a_mapping_is_checked():
    """The known members of a mapping have the types of the model."""
    with pytest.raises(TypeError, match=r"^customerSession\.profileId must be a str, not int$"):
        encode_as("IntegrationRequest", {"customerSession": {"profileId": 4}})
    with pytest.raises(TypeError, match=rf"^customerSession\.cartItems\[1\] must be {LINE}, not str$"):
        encode_as("IntegrationRequest", {"customerSession": {"cartItems": [line(), SECRET]}})
    with pytest.raises(
        TypeError, match=r"^the body must be an IntegrationRequest or a mapping in JSON names, not list$"
    ):
        encode_as("IntegrationRequest", [])


NEWER = [
    ({"customerSession": {"moonPhase": [1]}}, b'{"customerSession":{"moonPhase":[1]}}'),
    ({"customerSession": {}, "x": Float(1)}, b'{"customerSession":{},"x":1.0}'),
    (
        {"customerSession": {"couponCodes": [], "couponCode": "A"}},
        b'{"customerSession":{"couponCodes":[],"couponCode":"A"}}',
    ),
    ({"customerSession": {"profileId": None, "state": None}}, b'{"customerSession":{"profileId":null,"state":null}}'),
    (session(extra={"state": "paused", "couponCode": "A"}), b'{"customerSession":{"state":"paused","couponCode":"A"}}'),
    (
        IntegrationRequest(customer_session=NewCustomerSessionV2(), extra={"responseContent": ["moon"]}),
        b'{"responseContent":["moon"],"customerSession":{}}',
    ),
]


@pytest.mark.parametrize(("body", "sent"), NEWER)
def test_what_is_newer_than_this_version_can_be_sent(body, sent):
    """Members that no model knows pass, and ``extra`` takes any name and any value, of known members too."""
    assert encode_as("IntegrationRequest", body) == sent


def test_texts_of_dates_pass():
    """A date member takes RFC 3339 text with an offset as it is."""
    body = {"campaignId": 1, "advocateProfileIntegrationId": "c", "startDate": "2026-01-01T00:00:00.123456789Z"}
    assert json.loads(encode_as("NewReferral", body)) == body


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T08:00:00",
        "2026-01-01 08:00:00+00:00",
        "20260101T080000Z",
        "2026-W01-4T08:00:00Z",
        "2026-01-01T08:00:00,5Z",
        "2026-01-01T08:00Z",
        "2026-01-01T08:00:00+01",
        "2026-13-01T08:00:00Z",
        "2026-01-01T08:00:00Z\n",
    ],
)
def test_texts_of_dates_that_python_alone_reads_do_not_pass(text):
    """A date member takes no text of ISO 8601 that is not RFC 3339 as well, which the API would reject."""
    body = {"campaignId": 1, "advocateProfileIntegrationId": "c", "startDate": text}
    with pytest.raises(ValueError, match=r"^startDate must be a datetime with an offset, or its RFC 3339 text$"):
        encode_as("NewReferral", body)


def test_json_text_passes():
    """Records that are JSON text already are sent as they are."""
    body = {"customerProfiles": [raw_json(b'{"integrationId": "a"}')]}
    expected = b'{"customerProfiles":[{"integrationId": "a"}]}'
    assert encode_as("MultipleCustomerProfileIntegrationRequest", body) == expected


def test_a_class_with_a_hook_is_written_by_it():
    """A hook that a caller has registered for a class of its own writes it, whatever else is in the body."""

    @attrs.define(kw_only=True)
    class Wrapped(CartItem):
        paper: str

    codec.converter.register_unstructure_hook(Wrapped, lambda item: {"sku": item.sku, "wrap": item.paper.upper()})
    items = [Wrapped(sku="a", quantity=1, paper="red")]
    expected = {"cartItems": [{"sku": "a", "wrap": "RED"}]}
    assert json.loads(encode(NewCustomerSessionV2(cart_items=items))) == expected
    slow = json.loads(encode(NewCustomerSessionV2(cart_items=items, attributes={Colour.RED: 1})))
    assert slow == {**expected, "attributes": {"red": 1}}


REQUESTS = [
    getattr(models, name) for name in sorted({operation.body for operation in all_operations() if operation.body})
]  # all models that operations send
WRONG: dict[str, Any] = {
    "number": 4,
    "fraction": 1.5,
    "flag": True,
    "text": SECRET,
    "bytes": SECRET.encode(),
    "list": [SECRET],
    "deep list": [[SECRET]],
    "list of null": [None],
    "mapping": {"name": SECRET},
    "odd mapping": {5: SECRET},
    "set": {SECRET},
    "object": object(),
    "class": CartItem,
    "model": AdditionalCost(price=1),
    "nan": NAN,
    "nan in list": [NAN],
    "lone surrogate": LONE,
    "huge": 2**70,
    "date": date(2026, 1, 1),
    "naive": datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
    "scalar": IntScalar(3, "i"),
    "array": Array(1, "a"),
    "decimal": Decimal("1.10"),
    "null": None,
}
FITTING: dict[Any, Any] = {
    str: "a",
    int: 1,
    bool: True,
    float: 1.5,
    Decimal: Decimal("1.10"),
    datetime: datetime(2026, 1, 1, tzinfo=UTC),
    Any: "a",
}
BY_LIMIT = {"referral_pattern": "###", "target_type": "AUDIENCE", "timeframe": "30"}
"""Members whose limits, or other members, allow few values."""


def fitting(annotation):
    """Return a value that a member may have."""
    kind = without_none(annotation)
    if kind in TAGS:
        return made(next(iter(TAGS[kind].classes.values())))
    if attrs.has(kind):
        return made(kind)
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if shape := container(kind):
        entry = fitting(get_args(kind)[-1])
        return [entry] if shape is list else {"key": entry}
    return FITTING[min(union_members(kind) - {NoneType}, key=str)]


WITHIN_LIMITS = {
    "ActivateLoyaltyPoints": {"transaction_uuids": ["0c0e0207-eb30-4e06-a56c-2b7c8a64953c"], "session_id": None},
    "GenerateLoyaltyCard": {"card_identifier": "card"},
    "NewReferralsForMultipleAdvocates": {"referral_pattern": "###"},
}
"""Members for which one letter would be beyond a limit."""


def made(kind):
    """Return a model with all of its members set, but one that another excludes."""
    members = {member.name: fitting(member.type) for member in attrs.fields(kind) if member.name != EXTRA}
    allowed = {name: value for name, value in BY_LIMIT.items() if name in members}
    return kind(**members | allowed | WITHIN_LIMITS.get(kind.__name__, {}))


def children(value):
    """Return what stands in a model, list or dict, by its step."""
    if attrs.has(type(value)):
        return {
            member.name: getattr(value, member.name) for member in attrs.fields(type(value)) if member.name != EXTRA
        }
    return value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}


def places(value):
    """Yield the paths of all that stands in a value."""
    for step, child in children(value).items():
        yield (step,)
        yield from ((step, *path) for path in places(child))


def put(value, path, new):
    """Set what stands at a path."""
    *steps, last = path
    for step in steps:
        value = children(value)[step]
    if attrs.has(type(value)):
        setattr(value, last, new)
    else:
        value[last] = new


def at(value, path):
    """Return what stands at a path of JSON names, ``None`` if it was left out."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else value[step]
    return value


def json_path(model, path):
    """Return a path of a model in JSON names."""
    names = []
    for step in path:
        names.append(json_name(getattr(attrs.fields(type(model)), step)) if attrs.has(type(model)) else step)
        model = children(model)[step]
    return names


def plain(value):
    """Return the JSON value that a value stands for."""
    match value:
        case Scalar():
            return value.item()
        case Array():
            return list(value)
        case Decimal():
            return float(value)
        case AdditionalCost():
            return {"price": value.price}
    return value


def member_of(path):
    """Return the name of the member that a path leads to; an entry of it has no name."""
    return next(step for step in reversed(path) if isinstance(step, str) and step != "key")


def attempt(act):
    """Return the result of a function, or the error that a caller gets for bad input."""
    try:
        return act(), None
    except (TypeError, ValueError) as error:
        return None, error


SPOTS = [(kind, path) for kind in REQUESTS for path in places(made(kind))]


@given(st.sampled_from(SPOTS), st.sampled_from(sorted(WRONG)), st.booleans())
def test_one_wrong_member_is_named_or_sent_exactly(spot, what, as_mapping):
    """Of every request, a member of any kind is rejected by its name before it is sent, or it is sent exactly."""
    kind, path = spot
    body, value = made(kind), WRONG[what]
    names = json_path(body, path)
    rest = codec.unstructure(made(kind))
    if as_mapping:
        body, path = codec.unstructure(body), names
    sent, error = attempt(lambda: put(body, path, value) or encode_as(kind.__name__, body))
    if error is not None:
        assert re.search(rf"(^|\.){member_of(path)}\b", str(error)), str(error)
        assert_nothing_leaks(error)
        return
    sent = json.loads(sent)
    assert type(at(sent, names)) is type(plain(value))
    assert at(sent, names) == plain(value)
    put(rest, names, None)
    put(sent, names, None)
    assert sent == json.loads(encode(rest))
