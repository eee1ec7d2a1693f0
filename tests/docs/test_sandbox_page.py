"""The page on the sandbox says what its code has."""

import json
import re
from argparse import SUPPRESS
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml
from attrs import fields
from click import unstyle

from aiotalonone.sandbox import SHOP, Sandbox
from aiotalonone.sandbox.account.programs import Assumptions
from aiotalonone.sandbox.app import MAX_NOTED_EFFECTS
from aiotalonone.sandbox.campaign_file.settings import camel_case
from aiotalonone.sandbox.control._base import MAX_LIMIT
from aiotalonone.sandbox.control.application import EVENTS, RESOURCES
from aiotalonone.sandbox.control.events import HEARTBEAT_SECONDS
from aiotalonone.sandbox.control.settings import MAX_TRIGGERED as MAX_LISTED_FAULTS
from aiotalonone.sandbox.faults.script import MAX_TRIGGERED
from aiotalonone.sandbox.http.body import MAX_BODY_BYTES, MAX_BODY_SECONDS
from aiotalonone.sandbox.http.idempotency import LIFETIME, MAX_BYTES, MAX_REPLIES
from aiotalonone.sandbox.recording.feed import MAX_WAITING
from aiotalonone.sandbox.recording.requests import MAX_BODY_BYTES as MAX_RECORDED_BYTES
from aiotalonone.sandbox.recording.requests import MAX_REQUESTS
from aiotalonone.sandbox.rules.trace import MAX_RULES
from aiotalonone.sandbox.sandbox import DEFAULT_API_KEY
from aiotalonone.sandbox.seeding import MAX_ENTRIES
from aiotalonone.sandbox.server import MAX_HEAD_BYTES, MAX_HEAD_SECONDS
from aiotalonone.sandbox.serving.access import HEALTH_PATH
from aiotalonone.sandbox.serving.lines import request_line
from aiotalonone.sandbox.serving.options import make_parser, parse_options
from aiotalonone.sandbox.state.state import MAX_EVENTS
from aiotalonone.sandbox.validation import MAX_JSON_DEPTH

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
MIB = 2**20


def test_the_table_has_every_assumption_with_its_default():
    """The rows are the switches of the code, with their defaults."""
    rows = re.findall(r"^\| `(\w+)` \| `(true|false)` \|", PAGE, re.MULTILINE)
    assert {name: json.loads(default) for name, default in rows} == {
        camel_case(one.name): one.default for one in fields(Assumptions)
    }


@pytest.mark.parametrize(
    "words",
    [
        f"| {MAX_BODY_BYTES // MIB} MiB, and {MAX_BODY_SECONDS:g} seconds to arrive",
        f"| {MAX_HEAD_BYTES // 1024} KiB, and {MAX_HEAD_SECONDS:g} seconds to arrive;",
        f"| {MAX_JSON_DEPTH} levels |",
        f"| {LIFETIME.total_seconds() / 3600:g} hours by its clock",
        f"at most {MAX_REPLIES:,} replies and {MAX_BYTES // MIB} MiB;",
        f"| the last {MAX_EVENTS:,}, the last {MAX_TRIGGERED:,} |",
        f"| the last {MAX_REQUESTS}, {MAX_RECORDED_BYTES // 1024} KiB, {MAX_RULES} |",
        f"| entries of a seed | {MAX_ENTRIES:,} |",
        f"(50 by default, at most {MAX_LIMIT})",
        f"of the effects the first {MAX_NOTED_EFFECTS}.",
        f"Every {HEARTBEAT_SECONDS:g} seconds without an event",
        f"wait for a subscriber the last {MAX_WAITING} are kept",
        f"the last {MAX_LISTED_FAULTS} that were |",
    ],
)
def test_the_limits_are_those_of_the_code(words):
    """A limit that the page names is the one that holds."""
    assert words in PAGE


def test_the_table_has_every_resource():
    """The rows are the resources below /sandbox/, with the methods that each has."""
    lines = re.findall(r"^\| (`/sandbox/.*)\|$", PAGE, re.MULTILINE)
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    shown = {
        (method, path)
        for paths, get, change in rows
        for path in re.findall(r"`(.*?)`", paths)
        for method in [*(["GET"] if get else []), *re.findall(r"PUT|POST", change)]
    }
    assert shown == {(one.method, one.template) for one in RESOURCES} | {("GET", EVENTS)}


def fenced(language):
    """Return the blocks of the page that are in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_table_has_every_option_of_the_program():
    """The options of the table are those of the program."""
    known = {
        name for action in make_parser("sandbox")._actions if action.help != SUPPRESS for name in action.option_strings
    }
    assert set(re.findall(r"^\| `(--[\w-]+)", PAGE, re.MULTILINE)) == known - {"-h", "--help"}


def test_the_commands_of_the_page_are_accepted():
    """Each command line of the page that starts the sandbox has options that go together."""
    commands = re.findall(r"python -m aiotalonone\.sandbox((?: [\w./-]+)+)", PAGE)
    assert len(commands) >= 3
    for command in commands:
        parse_options(make_parser("sandbox"), command.split())


def test_the_yaml_of_the_page_is_valid():
    """The blocks for containers and CI are YAML, and what they wait for is the path of the health check."""
    assert [next(iter(yaml.safe_load(block))) for block in fenced("yaml")] == ["services", "steps"]
    assert all(HEALTH_PATH in block for block in fenced("yaml"))


def test_the_seed_of_the_page_can_be_put_in():
    """The seed of the page is accepted by the small shop."""
    [seed] = [block for block in fenced("json") if '"profiles"' in block]
    assert Sandbox(SHOP).seed(json.loads(seed)) == {"profiles": 1, "sessions": 1}


async def test_the_lines_of_the_page_are_those_of_the_program():
    """The requests that the page shows as lines are told by these lines, except for when and how long."""
    sandbox = Sandbox(SHOP)
    sandbox.faults.drop_after_commit("createReferral")
    headers = {"Authorization": f"ApiKey-v1 {DEFAULT_API_KEY}"}
    transport = httpx.ASGITransport(sandbox.app)

    def cart(*codes):
        items = [{"sku": "apple", "quantity": 3, "price": 1.2}]
        return {"customerSession": {"profileId": "c-1", "couponCodes": codes, "cartItems": items}}

    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as http:
        path, key = "/v2/customer_sessions/cart-17", {"Idempotency-Key": "k"}
        await http.put(path, json=cart("SUMMER"), headers=key)
        await http.put(path, params={"dry": "true"}, json=cart("WINTER"))
        await http.put(path, json=cart("SUMMER"), headers=key)
        await http.get("/v1/customer_profiles/eve/inventory")
        with pytest.raises(ConnectionResetError):
            await http.post("/v1/referrals", json={"campaignId": 3, "advocateProfileIntegrationId": "c-1"})
    told = [unstyle(request_line(request, datetime.now(UTC)).fitted(None)) for request in sandbox.requests]

    def same(lines):
        return [re.sub(r"^[\d:]{8}|[ \d.]{4} ms", "", line) for line in lines]

    [shown] = [block for block in fenced("text") if "  PUT  " in block]
    assert same(told) == same(shown.splitlines())
