"""Calls whose every value is marked, servers that repeat them, and how to find the marks."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import unquote

from attrs import field, frozen

from aiotalonone import (
    AsyncIntegrationClient,
    BadRequestError,
    DeadlineExceededError,
    RedirectError,
    ResponseDecodeError,
    ServerError,
    Timeouts,
    TransportError,
    TransportTimeoutError,
)
from aiotalonone.endpoints import all_operations
from aiotalonone.operation import Operation
from tests.contract.calls import call, described, parameters, query_values
from tests.contract.examples import example_of
from tests.support.raw_server import ReceivedRequest, http_response

CANARY = "c4n4ry"
NUMBER = 8271828459


def marked(name: str) -> str:
    """Return a value that is personal, and is written differently in a path, in JSON and in a text."""
    return f'{CANARY} "{name}"/ü'


SECRET = f"{CANARY}-key"
TOKEN = f"{CANARY}-token"
GIVEN_KEY = f"{CANARY}-idempotency-key"
HEADERS = {"X-Customer": f"{CANARY}-header"}
ATTRIBUTES = {"Name": marked("name"), "Card": NUMBER, "State": marked("state"), "Tags": [marked("tag")]}
SESSION = {
    "customerSession": {
        "profileId": marked("profile"),
        "couponCodes": [marked("coupon")],
        "referralCode": marked("referral"),
        "cartItems": [{"name": marked("item"), "sku": marked("sku"), "quantity": 1, "price": 1}],
        "attributes": ATTRIBUTES,
    }
}

Call = Callable[[AsyncIntegrationClient], Awaitable[Any]]


def marked_body(operation: Operation[Any]) -> Any:
    """Return a body with every member that the newest specification has, each text and number marked."""
    if operation.body is None:
        return None
    specification, description = described(operation)[-1]
    return _mark(example_of(specification, description["body"]["schema"]))


def _mark(value: Any, name: str = "") -> Any:
    """Mark what may be personal; the type of an event belongs to the account."""
    match value:
        case dict():
            return {member: _mark(inner, member) for member, inner in value.items()} or ATTRIBUTES
        case list():
            return [_mark(entry, name) for entry in value]
        case str() if value.startswith("text") and name != "type":
            return marked(name)
        case int() if not isinstance(value, bool):
            return NUMBER
    return value


def _call_of(operation: Operation[Any]) -> Call:
    """Return a call of an operation with marked values."""
    known = parameters(operation, "path")
    path = [NUMBER if known[name]["schema"]["type"] == "integer" else marked(name) for name in operation.path_names]
    texts = {name: value for name, value in query_values(operation).items() if isinstance(value, (str, list))}
    query = {name: _mark(value, name) for name, value in texts.items()}
    return lambda client: call(client, operation, path=path, body=marked_body(operation), query=query)


CALLS: dict[str, Call] = {
    **{operation.operation_id: _call_of(operation) for operation in all_operations()},
    "keyed session": lambda client: client.with_options(idempotency_key=GIVEN_KEY).sessions.update_customer_session_v2(
        marked("session"), SESSION
    ),
    "unlisted": lambda client: client.request(
        "POST", "/v1/friends/c4n4ry%20%C3%BC/of", query={"name": marked("query")}, body={"name": marked("body")}
    ),
}


def echo(heard: ReceivedRequest) -> str:
    """Return a server's message that repeats everything it received, encoded and decoded."""
    path = [unquote(part) for part in heard.target.partition("?")[0].split("/") if CANARY in part]
    told = [*path, heard.target, *texts_in(json.loads(heard.body or b"null")), heard.header("authorization")]
    return f"Nothing is known of {', '.join(told)}"


def texts_in(value: Any) -> Iterator[str]:
    """Yield every marked text and number of a JSON value."""
    match value:
        case str() if CANARY in value:
            yield value
        case int() if value == NUMBER:
            yield str(value)
        case dict() | list():
            for child in value.values() if isinstance(value, dict) else value:
                yield from texts_in(child)


@frozen
class Ending:
    """What the server does, and what the call fails with."""

    answer: Callable[[ReceivedRequest], bytes | None]
    """``None`` never ends."""
    error: type[BaseException] | None = None
    satisfies: tuple[str, ...] = ()
    """Calls that this is success for."""
    options: dict[str, Any] = field(factory=dict)


def problem(status: int, *headers: str) -> Callable[[ReceivedRequest], bytes]:
    """Return a server that responds with an error which repeats everything, in every member it has."""

    def answer(heard: ReceivedRequest) -> bytes:
        details = [{"title": echo(heard), "details": echo(heard), "source": {"pointer": echo(heard)}}]
        return http_response(status, {"message": echo(heard), "errors": details}, *headers)

    return answer


COOKIE = f"Set-Cookie: {CANARY}=1"
PROFILE = {
    "id": 1,
    "created": "2026-01-01T00:00:00Z",
    "integrationId": marked("id"),
    "attributes": ATTRIBUTES,
    "accountId": 1,
    "closedSessions": 0,
    "totalSales": NUMBER,
    "lastActivity": "2026-01-01T00:00:00Z",
}
STATE = {"effects": [], "customerProfile": PROFILE}
BODILESS = tuple(operation.operation_id for operation in all_operations() if operation.result is None)
WITH_LIST = tuple(
    operation.operation_id for operation in all_operations() if (operation.result or "").startswith("list[")
)
ENDINGS = {
    "no JSON": Ending(lambda _: http_response(200, f"<p>{CANARY}</p>".encode()), ResponseDecodeError),
    "a JSON of another kind": Ending(
        lambda _: http_response(200, [marked("list")]), ResponseDecodeError, (*BODILESS, *WITH_LIST, "unlisted")
    ),
    "echoed": Ending(problem(400, COOKIE), BadRequestError),
    "echoed in HTML": Ending(lambda heard: http_response(502, echo(heard).encode()), ServerError),
    "failed": Ending(problem(500), ServerError),
    "redirected": Ending(
        lambda heard: http_response(307, b"", f"Location: https://else.invalid{heard.target}"), RedirectError
    ),
    "broken off": Ending(lambda _: http_response(200, f"[{CANARY}".encode(), length=1000), TransportError),
    "garbage": Ending(lambda _: f"{CANARY}\r\n\r\n".encode(), TransportError),
    "garbage among the headers": Ending(lambda _: f"HTTP/1.1 200 OK\r\nno {CANARY}\r\n\r\n".encode(), TransportError),
    "garbage for chunks": Ending(
        lambda _: f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n".encode(), TransportError
    ),
    "too large": Ending(
        lambda _: http_response(200, CANARY.encode() * 300), ResponseDecodeError, options={"max_response_bytes": 1000}
    ),
    "too late": Ending(lambda _: None, TransportTimeoutError, options={"timeouts": Timeouts(read=0.02)}),
    "beyond the deadline": Ending(lambda _: None, DeadlineExceededError, options={"deadline": 0.02}),
}


def canaries_in(surfaces: dict[str, str]) -> dict[str, str]:
    """Return the surfaces that show a canary, with the text around it."""
    return {
        name: text[max(0, text.find(mark) - 100) : text.find(mark) + 40]
        for name, text in surfaces.items()
        for mark in (CANARY, str(NUMBER))
        if mark in text
    }
