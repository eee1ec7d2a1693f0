"""The page on proxies and certificates quotes the errors there are, and its contexts do what it says."""

import re
import ssl
from pathlib import Path

from aiotalonone import AsyncIntegrationClient
from tests.support.raw_server import authority, read_request, response, serving
from tools.pages import python_blocks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "proxies.md").read_text(encoding="utf-8")


def test_the_errors_that_it_quotes_are_those_of_the_code():
    """Each part of a quoted error stands in the transport or where its line is made."""
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src" / "aiotalonone").rglob("*.py"))
    quoted = re.findall(r"`((?:cannot|the proxy|the server) [^`]*)`", PAGE)
    assert len(quoted) == 6
    for line in quoted:
        for part in re.split(r": ", re.sub(r"\d+", "", line)):
            assert f'"{part}' in code or f"{part}:" in code or f'{part}"' in code, part


async def test_a_client_certificate_is_shown_and_an_authority_trusted(tmp_path):
    """A server that wants a certificate of its clients, and has one of a private authority, serves the contexts."""
    names: dict[str, object] = {}
    for _, lines in python_blocks(PAGE):
        if any(line.startswith(("def ", "import ssl")) for line in lines) and "truststore" not in "".join(lines):
            exec("\n".join(lines), names)  # noqa: S102 - our page
    certificate, key, ca_file = (tmp_path / name for name in ("client.pem", "client.key", "company.pem"))
    authority().cert_pem.write_to_path(ca_file)
    of_client = authority().issue_cert("shop@acme.example")
    of_client.cert_chain_pems[0].write_to_path(certificate)
    of_client.private_key_pem.write_to_path(key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("127.0.0.1").configure_cert(server)
    authority().configure_trust(server)
    shown = []

    async def serve(reader, writer):
        while await read_request(reader):
            shown.append(writer.get_extra_info("peercert"))
            writer.write(response())

    for verify, context in (
        (ssl.CERT_NONE, names["trusting"](ca_file)),
        (ssl.CERT_REQUIRED, names["with_certificate"](certificate, key, ca_file)),
    ):
        server.verify_mode = verify
        async with (
            serving(serve, server) as port,
            AsyncIntegrationClient(f"https://127.0.0.1:{port}", api_key="key", ssl_context=context) as client,
        ):
            await client.customers.get_customer_inventory("ada")
    assert [bool(one) for one in shown] == [False, True]
