import httpx
import pytest

from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.serving.access import Access, guarded

SHOP_PAGE = "http://localhost:3000"


async def ask(access=None, *headers, path="/v1/campaigns", method="GET"):
    """Return the response to a request with these headers alone."""
    app = guarded(Sandbox().app, access or Access(), lambda *_: None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        request = client.build_request(method, f"http://unused{path}", headers=[("Authorization", "ApiKey-v1 wrong")])
        request.headers = httpx.Headers([*((k, v) for k, v in request.headers.items() if k != "host"), *headers])
        return await client.send(request)


async def is_served(access, *headers, **options):
    """Return whether a request came through; the sandbox itself never responds with 403."""
    response = await ask(access, *headers, **options)
    return response.status_code != 403


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8080",
        "LocalHost:8080",
        "localhost.",
        "localhost.:8080",
        "localhost:",
        "shop.localhost:8080",
        "127.0.0.1:8080",
        "127.0.0.2",
        "192.168.7.9:8080",
        "[::1]:8080",
        "[::1]",
        "[FE80::1]:8080",
    ],
)
async def test_own_hosts_are_served(host):
    """A request for localhost or for an address is served, however the host is written."""
    assert await is_served(Access(), ("Host", host))


@pytest.mark.parametrize(
    "host",
    [
        "shop.example",
        "shop.example:8080",
        "localhost.shop.example",
        "notlocalhost",
        "127.0.0.1.shop.example",
        "127.1",
        "0x7f.1",
        "sandbox",
        "",
        ".",
        ":8080",
        "localhost..",
        "localhost, localhost",
        "user@localhost",
        "localhost/",
        "local host",
        "localhost:99999999",
        "localhost:port",
        "[::1",
        "::1",
        "[localhost]",
        "[::1%lo]",
        "l\u00f6calhost",
        "a" * 300,
    ],
)
@pytest.mark.parametrize("path", ["/", "/sandbox/state", "/v1/campaigns"])
async def test_foreign_hosts_are_rejected(host, path):
    """A request for any other host is a 403 on every path: a stranger's name may point to this machine."""
    assert not await is_served(Access(), ("Host", host.encode("latin-1")), path=path)


@pytest.mark.parametrize(
    ("hosts", "what"),
    [
        ([], "no Host"),
        (["localhost", "localhost"], "several Hosts"),
        (["localhost", "shop.example"], "several Hosts"),
        (["local host"], "an invalid Host"),
    ],
)
async def test_a_request_has_one_host(hosts, what):
    """A request without a Host, or with several, is a 403 that says so."""
    response = await ask(Access(), *(("Host", host) for host in hosts))
    assert (response.status_code, response.json()["message"]) == (403, f"The request has {what}")


async def test_a_foreign_host_is_told_the_option():
    """The error is in the API's format, and names the option that allows the host."""
    response = await ask(Access(), ("Host", "Shop.Example.:8080"))
    assert response.json()["message"] == (
        "This sandbox is not known as shop.example; the option --allow-host shop.example allows it"
    )
    assert response.headers["x-request-id"] == response.json()["RequestUUID"]


async def test_allowed_hosts_are_served():
    """A host that the sandbox was told to allow is served, and so is a page from there; others are not."""
    access = Access(hosts={"shop.example"})
    assert await is_served(access, ("Host", "SHOP.example.:80"))
    assert await is_served(access, ("Host", "shop.example"), ("Origin", "http://shop.example"))
    assert not await is_served(access, ("Host", "www.shop.example"))


async def test_services_of_other_machines_know_it_by_a_name_without_dots():
    """A sandbox for other machines is served under a name without dots, which cannot be registered."""
    access = Access(is_remote=True)
    assert await is_served(access, ("Host", "talon-one:8080"))
    for host in ("talon-one.shop.example:8080", "."):
        assert not await is_served(access, ("Host", host))


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("LOCALHOST.:8080", "http://localhost:8080"),
        ("localhost:8080", "HTTP://LocalHost:8080"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("127.0.0.1:80", "http://127.0.0.1"),
        ("localhost", "https://localhost:443"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("[0:0::1]:8080", "http://[::1]:8080"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_its_own_page_may_call_it(host, origin, method):
    """A request whose origin is the host that it names is served: it comes from the sandbox's own page."""
    response = await ask(Access(), ("Host", host), ("Origin", origin), method=method, path="/v1/referrals")
    assert response.status_code in {401, 405}


@pytest.mark.parametrize("origin", ["http://[::2]:8080", "http://[::1]:8081", "http://[::1]"])
async def test_pages_of_other_addresses_are_rejected(origin):
    """A page of another address or port is a 403."""
    assert not await is_served(Access(), ("Host", "[::1]:8080"), ("Origin", origin))


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "https://localhost",
        "http://shop.example",
        "http://localhost:8080.shop.example",
        "http://localhost:8080@shop.example",
        "http://localhost:8080/",
        "null",
        "",
        "file://",
        "localhost:8080",
        "chrome-extension://abcdef",
        "ftp://localhost:8080",
    ],
)
@pytest.mark.parametrize("path", ["/", "/sandbox/state", "/v1/campaigns", "/healthz"])
async def test_foreign_pages_are_rejected(origin, path):
    """A request of a page from elsewhere is a 403 on every path, also if its host is this machine."""
    response = await ask(Access(), ("Host", "localhost:8080"), ("Origin", origin), path=path)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


async def test_a_request_has_one_origin():
    """A request with several origins is a 403, also if each of them may call the sandbox."""
    origins = [("Origin", "http://localhost:8080")] * 2
    assert not await is_served(Access(), ("Host", "localhost:8080"), *origins)


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        (
            "http://localhost:3000",
            (
                "Pages of http://localhost:3000 cannot call this sandbox; "
                "the option --cors http://localhost:3000 allows it"
            ),
        ),
        ("null", "Pages without an origin of their own cannot call this sandbox"),
    ],
)
async def test_a_foreign_page_is_told_the_option(origin, message):
    """The error names the option that allows the origin, if one can."""
    response = await ask(Access(), ("Host", "localhost:8080"), ("Origin", origin))
    assert response.json()["message"] == message


async def test_an_allowed_page_may_ask_what_it_may_do():
    """A browser's question before a request is answered with the API's methods and headers."""
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization,idempotency-key"}
    headers = [("Host", "localhost:8080"), ("Origin", SHOP_PAGE), *asked.items()]
    response = await ask(Access(origins={SHOP_PAGE}), *headers, method="OPTIONS", path="/v2/customer_sessions/s")
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == SHOP_PAGE
    assert response.headers["access-control-allow-methods"] == "DELETE, GET, POST, PUT"
    allowed = response.headers["access-control-allow-headers"].split(", ")
    assert {"Authorization", "Content-Type", "Idempotency-Key"} <= set(allowed)


@pytest.mark.parametrize("path", ["/v1/campaigns", "/sandbox/state"])
async def test_an_allowed_page_may_read_responses(path):
    """The response to a page that is allowed says so, with the headers that it may read; errors do as well."""
    response = await ask(Access(origins={SHOP_PAGE}), ("Host", "localhost:8080"), ("Origin", SHOP_PAGE), path=path)
    assert response.status_code != 403
    assert response.headers["access-control-allow-origin"] == SHOP_PAGE
    assert response.headers["access-control-expose-headers"] == "X-Request-ID, X-Sandbox-Request, Retry-After"
    assert "Origin" in response.headers["vary"]


async def test_an_allowed_page_allows_no_other():
    """Pages that are not allowed are rejected as before if others are allowed, and so are foreign hosts."""
    access = Access(origins={SHOP_PAGE})
    assert not await is_served(access, ("Host", "localhost:8080"), ("Origin", "http://localhost:3001"))
    assert not await is_served(access, ("Host", "shop.example"), ("Origin", SHOP_PAGE))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_health_check_needs_neither_key_nor_name(method):
    """The health check is a 200 without a key, for whatever host."""
    response = await ask(Access(), ("Host", "shop.example"), path="/healthz", method=method)
    assert response.status_code == 200
    assert method == "HEAD" or response.json() == {"status": "ok"}
