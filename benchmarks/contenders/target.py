"""What a contender is given, and the settings that all share."""

import ssl
from typing import Final, NamedTuple

API_KEY: Final = "key"
TIMEOUT: Final = 30.0
"""Seconds for a connection, a slot of the pool, a write or a read: more than any has to wait."""


class Target(NamedTuple):
    """Where a contender sends its requests."""

    url: str
    ca_file: str | None = None
    """The authority that has signed the server's certificate, if it speaks TLS."""
    max_connections: int = 100

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return a context that trusts the server, or ``None`` for plain HTTP."""
        return ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None


def path_of(session: str) -> str:
    """Return the path of a session."""
    return f"/v2/customer_sessions/{session}"


def headers() -> dict[str, str]:
    """Return the headers that the client sends, for those who write them by hand."""
    from uuid import uuid4  # noqa: PLC0415 - the client's first call is not to find it warm

    return {
        "Authorization": f"ApiKey-v1 {API_KEY}",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid4().hex,
    }
