import json
import shlex
from urllib.parse import parse_qsl

import httpx
import pytest

import aiotalonone
from aiotalonone import AsyncIntegrationClient, TalonOneError
from aiotalonone.endpoints import all_operations
from aiotalonone.sandbox import Fault
from aiotalonone.sandbox.window.programs import GROUP_OF, Sent, curl, python, snake_case
from aiotalonone.testing.client import SandboxClient
from aiotalonone.testing.sandbox import TalonOneSandbox
from tests.support.all_operations import FAULTS, SHOP, call_all_operations

URL = "http://127.0.0.1:8080"
SESSION = "/v2/customer_sessions/cart-17"


async def sent_by(program, monkeypatch):
    """Run a program in Python, and return the request that it sends."""
    requests = []

    def respond(request):
        requests.append(request)
        return httpx.Response(400, json={"message": "enough"})

    class Client(AsyncIntegrationClient):
        def __init__(self, url, *, api_key):
            http_client = httpx.AsyncClient(transport=httpx.MockTransport(respond))
            super().__init__(url, api_key=api_key, http_client=http_client)

    monkeypatch.setattr(aiotalonone, "AsyncIntegrationClient", Client)
    monkeypatch.setenv("TALON_ONE_API_KEY", "the-key")
    names = {}
    exec(compile(program.replace("asyncio.run(main())", ""), "program", "exec"), names)  # noqa: S102 - its output
    with pytest.raises(TalonOneError):
        await names["main"]()
    return requests[0]


def content(method, target, body):
    path, _, query = target.partition("?")
    return method, path, sorted(parse_qsl(query, keep_blank_values=True)), json.loads(body) if body else None


def content_of(request):
    return content(request.method, request.url.raw_path.decode(), request.content)


def content_sent(sent):
    return content(sent.method, f"{sent.path}?{sent.query}", sent.body)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_program_sends_the_request_again(monkeypatch):
    """The program of a request calls the client's method for it, whatever the operation, and sends the same again."""
    sandbox = TalonOneSandbox(SHOP)
    for operation_id, fault in FAULTS.items():
        sandbox.faults.add(operation_id, Fault(fault), seconds=0)
    await call_all_operations(SandboxClient(sandbox))
    requests = {(one.operation_id, one.query_string): one for one in sandbox.requests}
    assert {operation_id for operation_id, _ in requests} >= {one.operation_id for one in all_operations()}
    for one in requests.values():
        sent = Sent(one.method, one.path, one.query_string, one.body)
        program = python(sent, URL)
        assert f"client.{GROUP_OF[one.operation_id]}.{snake_case(one.operation_id)}(" in program
        again = await sent_by(program, monkeypatch)
        assert content_of(again) == content_sent(sent)
        assert again.headers["authorization"].endswith(" the-key")


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (f"{SESSION}?dry=true&now=2031-01-01T00%3A00%3A00%2B00%3A00", {"customerSession": {}}),
        (
            "/v2/customer_sessions/a%2Fb%3Fc%22%5C%F0%9F%8D%B5",
            {"customerSession": {"attributes": {"x": None, "y": []}}},
        ),
        ("/v1/loyalty_programs/5/profile/ada/points?status=active&subledgerId=a&subledgerId=b&pageSize=9&skip=1", None),
        ("/v1/loyalty_programs/5/profile/ada/balances?subledgerId=a&includeTiers=false", None),
        ("/v1/integration/campaigns?campaignIds=1%2C2&startAfter=2031-01-01T00%3A00%3A00%2B00%3A00&storeId=x", None),
        ("/v1/customer_profiles/ada/achievements?achievementIds=1%2C2&achievementStatus=active", None),
        ("/v1/something_new?a=1&b=", {"a": [1, "\u202e", '"""', "\\", "'", "\n", True]}),
        ("/v1/something_new", None),
    ],
)
async def test_program_with_any_values(monkeypatch, target, body):
    """Queries of each kind, paths and texts with any characters, and paths without a method are sent as they were."""
    path, _, query = target.partition("?")
    encoded = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    sent = Sent("GET" if body is None else "PUT", path, query, encoded)
    program = python(sent, URL)
    assert "\u202e" not in program
    assert content_of(await sent_by(program, monkeypatch)) == content_sent(sent)


async def test_program_has_exact_numbers(monkeypatch):
    """A number that a float cannot hold is a Decimal in the program, so that it is sent in the same digits."""
    body = b'{"customerSession":{"attributes":{"a":0.1234567890123456789,"b":1.20,"c":12345678901234567890}}}'
    request = await sent_by(python(Sent("PUT", SESSION, "", body), URL), monkeypatch)
    assert b"0.1234567890123456789" in request.content
    assert b"12345678901234567890" in request.content


def test_program_of_what_is_not_json():
    """What is not JSON is a text in the program, which is valid Python nevertheless."""
    for body in (b"{", b"\xff", b'"' * 3, b"[" * 100_000):
        compile(python(Sent("PUT", SESSION, "", body), URL), "program", "exec")


@pytest.mark.parametrize(
    "body", [b'{"a": "it\'s $HOME `id` \\\\ \\" !"}', '{"a":\n "\u202e\u200b\x7f🍵"}'.encode(), b"{'", b"@file"]
)
def test_curl_is_quoted(body):
    """The command is words of a shell, of which only the key is a variable; hidden characters are JSON's escapes."""
    command = curl(Sent("PUT", f"{SESSION}'$(id)", "dry=true&x=%20", body), URL)
    words = [word for word in shlex.split(command) if word != "\n"]
    assert words[:6] == [
        *("curl", "-X", "PUT", f"{URL}{SESSION}'$(id)?dry=true&x=%20"),
        *("-H", "Authorization: ApiKey-v1 $TALON_ONE_API_KEY"),
    ]
    assert words[6:9] == ["-H", "Content-Type: application/json", "--data-raw"]
    assert "\u202e" not in command
    try:
        assert json.loads(words[9]) == json.loads(body)
    except ValueError:
        assert words[9] == body.decode()


def test_address_of_the_sandbox_is_one_word():
    """Whatever the sandbox is called by is one word of the command, and one text of the program."""
    sent, url = Sent("GET", "/v1/referrals", "", b""), "http://a'\"$(id)\\"
    assert shlex.split(curl(sent, url))[3] == f"{url}/v1/referrals"
    compile(python(sent, url), "program", "exec")


def test_curl_leaves_the_address_as_it_is():
    """Brackets and dots in an address, which curl would interpret, are sent as they are."""
    assert curl(Sent("GET", "/v1/[a]", "", b""), URL).startswith("curl --globoff -X GET ")
    assert curl(Sent("GET", "/v1/../a", "", b""), URL).startswith("curl --path-as-is -X GET ")


def test_key_is_in_no_program():
    """A program has the name of the variable with the key, and never a key."""
    sent = Sent("GET", "/v1/referrals", "", b"")
    for program in (python(sent, URL), curl(sent, URL)):
        assert "TALON_ONE_API_KEY" in program
        assert "sandbox-key" not in program
