"""What the line of an error says of the API's message: known words, and nothing that the server chose."""

import unicodedata

import pytest

from aiotalonone import AsyncIntegrationClient, BadRequestError, ErrorDetail
from aiotalonone.endpoints import all_operations
from aiotalonone.endpoints.customers import UPDATE_CUSTOMER_PROFILES_V2
from aiotalonone.endpoints.sessions import UPDATE_CUSTOMER_SESSION_V2
from aiotalonone.pipeline.messages import known_pointer, members_of, quote_api, summarise
from tests.support.clients import BASE_URL

SESSION = members_of(UPDATE_CUSTOMER_SESSION_V2)
INVALID = "The submitted data was invalid"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (None, "Conflict"),
        (INVALID, INVALID),
        (f" {INVALID.lower()}. ", INVALID),
        ("Not found", "Not Found"),
        ("HMAC signature mismatch.", "HMAC signature mismatch"),
        ("Coupon not found", "Coupon not found"),
        ("Ada not found", "… not found"),
        ("Too many requests are updating this session at the same time", ...),
        ("Too many requests are updating this Ada at the same time", "Conflict, API message withheld"),
        ('Cannot move session to state "open" from state "closed"', ...),
        (
            'Cannot move session to state "Ada" from state "closed"',
            'Cannot move session to state "…" from state "closed"',
        ),
        ("The request body is not valid JSON: Ada", "The request body is not valid JSON: …"),
        ("state must be one of the following: Ada", "state must be one of the following: …"),
        ("cartItems.sku is required", "cartItems.sku is required"),
        ("Ada is required", "… is required"),
        ("sku must have at most 100 characters", "sku must have at most 100 characters"),
        ("sku must have at most 4915112 characters", "Conflict, API message withheld"),
        ("sku must be an object", "sku must be an object"),
        ("sku must be an Ada", "Conflict, API message withheld"),
        ("Ada", "Conflict, API message withheld"),
        (f"{INVALID} Ada", "Conflict, API message withheld"),
        (f"Ada {INVALID}", "Conflict, API message withheld"),
        ("x" * 501, "Conflict, API message withheld"),
    ],
)
def test_a_message_is_told_in_known_words(message, line):
    """A message that fits a template is told with what may be shown; that another is withheld, the line says."""
    assert summarise(SESSION, 409, message, []) == (message if line is ... else line)


@pytest.mark.parametrize(
    ("details", "line"),
    [
        (
            [ErrorDetail("Unknown", 'The attribute "Ada" is not defined on CartItem entities.', "/attributes/Ada")],
            f'{INVALID}: The attribute "…" is not defined on CartItem entities at /attributes/…',
        ),
        (
            [ErrorDetail("Invalid type", 'Value of "Ada" attribute (7) is not a string', "/attributes/Ada")],
            f'{INVALID}: Value of "…" attribute (…) is not a string at /attributes/…',
        ),
        (
            [ErrorDetail("enum", 'state must be one of the following: "open"', "/state")],
            f"{INVALID}: state must be one of the following: … at /state",
        ),
        ([ErrorDetail("enum", "Ada", "/Ada")], f"{INVALID}: enum, API message withheld"),
        ([ErrorDetail("Ada", None, "/cartItems/3/sku")], f"{INVALID}: at /cartItems/3/sku, API message withheld"),
        ([ErrorDetail(INVALID, INVALID, "/state")], f"{INVALID}: at /state"),
        ([ErrorDetail("", "", "")], INVALID),
        ([ErrorDetail("enum"), ErrorDetail("enum")], f"{INVALID}: enum"),
        ([ErrorDetail("enum"), ErrorDetail("format")], f"{INVALID}: enum; format"),
        ([ErrorDetail("enum")] * 4, f"{INVALID}: enum, API message withheld"),
    ],
)
def test_details_are_told_in_known_words(details, line):
    """The first details follow the message, without attributes' names and values; what is left out is said."""
    assert summarise(SESSION, 400, INVALID, details) == line


@pytest.mark.parametrize(
    ("pointer", "shown"),
    [
        ("/state", "/state"),
        ("/customerSession/cartItems/12/sku", "/customerSession/cartItems/12/sku"),
        ("cartItems/0", "/cartItems/0"),
        ("/attributes/shoeSize", "/attributes/…"),
        ("/attributes/state", "/attributes/…"),
        ("/attributes/7/sku", "/attributes/…"),
        ("/cartItems/0/attributes/Ada/0", "/cartItems/0/attributes/…"),
        ("/couponCodes/SUMMER", "/couponCodes/…"),
        ("/couponCodes/49151", "/couponCodes/…"),
        ("/state/7", "/state/…"),
        ("/Ada/state", None),
        ("/Ada", None),
        ("", None),
        (None, None),
        ("/cartItems" * 60, None),
        ("/cartItems/0" * 9, "/cartItems/0/cartItems/0/cartItems/0"),
    ],
)
def test_a_pointer_has_known_members_and_indexes(pointer, shown):
    """A pointer is shown up to what the account or the caller names; an index is one in a list, of three digits."""
    assert known_pointer(pointer, SESSION) == shown


@pytest.mark.parametrize("operation", all_operations(), ids=lambda operation: operation.operation_id)
def test_members_are_those_of_the_request(operation):
    """The members that a line may name are those of the operation's path, query and body, ``extra`` not among them."""
    members = members_of(operation)
    assert {*operation.query, *operation.path_names} <= set(members)
    assert "extra" not in members
    if operation is UPDATE_CUSTOMER_PROFILES_V2:
        assert (members["customerProfiles"], members["attributes"]) == (list, dict)


HOSTILE = (
    "a\x1b[31m\x07\x08\x00\x9b\x7f\u202e\u2066\u200b\u00ad\ufeff\u2028\u2029\x85\r\n\t\ud800\ue000\u00a0é\U0001f600"
)


def test_shown_words_have_no_control_characters():
    """The API's own words are one line of at most 500 characters, whose controls and formats are escaped."""
    line = quote_api(400, HOSTILE * 30, [ErrorDetail(HOSTILE, HOSTILE, HOSTILE)])
    assert len(line) <= 500
    assert line.isprintable()
    assert {unicodedata.category(character)[0] for character in line.replace(" ", "")} <= set("LNPSM")
    assert quote_api(400, HOSTILE, []).startswith(r"a\x1b[31m\x07\x08\x00\x9b\x7f\u202e")
    assert "é😀" in quote_api(400, HOSTILE, [])


@pytest.mark.parametrize(
    ("option", "variable", "shows"),
    [
        (True, "", True),
        (None, "1", True),
        (None, "true", True),
        (False, "1", False),
        (None, "0", False),
        (None, "", False),
    ],
)
async def test_the_api_s_words_are_shown_on_request(api, monkeypatch, option, variable, shows):
    """An option, or else a variable of the environment, puts the API's words into the line, and into nothing else."""
    monkeypatch.setenv("TALON_ONE_SHOW_API_MESSAGES", variable)
    detail = {"title": "Odd\x1b", "details": "shoe", "source": {"pointer": "/attributes/shoe"}}
    api.put("/v2/customer_profiles/ada").respond(400, json={"message": "no such shoe", "errors": [detail]})
    async with AsyncIntegrationClient(BASE_URL, api_key="k", show_api_messages=option) as client:
        with pytest.raises(BadRequestError) as caught:
            await client.customers.update_customer_profile_v2("ada", {})
    with pytest.raises(TypeError, match="show_api_messages must be a bool"):
        AsyncIntegrationClient(BASE_URL, api_key="k", show_api_messages="no")
    shown = "400 no such shoe; Odd\\x1b shoe at /attributes/shoe (1 attempt, rejected)"
    assert str(caught.value).endswith(shown) is shows
    assert "shoe" not in repr(caught.value) + str(caught.value.to_dict())
