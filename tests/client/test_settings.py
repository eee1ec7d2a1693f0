"""Settings are checked when the client is made, and never show a secret."""

import pickle

import pytest

from aiotalonone import AsyncIntegrationClient, RetryPolicy, Timeouts
from aiotalonone.operation import Authorization
from aiotalonone.settings import Credentials, validate_base_url, validate_headers
from tests.support.inspect import inspect


@pytest.mark.parametrize("url", ["https://acme.talon.one", "https://acme.talon.one/", "https://acme.talon.one//"])
def test_a_trailing_slash_does_not_matter(url):
    """A base URL with slashes at its end is the same as without."""
    assert validate_base_url(url, allow_http=False) == "https://acme.talon.one"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80", "http://127.8.8.8"])
def test_plain_http_to_this_machine_is_allowed(url):
    """A base URL of plain http is accepted for this machine."""
    assert validate_base_url(url, allow_http=False) == url


@pytest.mark.parametrize("url", ["http://acme.talon.one", "http://192.168.0.1", "http://localhost.example.com"])
def test_plain_http_beyond_this_machine_needs_consent(url):
    """A base URL of plain http to another machine raises ValueError unless it is allowed."""
    with pytest.raises(ValueError, match="must be https"):
        validate_base_url(url, allow_http=False)
    assert validate_base_url(url, allow_http=True) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "acme.talon.one",
        "ftp://acme.talon.one",
        "https://",
        "https://u:pw@acme.one",
        "https://a.one?x=1",
        "https://a.one:99999",
        "https://a.one?",
        "https://a.one#",
        "https://a.one/..",
        "https://a.one/./x",
        "https://a.one/x ",
        "https://[::1",
        "https://u:pw@a\u2100.one",
    ],
)
def test_an_invalid_base_url_is_rejected(url):
    """A URL that cannot be extended by a path raises ValueError, without a password in its text."""
    with pytest.raises(ValueError, match="base_url must") as caught:
        AsyncIntegrationClient(url, api_key="k")
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "two words", "line\nbreak", "tab\t", "nul\x00", "ümlaut"])
@pytest.mark.parametrize("name", ["api_key", "management_token"])
def test_a_secret_that_cannot_be_a_header_is_not_shown(name, secret):
    """A key that cannot be a header raises ValueError when the client is made, without the key in its text."""
    with pytest.raises(ValueError, match=name) as caught:
        Credentials(**{"api_key": "good", name: secret})
    assert not secret or secret not in str(caught.value)


def test_a_secret_of_another_type_is_rejected():
    """``None`` as a key raises TypeError instead of becoming the text "None"."""
    with pytest.raises(TypeError, match="api_key must be a str, not NoneType"):
        Credentials(api_key=None)


def test_no_repr_shows_a_secret():
    """The reprs of client and credentials show no secret."""
    client = AsyncIntegrationClient("https://acme.talon.one", api_key="hush-1", management_token="hush-2")
    shown = repr(client) + str(client) + repr(inspect(client).credentials)
    assert "hush" not in shown
    assert "acme.talon.one" in shown


def test_credentials_are_not_pickled():
    """Pickling credentials raises TypeError, so that no key is stored."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(AsyncIntegrationClient("https://acme.talon.one", api_key="hush"))


@pytest.mark.parametrize("name", ["Authorization", "content-type", "Host", "Content-Length", "accept", "Connection"])
def test_headers_that_the_client_sets_are_rejected(name):
    """A header that the client sets itself raises ValueError instead of being ignored."""
    with pytest.raises(ValueError, match="set by the client"):
        validate_headers({name: "x"})


@pytest.mark.parametrize(
    "headers", [{"X-A": "a\r\nX-B: b"}, {"X-A\n": "a"}, {"X-A": " led"}, {"": "a"}, {"X-A": "\x7f"}]
)
def test_headers_that_cannot_be_sent_are_rejected(headers):
    """Header values with line breaks or control characters raise ValueError when the client is made."""
    with pytest.raises(ValueError, match=r"^headers: "):
        validate_headers(headers)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
@pytest.mark.parametrize("name", ["connect", "pool", "write", "read"])
def test_a_timeout_that_is_not_positive_is_rejected(name, seconds):
    """A timeout that is zero, negative or NaN raises ValueError, and ``None`` is accepted."""
    with pytest.raises(ValueError, match=f"^{name} must be"):
        Timeouts(**{name: seconds})
    assert getattr(Timeouts(**{name: None}), name) is None


@pytest.mark.parametrize("name", ["connect", "pool", "write", "read"])
@pytest.mark.parametrize("value", ["5", True, [5]])
def test_a_timeout_of_another_type_is_a_type_error(name, value):
    """A text as a timeout raises a TypeError that names the timeout."""
    with pytest.raises(TypeError, match=f"^{name} must be a number of seconds, not {type(value).__name__}$"):
        Timeouts(**{name: value})


def test_waiting_for_a_connection_is_bounded_by_the_deadline_alone():
    """By default an attempt waits for a free connection until the deadline."""
    assert Timeouts().pool is None


VERSIONED = ["https://a.one/v1", "https://a.one/V2/", "https://a.one/gateway/v3//", "https://acme.talon.one/v1"]


@pytest.mark.parametrize("url", VERSIONED)
def test_a_base_url_ends_before_the_version(url):
    """A base URL that ends in a version of the API raises a ValueError that says so: the paths of the API have it."""
    with pytest.raises(ValueError, match=r"^base_url must end before the version"):
        AsyncIntegrationClient(url, api_key="k")
    assert validate_base_url("https://a.one/v1/gateway", allow_http=False) == "https://a.one/v1/gateway"


@pytest.mark.parametrize("path", ["/applications/7/campaigns", "/Login", "/v2/customer_sessions"])
def test_a_page_of_the_console_is_no_base_url(path):
    """The URL of a page that a browser shows, or of an operation, raises a ValueError."""
    with pytest.raises(ValueError, match=r"^base_url must end at the host"):
        AsyncIntegrationClient(f"https://acme.europe-west1.talon.one{path}", api_key="k")


@pytest.mark.parametrize("host", ["xn--a", "xn--", "x" * 70_000, "a..b", ".a", f"{'x' * 64}.a", "%41"])
def test_a_host_that_cannot_be_one_is_rejected(host):
    """A host that every call would fail at raises a ValueError when the client is made."""
    with pytest.raises(ValueError, match=r"^base_url is too long or has an invalid host$") as caught:
        AsyncIntegrationClient(f"https://{host}", api_key="k")
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "proxy",
    [
        "",
        "proxy:1",
        "ftp://p:1",
        "http://",
        "http://p q:1",
        "http://p..q:1",
        *(f"http://p:{port}" for port in (-1, 0, 65536)),
    ],
)
def test_a_proxy_that_cannot_be_one_is_rejected(proxy):
    """A proxy without a host, or with a port that is none, raises ValueError when the client is made."""
    with pytest.raises(ValueError, match=r"^proxy must be a URL such as http://proxy\.example:3128$"):
        AsyncIntegrationClient("https://acme.talon.one", api_key="hush", proxy=proxy)


@pytest.mark.parametrize("userinfo", ["user", "user:", ":hush", f"user:{'h' * 256}"])
def test_a_socks_proxy_takes_user_and_password_of_some_length(userinfo):
    """User and password that SOCKS cannot hold raise ValueError when the client is made, and are not shown."""
    with pytest.raises(ValueError, match=r"^proxy: user and password must have 1 to 255 bytes each$"):
        AsyncIntegrationClient("https://acme.talon.one", api_key="k", proxy=f"socks5://{userinfo}@p")
    AsyncIntegrationClient("https://acme.talon.one", api_key="k", proxy=f"socks5://user:{'h' * 255}@p")


PREFIXED = [
    ("api_key", "ApiKey-v1 hush", "ApiKey-v1"),
    ("api_key", "\n apikey-V1\thush\n", "ApiKey-v1"),
    ("api_key", "Authorization: ApiKey-v1 hush", "ApiKey-v1"),
    ("api_key", "ApiKey-v1", "ApiKey-v1"),
    ("api_key", "Bearer hush", "Bearer"),
    ("management_token", "bearer hush", "Bearer"),
    ("management_token", "ManagementKey-v1 hush", "ManagementKey-v1"),
]


@pytest.mark.parametrize(("name", "secret", "prefix"), PREFIXED)
def test_a_secret_is_given_without_its_prefix(name, secret, prefix):
    """A key with the prefix of its header, in any spelling, raises a ValueError that names the prefix alone."""
    with pytest.raises(ValueError, match=f"^{name} must be given without the prefix {prefix}: the client adds it$"):
        Credentials(**{"api_key": "good", name: secret})


@pytest.mark.parametrize("secret", ["hush\n", " hush", "hush\r\n"])
def test_a_secret_read_from_a_file_has_no_line_break(secret):
    """Blanks around a key raise a ValueError that says so."""
    with pytest.raises(ValueError, match=r"^api_key must not have a blank or a line break around it$"):
        Credentials(api_key=secret)


NUMBERS = [
    ("attempts", 0, ValueError),
    ("attempts", "3", TypeError),
    ("attempts", True, TypeError),
    ("attempts", 1.5, TypeError),
    ("budget", -1, ValueError),
    ("budget", "100", TypeError),
    ("initial_backoff", -0.1, ValueError),
    ("initial_backoff", "0.2", TypeError),
    ("max_backoff", float("inf"), ValueError),
    ("max_backoff", float("nan"), ValueError),
    ("max_backoff", None, TypeError),
    ("max_retry_after", True, TypeError),
]


@pytest.mark.parametrize(("name", "value", "error"), NUMBERS)
def test_a_retry_policy_is_validated(name, value, error):
    """A number that is out of range is a ValueError, anything else a TypeError, and either names the setting."""
    with pytest.raises(error, match=f"^{name} must be a "):
        RetryPolicy(**{name: value})


def test_a_retry_budget_may_be_unlimited():
    """A budget of ``None`` allows every retry, a budget of 0 allows no retry."""
    assert RetryPolicy(budget=None).budget is None
    assert RetryPolicy(budget=0).budget == 0


OPTIONS = [
    ("timeouts", 5, "timeouts must be a Timeouts, not int"),
    ("retry", 3, "retry must be a RetryPolicy, not int"),
    ("deadline", "5", "deadline must be a number of seconds, not str"),
    ("deadline", True, "deadline must be a number of seconds, not bool"),
    ("headers", [("a", "b")], "headers must be a mapping, not list"),
    ("headers", [], "headers must be a mapping, not list"),
    ("timeouts", 0, "timeouts must be a Timeouts, not int"),
    ("retry", {}, "retry must be a RetryPolicy, not dict"),
]
OF_THE_CONSTRUCTOR = [
    ("middleware", None, "middleware must be a list of functions, not NoneType"),
    ("middleware", "x", "middleware must be a list of functions, not str"),
    ("middleware", [len, 5], "middleware[1] must be a function, not int"),
    ("call_middleware", len, "call_middleware must be a list of functions, not builtin_function_or_method"),
    ("call_middleware", {"a": len}, "call_middleware must be a list of functions, not dict"),
    ("allow_http", "no", "allow_http must be a bool, not str"),
    ("allow_http", 1, "allow_http must be a bool, not int"),
    ("circuit_breaker", 5, "circuit_breaker must be a CircuitBreaker, not int"),
    ("max_concurrent_updates", 1.0, "max_concurrent_updates must be a whole number, not float"),
]


@pytest.mark.parametrize(("name", "value", "text"), OF_THE_CONSTRUCTOR)
def test_a_setting_of_another_type_is_a_type_error(name, value, text):
    """A setting of a new client that has another type raises a TypeError in plain words."""
    with pytest.raises(TypeError) as caught:
        AsyncIntegrationClient("https://acme.talon.one", api_key="k", **{name: value})
    assert caught.value.args == (text,)


@pytest.mark.parametrize("grace", [None, "5", True])
async def test_a_grace_of_another_type_is_a_type_error(grace):
    """A grace that is not a number raises a TypeError in plain words."""
    client = AsyncIntegrationClient("https://acme.talon.one", api_key="k")
    with pytest.raises(TypeError, match=f"^grace must be a number of seconds, not {type(grace).__name__}$"):
        await client.aclose(grace=grace)


def test_seconds_that_no_float_holds_are_rejected():
    """An integer that cannot be added to a time raises a ValueError; infinity is the way to say so."""
    with pytest.raises(ValueError, match=r"^read must be a number of seconds of at most"):
        Timeouts(read=10**400)


@pytest.mark.parametrize(("name", "value", "text"), OPTIONS)
def test_an_option_of_another_type_is_a_type_error(name, value, text):
    """A setting of another type raises a TypeError in plain words, in the constructor and in ``with_options``."""
    with pytest.raises(TypeError) as caught:
        AsyncIntegrationClient("https://acme.talon.one", api_key="k", **{name: value})
    assert caught.value.args == (text,)
    client = AsyncIntegrationClient("https://acme.talon.one", api_key="k")
    with pytest.raises(TypeError) as caught:
        client.with_options(**{name: value})
    assert caught.value.args == (text,)


@pytest.mark.parametrize("headers", [{"X-A": None}, {"X-A": 0}, {b"X-A": "a"}])
def test_headers_of_other_types_are_rejected(headers):
    """A header value that is not text raises TypeError."""
    with pytest.raises(TypeError, match="must be str"):
        validate_headers(headers)


def test_a_base_url_of_another_type_is_rejected():
    """An ``httpx.URL`` as base URL raises TypeError."""
    with pytest.raises(TypeError, match="base_url must be a str"):
        validate_base_url(7, allow_http=False)


def test_an_empty_header_value_is_a_value():
    """An empty header value is accepted and sent, as RFC 9110 allows."""
    assert validate_headers({"X-A": ""}) == {"x-a": ""}


def test_from_env_reads_the_variables(monkeypatch):
    """``from_env`` reads base URL, key and token from the environment."""
    monkeypatch.setenv("TALON_ONE_BASE_URL", "https://acme.talon.one/")
    monkeypatch.setenv("TALON_ONE_API_KEY", "k")
    monkeypatch.setenv("TALON_ONE_MANAGEMENT_TOKEN", "t")
    client = AsyncIntegrationClient.from_env(timeouts=Timeouts(read=1))
    assert inspect(client).base_url == "https://acme.talon.one"
    credentials = inspect(client).credentials
    assert credentials.authorization(Authorization.API_KEY) == "ApiKey-v1 k"
    assert credentials.authorization(Authorization.MANAGEMENT_TOKEN) == "Bearer t"


def test_from_env_names_what_is_missing(monkeypatch):
    """``from_env`` names all variables that are missing or empty in one error."""
    monkeypatch.delenv("TALON_ONE_BASE_URL", raising=False)
    monkeypatch.setenv("TALON_ONE_API_KEY", "")
    with pytest.raises(ValueError, match=r"TALON_ONE_BASE_URL, TALON_ONE_API_KEY$"):
        AsyncIntegrationClient.from_env()
