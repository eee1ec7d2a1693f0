"""The lines of the logger ``aiotalonone``."""

import asyncio
import logging
import re

import httpx
import pytest

from aiotalonone import ConflictError, ResponseDecodeError, RetryPolicy, TransportError
from tests.support.scripted_api import HANG, close_session, create_referral, scripted_client

CLOSE = "updateCustomerSessionV2: PUT /v2/customer_sessions/{customerSessionId}"
ONCE = RetryPolicy(attempts=1)


@pytest.fixture
def lines(caplog):
    """What was logged, times left out."""
    caplog.set_level(logging.DEBUG, logger="aiotalonone")

    def logged():
        records = [record for record in caplog.records if record.name == "aiotalonone"]
        return [(record.levelname, re.sub(r"\d+\.\d{3} s", "n s", record.getMessage())) for record in records]

    return logged


async def test_a_success_is_one_line_at_debug(lines):
    """Operation, template, status, time, attempts."""
    async with scripted_client("own", 200) as (client, _):
        await close_session(client)
    assert lines() == [("DEBUG", f"{CLOSE} returned 200 in n s (attempts: 1)")]


FAILURES = {
    "conflict": (409, ConflictError, "409, ConflictError, rejected"),
    "broken": (httpx.ReadError, TransportError, "TransportError, unknown"),
    "unreadable": (httpx.Response(200, text="no JSON"), ResponseDecodeError, "200, ResponseDecodeError, applied"),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_is_one_line_at_info(lines, failure):
    """The line of a failed call names its outcome, also if its response could not be decoded."""
    ending, error, words = FAILURES[failure]
    async with scripted_client("own", ending, retry=ONCE) as (client, _):
        with pytest.raises(error):
            await close_session(client)
    assert lines() == [("INFO", f"{CLOSE} failed ({words}) in n s (attempts: 1)")]


async def test_a_repetition_is_a_line_before_its_pause(lines):
    """It says why, and how long; the call's own line counts the attempts."""
    async with scripted_client("own", 503, 200, retry=RetryPolicy(initial_backoff=0.001)) as (client, _):
        await close_session(client)
    assert lines() == [
        ("INFO", "updateCustomerSessionV2: attempt 1 failed (503), retrying in n s"),
        ("DEBUG", f"{CLOSE} returned 200 in n s (attempts: 2)"),
    ]


async def test_the_outcome_is_that_of_the_whole_call(lines):
    """A second attempt that never left does not undo what the first may have done."""
    policy = RetryPolicy(attempts=2, initial_backoff=0)
    async with scripted_client("own", httpx.ReadError, 429, retry=policy) as (client, _):
        with pytest.raises(Exception, match="unknown"):
            await close_session(client)
    assert lines()[-1] == ("INFO", f"{CLOSE} failed (429, RateLimitError, unknown) in n s (attempts: 2)")


async def test_a_cancellation_is_a_line(lines):
    """With what became of the request."""
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


async def test_an_unlisted_endpoint_has_no_path(lines):
    """It may name people."""
    async with scripted_client("own", 200) as (client, _):
        await client.request("GET", "/v1/friends/ada")
    assert lines() == [("DEBUG", "request: GET returned 200 in n s (attempts: 1)")]


async def test_nobody_is_asked_for_lines_that_nobody_reads(caplog):
    """Above INFO a call notes nothing."""
    caplog.set_level(logging.WARNING, logger="aiotalonone")
    asked = []

    async def look(exchange, call_next):
        asked.append(list(exchange._done_callbacks))
        return await call_next(exchange)

    async with scripted_client("own", 200, middleware=[look]) as (client, _):
        await close_session(client)
    assert asked == [[]]
