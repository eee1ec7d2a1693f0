"""IDs and codes in paths, as a server on a socket reads them."""

import asyncio
from contextlib import suppress
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.clients import TRANSPORTS, make_client
from tests.support.raw_server import read_request, serving

PREFIX = b"/gateway/v1/customer_data/"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text not in {".", ".."})


@pytest.fixture
def targets():
    """Return the targets of the request lines, in the order in which they were received."""
    return []


@pytest.fixture(params=TRANSPORTS)
async def client(request, targets):
    """Open a client of a server that responds to everything with 204."""

    async def answer(reader, writer):
        with suppress(asyncio.IncompleteReadError):
            while True:
                head, _ = await read_request(reader)
                targets.append(head.partition(b"\r\n")[0].split(b" ")[1:-1])
                writer.write(NO_CONTENT)
        writer.close()

    async with serving(answer) as port, make_client(request.param, f"http://127.0.0.1:{port}/gateway/") as client:
        yield client


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts)
@example("...")
@example("../../v1/customer_data/other")
@example("a/../b")
@example("%2e%2E")
@example("%")
@example("?dry=true#/")
@example(" \r\n HTTP/1.1\r\n\r\n")
@example("\x00\x7f\u2028\U0001f9c3")
@example("\u00e9")
@example("e\u0301")
@example("{integrationId}")
async def test_any_text_arrives_as_one_segment(client, targets, text):
    """Any ID is received as one segment of the path that decodes to the same text."""
    targets.clear()
    await client.customers.delete_customer_data(text)
    [[target]] = targets
    segment = target.removeprefix(PREFIX)
    assert len(target) == len(PREFIX) + len(segment)
    assert not set(segment) & set(b"/?#")
    assert unquote_to_bytes(segment).decode() == text


@pytest.mark.parametrize("text", ["", ".", "..", "a\ud800", "\udfff"])
async def test_an_id_that_would_be_another_path_is_not_sent(client, targets, text):
    """An ID that a server would read as another path, or that is not text, raises ValueError."""
    with pytest.raises(ValueError, match="integrationId"):
        await client.customers.delete_customer_data(text)
    assert targets == []
