"""A recorded request as a program of its reader's: in Python with this client, and as a command of curl."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from shlex import quote
from typing import Any, Final
from urllib.parse import parse_qs

from attrs import define

from aiotalonone.sandbox.http.problems import ApiProblem
from aiotalonone.sandbox.routes import API
from aiotalonone.sandbox.window.json_text import Number, Style, Token, read, tokens
from aiotalonone.sandbox.window.text import HIDDEN

KEY_VARIABLE: Final = "TALON_ONE_API_KEY"

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "audiences": (
        *("createAudienceV2", "deleteAudienceMembershipsV2", "deleteAudienceV2"),
        *("updateAudienceCustomersAttributes", "updateAudienceV2"),
    ),
    "campaigns": ("integrationGetAllCampaigns",),
    "catalogs": ("bestPriorPrice", "syncCatalog"),
    "coupons": ("createCouponReservation", "deleteCouponReservation", "getReservedCustomers"),
    "customers": (
        *("deleteCustomerData", "getCustomerAchievementHistory", "getCustomerAchievements", "getCustomerInventory"),
        *("updateCustomerProfile", "updateCustomerProfileAudiences", "updateCustomerProfileV2"),
        "updateCustomerProfilesV2",
    ),
    "events": ("getEventV3", "trackEvent", "trackEventV2", "trackEventV3"),
    "loyalty": (
        *("activateLoyaltyPoints", "deleteLoyaltyTransactionsFromLedgers", "getLoyaltyBalances"),
        *("getLoyaltyProgramProfilePoints", "getLoyaltyProgramProfileTransactions", "joinLoyaltyProgram"),
    ),
    "loyalty_cards": (
        *("generateLoyaltyCard", "getLoyaltyCardBalances", "getLoyaltyCardPoints", "getLoyaltyCardTransactions"),
        *("linkLoyaltyCardToProfile", "unlinkLoyaltyCardFromProfile"),
    ),
    "referrals": ("createReferral", "createReferralsForMultipleAdvocates"),
    "sessions": (
        *("getCustomerSession", "reopenCustomerSession", "returnCartItems", "updateCustomerSession"),
        "updateCustomerSessionV2",
    ),
}
"""The operations by the client's groups of methods."""

GROUP_OF: Final = {operation_id: group for group, operations in GROUPS.items() for operation_id in operations}
INTEGERS: Final = frozenset({"achievementId", "audienceId", "catalogId", "loyaltyProgramId", "pageSize", "skip"})
"""Members of paths and queries that are numbers."""
TRUTHS: Final = {"true": "True", "yes": "True", "false": "False", "no": "False"}
FLAGS: Final = frozenset(
    {
        *("achievements", "awaitsActivation", "coupons", "dry", "forceCompleteEvaluation", "giveaways"),
        *("includeProjectedTier", "includeTiers", "loyalty", "profile", "referrals", "runRuleEngine", "silent"),
    }
)
TIMES: Final = frozenset({"endAfter", "endBefore", "endDate", "now", "startAfter", "startBefore", "startDate"})
WITH_COMMAS: Final = frozenset(
    {"achievementIds", "achievementStatus", "campaignIds", "currentProgressStatus", "progressStatus"}
)
REPEATED: Final = frozenset({"customerSessionIDs", "subledgerId", "transactionUUIDs"})
OF_ONE_SUBLEDGER: Final = frozenset({"getLoyaltyBalances", "getLoyaltyProgramProfileTransactions"})

LITERAL: Final = (("--globoff", "[]{}"), ("--path-as-is", ("/./", "/../")))
"""Options of curl, and what it would not send as it is without them."""
WORD: Final = re.compile("(?<=[a-z0-9])(?=[A-Z])")

PROGRAM: Final = """\
import asyncio
import os
{imports}
from aiotalonone import AsyncIntegrationClient


async def main() -> None:
    key = os.environ["{key}"]
    async with AsyncIntegrationClient({base_url}, api_key=key) as client:
        result = await client.{call}
        print(result)


asyncio.run(main())
"""
INDENT: Final = " " * 8


@define(frozen=True)
class Sent:
    """What a client sent."""

    method: str
    path: str
    """As it was sent, percent-encoded."""
    query: str
    body: bytes


def curl(sent: Sent, base_url: str) -> str:
    """Return a command for a POSIX shell, with the key in a variable."""
    target = f"{base_url}{sent.path}" + (f"?{sent.query}" if sent.query else "")
    flags = [flag for flag, characters in LITERAL if any(text in target for text in characters)]
    lines = [
        " ".join(["curl", *flags, "-X", quote(sent.method), quote(target)]),
        f'-H "Authorization: ApiKey-v1 ${KEY_VARIABLE}"',
    ]
    if sent.body:
        lines += ["-H 'Content-Type: application/json'", f"--data-raw {quote(_visible_json(sent.body))}"]
    return " \\\n  ".join(lines) + "\n"


def python(sent: Sent, base_url: str) -> str:
    """Return a program with this client, with the key in a variable of the environment."""
    call = "\n".join(_call(sent)).replace("\n", f"\n{INDENT}")
    modules = ["from datetime import datetime\n"] if "datetime.from" in call else []
    modules += ["from decimal import Decimal\n"] if 'Decimal("' in call else []
    return PROGRAM.format(imports="".join(modules), key=KEY_VARIABLE, base_url=_text(base_url), call=call)


def _call(sent: Sent) -> Iterator[str]:
    """Yield the lines of the call: of the operation's method or, without one, of `request`."""
    try:
        match = API.find(sent.method, sent.path)
    except ApiProblem:
        yield from _request(sent)
        return
    operation_id = match.target.operation_id
    if operation_id not in GROUP_OF:
        yield from _request(sent)
        return
    yield f"{GROUP_OF[operation_id]}.{snake_case(operation_id)}("
    for name, value in match.path.items():
        yield f"    {value if name in INTEGERS and value.isdecimal() else _text(value)},"
    if sent.body:
        yield f"    {_body(sent.body)},"
    for name, values in parse_qs(sent.query, keep_blank_values=True).items():
        yield f"    {snake_case(name)}={_keyword(operation_id, name, values)},"
    yield ")"


def _request(sent: Sent) -> Iterator[str]:
    yield "request("
    yield f"    {_text(sent.method)},"
    yield f"    {_text(sent.path)},"
    if sent.query:
        query = {name: values[-1] for name, values in parse_qs(sent.query, keep_blank_values=True).items()}
        yield f"    query={_literal(query)},"
    if sent.body:
        yield f"    body={_body(sent.body)},"
    yield ")"


def _keyword(operation_id: str, name: str, values: list[str]) -> str:
    """Return a member of the query as the client takes it."""
    if name in REPEATED and not (name == "subledgerId" and operation_id in OF_ONE_SUBLEDGER):
        return _literal(values)
    if name in WITH_COMMAS:
        return _literal(",".join(values).split(","))
    value = values[-1]
    if name in FLAGS and value in TRUTHS:
        return TRUTHS[value]
    if name in INTEGERS and value.isdecimal():
        return value
    if name in TIMES and _is_time(value):
        return f"datetime.fromisoformat({_text(value)})"
    return _text(value)


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def snake_case(name: str) -> str:
    """Return the client's name of an operation, or of a member of a query."""
    return WORD.sub("_", name).lower()


def _body(body: bytes) -> str:
    try:
        value = read(body)
    except ValueError:
        return _text(body.decode(errors="replace"))
    return _literal(value).replace("\n", "\n    ")


def _literal(value: Any) -> str:
    return "".join(text for _, text in tokens(value, PYTHON))


def _scalar(value: Any) -> Token:
    if isinstance(value, Number):
        return "", _number(value)
    return "", _text(value) if isinstance(value, str) else repr(value)


PYTHON: Final = Style(_scalar, indent=" " * 4, last_comma=",")


def _number(digits: str) -> str:
    """Return a number as Python has it: a Decimal where a float would be another number."""
    if digits.lstrip("-").isdecimal() or Decimal(repr(float(digits))) == Decimal(digits):
        return digits
    return f"Decimal({_text(digits)})"


def _text(text: str) -> str:
    """Return a text as Python has it, in double quotes, without a character that hides what follows."""
    return HIDDEN.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 - four hexadecimal digits


def _visible_json(body: bytes) -> str:
    """Return a body in which a hidden character is an escape, if it is JSON; what is not JSON has no escapes."""
    text = body.decode(errors="replace")
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return HIDDEN.sub(lambda found: found[0] if found[0] in "\t\n\r" else json.dumps(found[0])[1:-1], text)
