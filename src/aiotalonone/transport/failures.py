"""The transport's failures: httpx's own classes, with a reason in our words and no text from the peer."""

import httpx


class TransportFailure(Exception):  # noqa: N818 - the classes below are httpx's errors
    """An attempt failed.

    Attributes:
        reason: Why, in words that contain nothing of the request or the response.
        permanent: Whether a retry cannot help, such as with an untrusted certificate.
    """

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class InvalidRequest(TransportFailure, httpx.LocalProtocolError):
    """The request cannot be sent as it is, such as a middleware may have left it."""


class ConnectFailed(TransportFailure, httpx.ConnectError):
    """No connection was made."""


class ConnectTimedOut(TransportFailure, httpx.ConnectTimeout):
    """No connection was made in time."""


class ProxyFailed(TransportFailure, httpx.ProxyError):
    """The proxy made no tunnel."""


class PoolTimedOut(TransportFailure, httpx.PoolTimeout):
    """No connection of the pool became free in time."""


class DeadlinePassed(TransportFailure, httpx.TimeoutException):
    """The call's time was over before a byte was written."""


class WriteTimedOut(TransportFailure, httpx.WriteTimeout):
    """The peer took no part of the request in time."""


class ReadTimedOut(TransportFailure, httpx.ReadTimeout):
    """No part of the response came in time."""


class ConnectionBroken(TransportFailure, httpx.ReadError):
    """The connection ended before the response was whole."""


class InvalidResponse(TransportFailure, httpx.RemoteProtocolError):
    """What came is not an HTTP/1.1 response, or contradicts itself."""


class ResponseTooLarge(TransportFailure, httpx.RemoteProtocolError):
    """The response is larger than what is read."""
