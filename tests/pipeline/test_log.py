"""The lines of the logger ``aiotalonone``."""

import asyncio
import logging
import os
import re
import subprocess
import sys
import time

import httpx
import pytest

from aiotalonone import (
    ConflictError,
    IntegrationStateV2,
    ResponseDecodeError,
    RetryPolicy,
    TransportError,
    codec,
    unstructure,
)
from aiotalonone.pipeline.log import MismatchLog
from tests.support.scripted_api import HANG, STATE, close_session, create_referral, scripted_client

CLOSE = "updateCustomerSessionV2: PUT /v2/customer_sessions/{customerSessionId}"
ONCE = RetryPolicy(attempts=1)


@pytest.fixture
def lines(caplog):
    """Return the logged lines without times."""
    caplog.set_level(logging.DEBUG, logger="aiotalonone")

    def logged():
        records = [record for record in caplog.records if record.name == "aiotalonone"]
        return [(record.levelname, re.sub(r"\d+\.\d{3} s", "n s", record.getMessage())) for record in records]

    return logged


async def test_a_success_is_one_line_at_debug(lines):
    """A successful call is one DEBUG line with operation, template, status, duration and attempts."""
    async with scripted_client("own", 200) as (client, _):
        await close_session(client)
    assert lines() == [("DEBUG", f"{CLOSE} returned 200 in n s (attempts: 1)")]


FAILURES = {
    "rejected": (409, ConflictError, "409, ConflictError, rejected"),
    "broken": (httpx.ReadError, TransportError, "TransportError, unknown"),
    "unreadable": (httpx.Response(200, text="no JSON"), ResponseDecodeError, "200, ResponseDecodeError, applied"),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_is_one_line_at_info(lines, failure):
    """A failed call is one INFO line with its outcome, a response that cannot be read included."""
    ending, error, words = FAILURES[failure]
    async with scripted_client("own", ending, retry=ONCE) as (client, _):
        with pytest.raises(error):
            await close_session(client)
    assert lines() == [("INFO", f"{CLOSE} failed ({words}) in n s (attempts: 1)")]


async def test_a_retry_is_a_line_before_its_pause(lines):
    """A retry is a line with reason and pause, and the call's own line counts the attempts."""
    async with scripted_client("own", 503, 200, retry=RetryPolicy(initial_backoff=0.001)) as (client, _):
        await close_session(client)
    assert lines() == [
        ("INFO", "updateCustomerSessionV2: attempt 1 failed (503), retrying in n s"),
        ("DEBUG", f"{CLOSE} returned 200 in n s (attempts: 2)"),
    ]


async def test_the_outcome_is_that_of_the_whole_call(lines):
    """A second attempt that was not sent leaves the outcome at that of the first."""
    policy = RetryPolicy(attempts=2, initial_backoff=0)
    async with scripted_client("own", httpx.ReadError, 429, retry=policy) as (client, _):
        with pytest.raises(Exception, match="unknown"):
            await close_session(client)
    assert lines()[-1] == ("INFO", f"{CLOSE} failed (429, RateLimitError, unknown) in n s (attempts: 2)")


async def test_a_cancellation_is_a_line(lines):
    """A cancelled call is a line with its outcome."""
    async with scripted_client("own", HANG) as (client, script):
        call = asyncio.create_task(create_referral(client))
        while not script.requests:  # noqa: ASYNC110 - the script has no event for it
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    [(level, line)] = lines()
    assert level == "INFO"
    assert "failed (CancelledError, unknown)" in line


async def test_a_call_that_a_middleware_repeats_is_one_line(lines):
    """A call is one line however often a call middleware passes it on: twice, or not at all."""

    async def twice(exchange, call_next):
        await call_next(exchange)
        return await call_next(exchange)

    async def cached(_exchange, _call_next):
        return httpx.Response(200, json=STATE)

    for middleware in (twice, cached):
        async with scripted_client("own", 200, call_middleware=[middleware]) as (client, _):
            await close_session(client)
    assert lines() == [
        ("DEBUG", f"{CLOSE} returned 200 in n s (attempts: 2)"),
        ("DEBUG", f"{CLOSE} returned 200 in n s (attempts: 0)"),
    ]


async def test_an_unlisted_endpoint_has_no_path(lines):
    """The line of ``client.request`` has no path, since it may hold personal data."""
    async with scripted_client("own", 200) as (client, _):
        await client.request("GET", "/v1/friends/ada")
    assert lines() == [("DEBUG", "request: GET returned 200 in n s (attempts: 1)")]


async def test_a_disabled_logger_costs_nothing(caplog):
    """Above INFO no done callback for the log is added to a call."""
    caplog.set_level(logging.WARNING, logger="aiotalonone")
    asked = []

    async def look(exchange, call_next):
        asked.append(list(exchange._done_callbacks))
        return await call_next(exchange)

    async with scripted_client("own", 200, middleware=[look]) as (client, _):
        await close_session(client)
    assert asked == [[]]


def states(*bodies):
    """Return successful responses with these bodies."""
    return [httpx.Response(200, json=body) for body in bodies]


def warnings_of(lines):
    return [message for level, message in lines() if level == "WARNING"]


MISMATCH = "updateCustomerSessionV2: the response is not what its schema says at "


async def test_a_place_where_a_response_is_not_what_its_schema_says_is_logged_once(lines):
    """Each place is one WARNING line for each client and operation, with neither indexes, names of maps nor values."""
    session = {"customerSession": {"profileId": "anna"}}
    bent = {"createdCoupons": [{"id": 1, "limits": {"anna": 1}}, "anna"], "loyalty": {"programs": {"anna": 7}}}
    async with scripted_client("own", *states(session, session, bent, bent, {})) as (client, _):
        for _ in range(5):
            await close_session(client)
        await close_session(client.with_options(deadline=9))
    places = [line.removeprefix(MISMATCH) for line in warnings_of(lines)]
    assert len(places) == len(set(places))
    assert {
        "/customerSession/applicationId: missing",
        "/createdCoupons/*/limits: an array was expected, not dict",
        "/createdCoupons/*: an object was expected, not str",
        "/loyalty/programs/*: an object was expected, not int",
    } <= set(places)
    assert "anna" not in "".join(places)


async def test_another_client_logs_a_place_again(lines):
    """What one client has logged, another one logs as well."""
    for _ in range(2):
        async with scripted_client("own", *states({"event": 7})) as (client, _):
            await close_session(client)
    assert warnings_of(lines) == [f"{MISMATCH}/event: an object was expected, not int"] * 2


@pytest.mark.parametrize(
    ("member", "other", "problem"),
    [
        ("total", {"amount": 5}, "a number was expected, not dict"),
        ("total", True, "a number was expected, not bool"),
        ("state", 7, "a string was expected, not int"),
        ("firstSession", "yes", "a boolean was expected, not str"),
        ("created", "soon", "a date was expected"),
        ("profileId", None, "null"),
    ],
)
async def test_a_plain_member_of_another_kind_is_logged(lines, member, other, problem):
    """A text, number, boolean or date of another kind is logged as well, if an operation's first response has it."""
    async with scripted_client("own", *states({"customerSession": {member: other}})) as (client, _):
        state = await close_session(client)
    assert f"{MISMATCH}/customerSession/{member}: {problem}" in warnings_of(lines)
    assert unstructure(state)["customerSession"][member] == other


async def test_props_that_do_not_fit_are_logged(lines):
    """Props that their class cannot hold are logged with their place."""
    effect = {"campaignId": 1, "rulesetId": 1, "ruleIndex": 0, "ruleName": "n", "effectType": "setDiscount"}
    async with scripted_client("own", *states({"effects": [effect | {"props": {"value": 5}}]})) as (client, _):
        await close_session(client)
    assert warnings_of(lines) == [f"{MISMATCH}/effects/*/props/name: missing"]


async def test_a_response_as_its_schema_says_is_not_logged(lines):
    """Members that are unknown, new enum values, numbers as text, and lists left out or null are everyday."""
    effect = {"campaignId": "1", "rulesetId": 1, "ruleIndex": 0, "ruleName": "n", "effectType": "sing", "props": {}}
    body = {"effects": [effect], "moonPhase": "full", "createdCoupons": None, "event": None}
    async with scripted_client("own", *states(body)) as (client, _):
        await close_session(client)
    assert warnings_of(lines) == []


async def test_at_most_a_hundred_places_are_logged(lines):
    """A client logs at most a hundred places, whatever the server sends."""
    objects = ["customerProfile", "customerSession", "referral", "event", "advancedEvent", "return"]
    lists = ["createdCoupons", "createdReferrals", "awardedGiveaways", "achievements", "coupons", "previousReturns"]
    body = {name: {} for name in objects} | {name: [{}, {}] for name in lists}
    async with scripted_client("own", *states(body)) as (client, _):
        for _ in range(3):
            await close_session(client)
            await client.customers.update_customer_profile_v2("c-1", {})
    assert len(set(warnings_of(lines))) == len(warnings_of(lines)) == 100


def test_a_response_is_searched_within_milliseconds():
    """Of a large response that is wrong everywhere, the first values are searched, and each place is logged once."""
    log, effects = MismatchLog(), [{"campaignId": 1}] * 200_000
    started = time.process_time()
    log.inspect("op", {"effects": effects}, IntegrationStateV2, is_mismatch=True)
    assert time.process_time() - started < 0.5


def test_a_server_that_never_keeps_to_its_schema_is_searched_less_and_less(monkeypatch):
    """After a hundred responses with mismatches, only each that doubles their number is searched."""
    searched = []
    monkeypatch.setattr(codec, "mismatches", lambda value, _: searched.append(value) or ())
    log = MismatchLog()
    for number in range(1, 1001):
        log.inspect("op", {"n": number}, IntegrationStateV2, is_mismatch=True)
    assert [value["n"] for value in searched] == [*range(1, 101), 128, 256, 512]
    searched.clear()
    for number in range(1, 1001):
        log.inspect("op", {"n": number}, IntegrationStateV2, is_mismatch=False)
    assert [value["n"] for value in searched] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]


PROGRAM = """
import asyncio, httpx, logging
from aiotalonone import AsyncIntegrationClient
{setup}
async def main():
    for _ in range(2):
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(204))) as http_client,
            AsyncIntegrationClient("https://shop.talon.one", api_key="k", http_client=http_client) as client,
        ):
            await client.customers.delete_customer_data("ada")
asyncio.run(main())
"""
SUCCESS = "deleteCustomerData: DELETE /v1/customer_data/{integrationId} returned 204 in n s (attempts: 1)"


@pytest.mark.parametrize(
    ("level", "setup", "expected"),
    [
        ("", "", []),
        ("debug", "", [f"t DEBUG aiotalonone: {SUCCESS}"] * 2),
        ("DEBUG", "", [f"t DEBUG aiotalonone: {SUCCESS}"] * 2),
        ("info", "", []),
        ("debug", "logging.basicConfig(format='own: %(message)s')", [f"own: {SUCCESS}"] * 2),
        ("verbose", "", ["t WARNING aiotalonone: TALON_ONE_LOG must be debug or info"]),
    ],
    ids=["unset", "debug", "capitals", "info", "a program's own handler", "another word"],
)
def test_a_variable_switches_the_log_on(level, setup, expected):
    """``TALON_ONE_LOG`` writes the log to stderr, each line once, unless the program has handlers of its own."""
    program = [sys.executable, "-c", PROGRAM.format(setup=setup)]
    environment = {**os.environ, "TALON_ONE_LOG": level}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert done.stdout == ""
    lines = [re.sub(r"\d+\.\d{3} s", "n s", re.sub(r"^[\d-]+ [\d:,]+", "t", line)) for line in done.stderr.splitlines()]
    assert lines == expected
