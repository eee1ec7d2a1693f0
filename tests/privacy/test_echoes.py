"""Whatever a server repeats, in whatever spelling, no line, log or redacted reject differs by it."""

import base64
import codecs
import html
import json
import logging
import re
import unicodedata
from collections.abc import Callable
from contextlib import contextmanager
from traceback import format_exception
from urllib.parse import quote, quote_plus

import httpx
import pytest

from aiotalonone import APIStatusError, AsyncIntegrationClient, RetryPolicy
from aiotalonone.bulk import ProfileSync
from aiotalonone.endpoints.customers import UPDATE_CUSTOMER_PROFILE_V2
from aiotalonone.pipeline.response import status_error
from tests.support.clients import BASE_URL

KEY = "k3y-9f8e7d6c5b4a-CANARY"
ID = "zoë.o'brien+canary@example.org"
CODE = "SUMMER-CANARY/2026%OFF"
TEXT = 'Strauß & <Canary> "Ünïcode" \\ ÓNeill'
PHONE = "4915112345678"
SPENT = "1234567.891"
OTHERS = ["Иванов & Ёлка", "<b>J'où\u00a0/ß</b>", "grüße=ÇA%41+\U0001f600"]
VALUES = [KEY, ID, CODE, TEXT, PHONE, SPENT, *OTHERS]


def go_json(text: str) -> str:
    """Return a text as Go writes it into JSON."""
    return json.dumps(text, ensure_ascii=False).replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def number(text: str) -> float:
    """Return a value as a number: its own, or one that is made of its characters."""
    return float(text) if text.replace(".", "").isdigit() else float(int.from_bytes(text.encode()[:7], "big"))


def entities(text: str) -> str:
    """Return a text as numeric entities."""
    return "".join(f"&#{ord(character)};" for character in text)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "quoted": repr,
    "upper case": str.upper,
    "lower case": str.lower,
    "folded": str.casefold,
    "swapped": str.swapcase,
    "HTML": html.escape,
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "numeric entities": entities,
    "XML": lambda text: text.encode("ascii", "xmlcharrefreplace").decode(),
    "JSON": lambda text: json.dumps(text, ensure_ascii=False),
    "ASCII JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "Go JSON": go_json,
    "Go %v of a number": lambda text: f"{number(text):.12e}".replace("e+0", "e+"),
    "Go %q": lambda text: text.encode("unicode_escape").decode(),
    "thousands": lambda text: f"{number(text):,.0f}",
    "thousands with spaces": lambda text: f"{number(text):,.0f}".replace(",", "\u202f"),
    "rounded": lambda text: f"{number(text):.3g}",
    "hexadecimal number": lambda text: hex(int(number(text))),
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded but for slashes": quote,
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "as a form": quote_plus,
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "NFKC": lambda text: unicodedata.normalize("NFKC", text),
    "truncated": lambda text: text[:10] + "...",
    "the last four": lambda text: "****" + text[-4:],
    "without its ends": lambda text: text[3:-3],
    "spaced": " ".join,
    "with zero-width joiners": "\u200d".join,
    "backwards": lambda text: text[::-1],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "mojibake": lambda text: text.encode().decode("latin-1"),
    "mojibake of Windows": lambda text: text.encode().decode("cp1252", "replace"),
    "ASCII with question marks": lambda text: text.encode("ascii", "replace").decode(),
    "transliterated": lambda text: unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode(),
    "rotated": lambda text: codecs.encode(text, "rot13"),
    "two lines": lambda text: f"{text[:8]}\r\n{text[8:]}",
}
ECHOES = [(name, value, SPELLINGS[name](value)) for name in SPELLINGS for value in VALUES]
NEUTRAL = "\x00 nothing of the kind"
BODIES: dict[str, Callable[[str], object]] = {
    "message": lambda echo: {"message": f"profile {echo} is invalid"},
    "message alone": lambda echo: {"message": echo},
    "at the start": lambda echo: {"message": f"{echo} not found"},
    "state": lambda echo: {"message": f'Cannot move session to state "{echo}" from state "open"'},
    "JSON": lambda echo: {"message": f"The request body is not valid JSON: {echo}"},
    "attribute": lambda echo: problem("Unknown", f'The attribute "{echo}" is not defined on {echo} entities.', echo),
    "value": lambda echo: problem("Invalid type", f'Value of "{echo}" attribute ({echo}) is not a string', echo),
    "choice": lambda echo: problem("enum", f"{echo} must be one of the following: {echo}", echo),
    "required": lambda echo: problem("required", f"{echo} is required", f"{echo}/state"),
    "title": lambda echo: problem(echo, None, f"/attributes/{echo}"),
    "details": lambda echo: problem("", echo, f"/customerProfiles/0/{echo}/integrationId"),
    "plain errors": lambda echo: {"message": "The submitted data was invalid", "errors": [echo, echo]},
    "HTML": lambda echo: f"<title>{echo}</title>",
}


def problem(title, details, pointer):
    """Return the API's error with one entry."""
    entry = {"title": title, "details": details, "source": {"pointer": pointer}}
    return {"message": "The submitted data was invalid", "errors": [entry]}


class Echo:
    """An API that rejects each request, and says in body and headers what it is told to say."""

    def __init__(self):
        self.say(NEUTRAL, "message")

    def say(self, echo, body):
        """Say something from now on."""
        content = BODIES[body](echo)
        content = content if isinstance(content, str) else json.dumps(content)
        safe = quote(echo, safe="")
        self.content = content.encode(errors="replace")
        headers = {"location": f"https://{safe}.example/{safe}", "set-cookie": f"c={safe}", "x-echo": safe}
        extensions = {"reason_phrase": echo.encode("ascii", "ignore")}
        self.response = {"headers": headers, "extensions": extensions, "content": self.content}

    def __call__(self, _request):
        """Respond to a request."""
        return httpx.Response(400, **self.response)


@contextmanager
def logged():
    """Collect the lines of all loggers, without durations."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(re.sub(r"\d+\.\d+", "", f"{record.getMessage()} {record.args}"))
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


async def shown(client):
    """Return all that a rejected call shows: the error's line, repr, args, traceback and dict, and the log."""
    body = {"attributes": {"Name": TEXT, "Phone": int(PHONE), "Spent": float(SPENT), CODE: [ID]}}
    with logged() as lines, pytest.raises(APIStatusError) as caught:
        await client.customers.update_customer_profile_v2(ID, body)
    error = caught.value
    facts = {name: value for name, value in error.to_dict().items() if name != "elapsed"}
    texts = [str(error), repr(error), repr(error.args), repr(error.errors), format_exception(error)[-1], repr(facts)]
    return [*texts, *lines]


def test_there_are_as_many_echoes_as_were_tried():
    """The echoes are more than two hundred, and differ from the neutral one."""
    assert len({echo for _, _, echo in ECHOES}) >= 218
    assert NEUTRAL not in {echo for _, _, echo in ECHOES}


@pytest.mark.parametrize("body", BODIES)
def test_no_error_differs_by_what_the_server_says(body):
    """The text, repr and dict of an error are the same whatever a server repeats, in whatever spelling and place."""
    api = Echo()

    def shown_of(echo):
        api.say(echo, body)
        error = status_error(UPDATE_CUSTOMER_PROFILE_V2, 400, api.response["headers"], api.content)
        return str(error), repr(error), repr(error.errors), repr(error.to_dict())

    assert {shown_of(echo) for _, _, echo in ECHOES} == {shown_of(NEUTRAL)}


@pytest.mark.parametrize("body", ["message", "attribute"])
async def test_no_line_differs_by_what_the_server_says(body):
    """The error and the logs of a call are the same whatever a server repeats, and in whatever spelling."""
    api = Echo()
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(api)) as http_client,
        AsyncIntegrationClient(BASE_URL, api_key=KEY, http_client=http_client) as client,
    ):
        api.say(NEUTRAL, body)
        expected = await shown(client)
        assert any("HTTP Request" in line for line in expected)
        for name, value, echo in ECHOES:
            api.say(echo, body)
            assert await shown(client) == expected, (name, value)


@pytest.mark.parametrize("body", ["message", "title"])
async def test_no_redacted_reject_differs_by_what_the_server_says(body, tmp_path):
    """Redacted rejects, and the error of a job, are the same whatever a server repeats; no ID stands in them."""
    api = Echo()
    records = [{"integrationId": f"{number}-{ID}", "attributes": {"Name": TEXT}} for number in range(2)]

    async def rejects(client):
        job = ProfileSync(client, job="job", rejects=tmp_path / "rejects", redact=True, retry=RetryPolicy(attempts=1))
        await job.run(records)
        return (tmp_path / "rejects").read_bytes()

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(api)) as http_client,
        AsyncIntegrationClient(BASE_URL, api_key=KEY, http_client=http_client) as client,
    ):
        api.say(NEUTRAL, body)
        expected = await rejects(client)
        assert expected.count(b"\n") == len(records)
        assert not any(secret in expected.decode() for secret in (ID, "anary", "Strau"))
        for name, value, echo in ECHOES:
            api.say(echo, body)
            assert await rejects(client) == expected, (name, value)


async def test_a_reject_does_not_name_what_another_record_holds(tmp_path):
    """The redacted reject of a record has nothing that the API said of another record of the request."""
    errors = [
        {"title": "invalid mail", "details": "canary@example.org", "source": {"pointer": f"/customerProfiles/{index}"}}
        for index in (3, 5)
    ]
    answer = {"message": "invalid mail canary@example.org", "errors": errors}

    def respond(request):
        is_rejected = b'"c-3"' in request.content or b'"c-5"' in request.content
        return httpx.Response(400, json=answer) if is_rejected else httpx.Response(204)

    records = [
        {"integrationId": f"c-{number}", "attributes": {"Mail": "canary@example.org" if number == 3 else "x"}}
        for number in range(8)
    ]
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http_client,
        AsyncIntegrationClient(BASE_URL, api_key=KEY, http_client=http_client) as client,
    ):
        report = await ProfileSync(client, job="job", rejects=tmp_path / "rejects", redact=True).run(records)
    assert report.rejected == 2
    lines = [json.loads(line) for line in (tmp_path / "rejects").read_text().splitlines()]
    assert [line["position"] for line in lines] == [3, 5]
    assert {line["message"] for line in lines} == {"Bad Request, API message withheld"}
