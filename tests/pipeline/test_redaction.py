"""The logs of httpx and httpcore show little of our requests and everything of other requests."""

import logging
from contextvars import copy_context

import httpx
import pytest

from aiotalonone import AsyncIntegrationClient
from aiotalonone.pipeline.redaction import install, start_redaction, stop_redaction, strip_sensitive
from tests.support.leak_surfaces import capture_logs
from tests.support.raw_server import http_response, raw_server


@pytest.fixture
async def url():
    """Serve a response with a cookie to every request; return the URL."""

    async def respond(_heard, writer):
        writer.write(http_response(200, b"", "Set-Cookie: taste=sweet"))

    async with raw_server(respond) as url:
        yield url


def lines_of(log, logger):
    """Return the messages of one logger."""
    return [line.split("{'name'")[0].split(" ", 2)[2].strip() for line in log.lines if line.startswith(f"{logger} ")]


async def test_httpx_logs_the_host_of_our_requests(url):
    """Httpx's line about a request of ours has method, host and status, and no path."""
    with capture_logs() as log:
        async with AsyncIntegrationClient(url, api_key="k") as client:
            await client.customers.delete_customer_data("ada")
    assert lines_of(log, "httpx") == ['HTTP Request: DELETE http://127.0.0.1/… "HTTP/1.1 200 OK"']


async def test_httpcore_logs_the_events_of_our_requests(url):
    """Httpcore's lines about a request of ours have its events, and nothing of their content."""
    with capture_logs() as log:
        async with (
            httpx.AsyncClient(trust_env=False) as http_client,
            AsyncIntegrationClient(url, api_key="k", http_client=http_client) as client,
        ):
            await client.customers.delete_customer_data("ada")
    events = lines_of(log, "httpcore.http11")
    assert "receive_response_headers.complete" in events
    assert not [event for event in events if " " in event]


async def test_other_requests_are_logged_as_usual(url):
    """Other requests of the same httpx client are logged as usual, before and after a call of ours."""
    with capture_logs() as log:
        async with (
            httpx.AsyncClient(trust_env=False) as http_client,
            AsyncIntegrationClient(url, api_key="k", http_client=http_client) as client,
        ):
            await http_client.get(f"{url}/before")
            await client.customers.delete_customer_data("ada")
            await http_client.get(f"{url}/after")
    paths = [line.split()[3].removeprefix(url) for line in lines_of(log, "httpx")]
    assert paths == ["/before", "http://127.0.0.1/…", "/after"]
    assert len([line for line in lines_of(log, "httpcore.http11") if "taste=sweet" in line]) == 2


@pytest.mark.parametrize("logger", ["httpcore.connection", "httpcore.http2", "httpcore.socks", "hpack.hpack"])
def test_the_filter_is_on_every_library_below(logger):
    """The loggers of hpack and of httpcore's proxies are filtered, too."""
    install()
    with capture_logs() as log:
        token = start_redaction()
        logging.getLogger(logger).debug("Adding %s to the header table", b"authorization")
        stop_redaction(token)
        logging.getLogger(logger).debug("Adding %s to the header table", b"accept")
    assert lines_of(log, logger) == ["Adding", "Adding b'accept' to the header table"]


def test_installing_twice_adds_no_second_filter():
    """A logger has one filter, however many clients are opened."""
    install()
    before = list(logging.getLogger("httpx").filters)
    install()
    assert logging.getLogger("httpx").filters == before


def test_a_failure_keeps_no_words_of_a_library():
    """The words of a library's error and what they quote are taken off, and those of the operating system stay."""
    system = ConnectionResetError(104, "Connection reset")
    failure, middle = httpx.ConnectError("canary"), httpx.ReadError("canary")
    failure.__cause__, middle.__cause__ = middle, system
    strip_sensitive(failure)
    assert (failure.args, middle.args, system.args) == ((), (), (104, "Connection reset"))
    assert middle.__cause__ is system


def test_what_a_library_quotes_is_not_a_cause():
    """What a library's error was caused by is dropped if it is neither a library's nor the operating system's."""
    failure = httpx.ReadError("canary")
    failure.__context__ = ValueError("canary")
    strip_sensitive(failure)
    assert (failure.__cause__, failure.__context__) == (None, None)


def test_an_error_of_a_hooks_own_stays_as_it_is():
    """An error of a hook's own keeps its words and its cause; a library's error among its causes loses its words."""
    failure, cause, library = KeyError("mine"), ValueError("mine, too"), httpx.ReadError("canary")
    failure.__cause__, cause.__cause__ = cause, library
    strip_sensitive(failure)
    assert (failure.args, failure.__cause__, cause.args, cause.__cause__) == (("mine",), cause, ("mine, too",), library)
    assert library.args == ()


def test_an_error_among_its_own_causes_is_stripped():
    """An error that is among its own causes does not hold up the call."""
    failure, cause = httpx.ReadError("canary"), OSError(104, "Connection reset")
    failure.__cause__, cause.__cause__ = cause, failure
    strip_sensitive(failure)
    assert failure.args == ()


def test_a_call_may_be_ended_in_another_context():
    """A request may end in another context, as if the garbage collector drops it with its event loop."""
    stop_redaction(copy_context().run(start_redaction))
