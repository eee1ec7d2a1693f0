"""How far one comes towards a host: its name, its door, its certificate."""

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from socket import gaierror
from typing import Final
from urllib.parse import urlsplit

from attrs import frozen

from aiotalonone.cli.exits import CommandError, Exit

_SECONDS: Final = 5.0


@frozen
class TLSFacts:
    """What a handshake has agreed on."""

    version: str
    expires: datetime


async def probe(base_url: str, trusted: ssl.SSLContext) -> TLSFacts | None:
    """Connect to the host of a URL, and part; ``None`` for a connection without TLS.

    Raises:
        CommandError: There is no way to it; the message says where it ends and what to do.
    """
    address = urlsplit(base_url)
    host, is_tls = str(address.hostname), address.scheme == "https"
    port = address.port or (443 if is_tls else 80)
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=trusted if is_tls else None)
    except TimeoutError:
        raise _failed(
            f"{host}:{port} does not answer within {_SECONDS:.0f} s: is there a firewall or a proxy?"
        ) from None
    except gaierror:
        raise _failed(f"there is no host {host}: look for a typing error in the base URL") from None
    except ssl.SSLCertVerificationError as failure:
        raise _failed(f"the certificate of {host} is not trusted: {failure.verify_message}") from None
    except ssl.SSLError as failure:
        raise _failed(f"{host}:{port} speaks no TLS that this machine does: {failure.reason}") from None
    except OSError as failure:
        raise _failed(f"{host}:{port} cannot be reached ({_words(failure)}): is it the right host and port?") from None
    try:
        return _facts(writer.get_extra_info("ssl_object"))
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _facts(connection: ssl.SSLObject | None) -> TLSFacts | None:
    if connection is None:
        return None
    certificate = connection.getpeercert() or {}
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    return TLSFacts(connection.version() or "", expires)


def _words(failure: OSError) -> str:
    return "refused" if isinstance(failure, ConnectionRefusedError) else (failure.strerror or type(failure).__name__)


def _failed(message: str) -> CommandError:
    return CommandError(message, Exit.FAILED)
