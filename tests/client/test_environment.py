"""``from_env`` reads a proxy and certificate authorities from variables."""

import ssl

import httpx
import pytest
import trustme

from aiotalonone import AsyncIntegrationClient

PASSWORD = "open-sesame"


@pytest.fixture(autouse=True)
def account(monkeypatch):
    monkeypatch.setenv("TALON_ONE_BASE_URL", "https://acme.example")
    monkeypatch.setenv("TALON_ONE_API_KEY", "key")


@pytest.fixture
def made_with(monkeypatch):
    """Return what ``from_env`` gives the constructor."""
    given = {}

    def remember(*_, **options):
        given.update(options)

    monkeypatch.setattr(AsyncIntegrationClient, "__init__", remember)

    def make(**options):
        AsyncIntegrationClient.from_env(**options)
        return given

    return make


@pytest.fixture
def ca_file(tmp_path, monkeypatch):
    authority = trustme.CA()
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("TALON_ONE_CA_FILE", str(path))
    return path


def test_the_proxy_of_the_environment_is_used(made_with, monkeypatch):
    """TALON_ONE_PROXY names the proxy, with user and password."""
    monkeypatch.setenv("TALON_ONE_PROXY", f"http://ada:{PASSWORD}@proxy.example:3128")
    proxy = made_with()["proxy"]
    assert (str(proxy.url), proxy.auth) == ("http://proxy.example:3128", ("ada", PASSWORD))


def test_the_authorities_of_the_environment_are_trusted_alone(made_with, ca_file):
    """TALON_ONE_CA_FILE holds the only authorities that are trusted."""
    assert ca_file.exists()
    assert len(made_with()["ssl_context"].get_ca_certs()) == 1


@pytest.mark.parametrize("value", [None, ""])
def test_variables_that_are_not_set_change_nothing(made_with, monkeypatch, value):
    """Without the variables, or with empty ones, there is no proxy, and the system's authorities are trusted."""
    for name in ("TALON_ONE_PROXY", "TALON_ONE_CA_FILE"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    given = made_with()
    assert (given["proxy"], given["ssl_context"]) == (None, None)


@pytest.mark.usefixtures("ca_file")
def test_what_the_caller_gives_comes_before_the_environment(made_with, monkeypatch):
    """A proxy of None given by the caller means no proxy, whatever the environment says."""
    monkeypatch.setenv("TALON_ONE_PROXY", "not a URL")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    given = made_with(proxy=None, ssl_context=context)
    assert (given["proxy"], given["ssl_context"]) == (None, context)


async def test_an_external_client_is_not_given_the_variables(monkeypatch):
    """The variables are settings of the client's own connections, so they do not clash with ``http_client``."""
    monkeypatch.setenv("TALON_ONE_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("TALON_ONE_CA_FILE", "missing.pem")
    async with httpx.AsyncClient() as http_client:
        AsyncIntegrationClient.from_env(http_client=http_client)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("TALON_ONE_PROXY", f"ftp://ada:{PASSWORD}@proxy.example", "TALON_ONE_PROXY: proxy must be a URL such as"),
        ("TALON_ONE_CA_FILE", "missing.pem", "TALON_ONE_CA_FILE: the file of certificate authorities cannot be read"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(monkeypatch, variable, value, message):
    """The error names the variable, and shows no password."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=message) as caught:
        AsyncIntegrationClient.from_env()
    assert PASSWORD not in str(caught.value)
