"""Whom the client trusts, how TLS ended, and why a connection could not be made, in words."""

import errno
import os
import socket
import ssl
from collections.abc import Mapping
from typing import Any, Final

_EXPIRED: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_NOT_YET_VALID: Final = 9  # X509_V_ERR_CERT_NOT_YET_VALID
_WRONG_NAME: Final = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})
_NETWORK: Final[Mapping[int, str]] = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.ECONNABORTED: "connection closed by the peer",
    errno.EPIPE: "connection closed by the peer",
    errno.EHOSTUNREACH: "host unreachable",
    errno.ENETUNREACH: "network unreachable",
    errno.EMFILE: "too many open files",
}


def create_ssl_context(ca_file: str | os.PathLike[str] | None = None) -> ssl.SSLContext:
    """Return a context that trusts what the operating system trusts, or the authorities of a file.

    The standard library finds the system's store on Linux and Windows, and OpenSSL obeys ``SSL_CERT_FILE`` and
    ``SSL_CERT_DIR`` by itself; a package for this would only matter on macOS.

    Args:
        ca_file: Certificates in PEM, trusted instead of the system's.

    Raises:
        ValueError: The file cannot be read, or holds no certificate.
    """
    named = ca_file or os.environ.get("SSL_CERT_FILE")
    try:
        context = ssl.create_default_context(cafile=named)
    except (OSError, ssl.SSLError):
        origin = "the file of certificate authorities" if ca_file else "the file that SSL_CERT_FILE names"
        raise ValueError(f"{origin} cannot be read, or holds no certificate") from None
    context.set_alpn_protocols(["http/1.1"])
    return context


def describe_failure(failure: BaseException) -> tuple[str, bool]:
    """Return why a connection could not be made, and whether a retry cannot help.

    The words are ours: those of the failure may contain addresses.
    """
    match failure:
        case ssl.SSLCertVerificationError(verify_code=code):
            return _describe_certificate(code), True
        case ssl.SSLError(reason=reason):
            is_other_protocol = reason in _NO_TLS
            return "the server does not speak TLS" if is_other_protocol else "TLS handshake failed", is_other_protocol
        case socket.gaierror():
            return "host name cannot be resolved", False
        case TimeoutError():
            return "timeout", False
        case ConnectionError() if failure.errno is None:  # asyncio's own
            return "connection closed by the peer", False
    return _NETWORK.get(getattr(failure, "errno", None) or 0, "network error"), False


def _describe_certificate(code: int) -> str:
    if code == _EXPIRED:
        return "certificate expired"
    if code == _NOT_YET_VALID:
        return "certificate not yet valid"
    return "certificate is for another host" if code in _WRONG_NAME else "certificate not trusted"


def requires_certificate(failure: BaseException | None) -> bool:
    """Return whether a server ended TLS since it wants a certificate of the client, which TLS 1.3 says late."""
    return isinstance(failure, ssl.SSLError) and failure.reason == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


def was_closed_cleanly(tls: Any) -> bool:
    """Return whether the peer ended TLS with a close_notify, rather than the connection was cut off."""
    try:
        return not tls.read(1)
    except ssl.SSLZeroReturnError:
        return True
    except (ssl.SSLError, ValueError):
        return False
