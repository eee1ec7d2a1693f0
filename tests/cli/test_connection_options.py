"""``--proxy``, ``--ca-file`` and ``--timeout``, and the variables in their place."""

import ssl

import pytest
import trustme

from aiotalonone.cli.target import Deployment
from aiotalonone.sandbox import Sandbox
from aiotalonone.sandbox.faults import Fault
from aiotalonone.settings import Timeouts
from tests.cli.conftest import PASSWORD
from tests.cli.network import proxy, tls
from tests.support.sandbox_server import serving

SYNC = ["profiles", "sync", "rows.csv", "--id-column", "id"]


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_file(authority, folder):
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return "ca.pem"


@pytest.fixture(autouse=True)
def rows(folder):
    (folder / "rows.csv").write_text("id,kids\nc-1,2\nc-2,0\n")


@pytest.mark.parametrize("variable", [None, "TALON_ONE_CA_FILE", "SSL_CERT_FILE"])
async def test_check_trusts_the_authority_that_it_is_given(run, authority, ca_file, variable):
    """--ca-file, its variable and SSL_CERT_FILE each make a private authority trusted."""
    given = ("--ca-file", ca_file) if variable is None else ()
    variables = {} if variable is None else {variable: ca_file}
    async with serving(Sandbox().app) as server, tls(authority, server.url) as url:
        done = await run("check", *given, url=url, **variables)
    assert (done.code, done.err) == (0, "")
    assert "connection  TLSv1.3, certificate until " in done.out
    assert "API key     accepted" in done.out


@pytest.mark.parametrize("variable", [None, "TALON_ONE_PROXY"])
async def test_check_connects_through_the_proxy(run, authority, ca_file, variable):
    """The probe and the calls go through the proxy, whose password is not shown."""
    lines = []
    async with (
        serving(Sandbox().app) as server,
        tls(authority, server.url) as url,
        proxy(f"ada:{PASSWORD}", lines=lines) as through,
    ):
        host = through.removeprefix("http://")
        address = f"http://ada:{PASSWORD}@{host}"
        given = ("--proxy", address) if variable is None else ()
        variables = {} if variable is None else {variable: address}
        done = await run("check", *given, "--ca-file", ca_file, url=url, **variables)
    assert (done.code, done.err) == (0, "")
    assert f"proxy       {host}\n" in done.out
    assert lines == [f"CONNECT {url.removeprefix('https://')} HTTP/1.1"] * 2


async def test_check_of_plain_http_goes_through_the_proxy(run):
    """A sandbox elsewhere on this machine is reached through the proxy as well."""
    lines = []
    async with serving(Sandbox().app) as server, proxy(lines=lines) as through:
        url = server.url
        done = await run("check", "--proxy", through, url=url)
    assert "connection  without TLS" in done.out
    assert lines == [f"PUT {url}/v2/customer_sessions/aiotalonone-check?dry=true HTTP/1.1"]


async def test_a_sync_connects_through_the_proxy(program, authority, ca_file):
    """A job's requests go through the proxy, and trust the authorities of --ca-file."""
    sandbox, lines = Sandbox(), []
    async with serving(sandbox.app) as server, tls(authority, server.url) as url, proxy(lines=lines) as through:
        done = await program(*SYNC, "--proxy", through, "--ca-file", ca_file, url=url)
    assert (done.code, set(sandbox.state.profiles)) == (0, {"c-1", "c-2"})
    assert lines == [f"CONNECT {url.removeprefix('https://')} HTTP/1.1"]


async def test_an_untrusted_certificate_suggests_ca_file(run, authority):
    """The line of a certificate of an unknown authority names --ca-file."""
    async with tls(authority) as url:
        done = await run("check", url=url)
    [line] = done.err.splitlines()
    assert done.code == 1
    assert line.startswith(f"Error: {url.removeprefix('https://')}: cannot connect: certificate not trusted. ")
    assert "--ca-file" in line


async def test_a_sync_does_not_retry_an_untrusted_certificate(program, authority):
    """A job stops after one request to a server that is not trusted, and its line names --ca-file."""
    async with tls(authority) as url:
        done = await program(*SYNC, "--json", url=url)
    assert (done.code, done.report["requests"], done.report["retries"]) == (4, 1, 0)
    assert "stopped: cannot connect: certificate not trusted; records not attempted: 2. If your network" in done.err
    assert "--ca-file" in done.err


async def test_an_untrusted_certificate_within_the_tunnel_suggests_ca_file(run, authority):
    """If the server behind a tunnel is not trusted, the line names --ca-file."""
    async with tls(authority) as url, proxy() as through:
        done = await run("check", "--proxy", through, url=url)
    assert (done.code, "certificate not trusted. " in done.err, "--ca-file" in done.err) == (1, True, True)


async def test_a_proxy_that_asks_for_a_password_is_reported(run, authority):
    """The line about a proxy that asks for a password has the status, and where to put user and password."""
    async with tls(authority) as url, proxy(f"ada:{PASSWORD}") as through:
        done = await run("check", "--proxy", through, url=url)
    assert done.code == 1
    assert "the proxy rejected the tunnel: 407. Put user and password into the proxy's URL" in done.err


async def test_a_proxy_that_does_not_listen_is_reported(run, authority):
    """The line says that it is the proxy, not the deployment, that cannot be reached."""
    async with tls(authority) as url:
        async with proxy() as through:
            pass
        done = await run("check", "--proxy", through.replace("//", f"//ada:{PASSWORD}@"), url=url)
    assert done.code == 1
    assert "cannot connect to the proxy: connection refused. Check the proxy's URL" in done.err


@pytest.mark.parametrize("arguments", [["check"], SYNC, ["audiences", *SYNC[1:], "--audience", "7"]])
@pytest.mark.parametrize("content", [None, "", "no PEM"])
async def test_a_file_without_authorities_is_one_line(run, folder, arguments, content):
    """A file that is missing, empty or not PEM is a usage error, whichever command is given it."""
    if content is not None:
        (folder / "ca.pem").write_text(content)
    done = await run(*arguments, "--ca-file", "ca.pem", url="https://acme.example")
    message = "Error: --ca-file: the file of certificate authorities cannot be read, or holds no certificate"
    assert (done.code, done.out, done.err.splitlines()[-1]) == (2, "", message)


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("TALON_ONE_CA_FILE", "TALON_ONE_CA_FILE: the file of certificate authorities cannot be read, or holds no"),
        ("TALON_ONE_PROXY", "TALON_ONE_PROXY: proxy must be a URL such as http://proxy.example:3128"),
        ("SSL_CERT_FILE", "the file that SSL_CERT_FILE names cannot be read, or holds no certificate"),
    ],
)
async def test_a_variable_that_cannot_be_used_is_one_line(run, variable, message):
    """A variable that cannot be used ends the command with one line that names it."""
    done = await run("check", url="https://acme.example", **{variable: "missing.pem"})
    [line] = done.err.splitlines()
    assert (done.code, line.startswith(f"Error: {message}")) == (2, True)


@pytest.mark.parametrize(
    "url", ["proxy.example:3128", f"ftp://ada:{PASSWORD}@proxy.example", "http://", "http://p:99999"]
)
async def test_a_proxy_that_is_not_a_url_is_one_line(run, url):
    """The line about an invalid URL of a proxy shows an example, and nothing of the given URL."""
    done = await run("check", "--proxy", url, url="https://acme.example")
    assert (done.code, done.out) == (2, "")
    assert done.err == "Error: --proxy: proxy must be a URL such as http://proxy.example:3128\n"


@pytest.mark.parametrize("option", ["--proxy", "--ca-file"])
@pytest.mark.parametrize("arguments", [["check"], SYNC])
def test_sandbox_takes_neither_proxy_nor_ca_file(command, arguments, option):
    """--proxy or --ca-file together with --sandbox, which runs on this machine, is an error."""
    done = command(*arguments, "--sandbox", option, "http://proxy.example:3128")
    message = "Error: --proxy and --ca-file cannot be used with --sandbox, which runs on this machine"
    assert (done.code, done.err.splitlines()[-1]) == (2, message)


def test_the_sandbox_ignores_the_variables(command, monkeypatch):
    """Variables that are set for a deployment do not keep the sandbox from being used."""
    monkeypatch.setenv("TALON_ONE_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("TALON_ONE_CA_FILE", "missing.pem")
    assert command("check", "--sandbox").code == 0


async def test_timeout_ends_a_call(run):
    """A call that gets no response within --timeout is over, with exit code 1."""
    sandbox = Sandbox()
    sandbox.faults.add("updateCustomerSessionV2", Fault.NO_RESPONSE)
    async with serving(sandbox.app) as server:
        done = await run("check", "--timeout", "0.2", url=server.url)
    assert (done.code, "the call got no response" in done.err) == (1, True)


@pytest.mark.parametrize("seconds", [0.5, 120.0])
def test_timeout_holds_for_each_step_and_the_whole_call(seconds):
    """A timeout that is shorter or longer than the client's own replaces that of each step, and the deadline."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    options = Deployment("https://acme.example", "key", None, None, context, seconds).client()._options
    assert (options.deadline, options.timeouts) == (seconds, Timeouts(connect=seconds, write=seconds, read=seconds))


async def test_verbose_check_logs_its_calls(program):
    """With --verbose, each call of a check is a line on stderr, and none has the key."""
    async with serving(Sandbox().app) as server:
        done = await program("check", "--verbose", url=server.url)
    assert (done.code, len(done.err.splitlines())) == (0, 5)
    assert all("updateCustomerSessionV2: PUT" in line for line in done.err.splitlines())
    assert "sandbox-key" not in done.err
