"""Hosts and origins, as browsers and other clients write them into headers."""

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, Self

from attrs import define

_AUTHORITY: Final = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]{1,253}\.?)(?::(?P<port>[0-9]{1,5})?)?", re.ASCII)
_ORIGIN: Final = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]+)", re.ASCII)
_DEFAULT_PORTS: Final[Mapping[str, str]] = {"http": "80", "https": "443"}


@define(frozen=True)
class Authority:
    """A host and its port; an address is as the standard writes it, a name in lower case without a dot at its end."""

    host: str
    port: str | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a ``Host`` header has.

        Raises:
            ValueError: It is neither a name nor an address, with or without a port.
        """
        found = _AUTHORITY.fullmatch(text.lower())
        if found is None:
            raise ValueError("it is not a host")
        host = found["host"]
        if host.startswith("["):
            return cls(f"[{_address(host[1:-1])}]", found["port"])
        if not (name := host.removesuffix(".")) or ".." in name:
            raise ValueError("it is not a host")
        return cls(name, found["port"])

    def with_port(self, scheme: str) -> tuple[str, str]:
        """Return host and port, which a scheme makes known if it is left out."""
        return self.host, self.port or _DEFAULT_PORTS[scheme]

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address, and not a name, whose owner could let it point to any."""
        try:
            IPv4Address(self.host)
        except AddressValueError:
            return self.host.startswith("[")
        return True


@define(frozen=True)
class Origin:
    """Where a page comes from."""

    scheme: str
    authority: Authority

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what an ``Origin`` header has.

        Raises:
            ValueError: It is not the origin of a page on the web: ``null``, or a file's.
        """
        found = _ORIGIN.fullmatch(text.lower())
        if found is None:
            raise ValueError("it is not an origin")
        return cls(found["scheme"], Authority.parse(found["authority"]))

    def is_of(self, host: Authority) -> bool:
        """Return whether the page comes from this host and port."""
        return self.authority.with_port(self.scheme) == host.with_port(self.scheme)

    def __str__(self) -> str:
        host, port = self.authority.with_port(self.scheme)
        return f"{self.scheme}://{host}" if port == _DEFAULT_PORTS[self.scheme] else f"{self.scheme}://{host}:{port}"


def _address(text: str) -> IPv6Address:
    try:
        return IPv6Address(text)
    except AddressValueError:
        raise ValueError("it is not an address") from None
