"""The inside of a client: the one place where tests read its private attributes."""

from attrs import frozen


@frozen
class ClientInternals:
    """What a client holds while calls are in flight, and what must be gone after them."""

    client: object

    @property
    def runtime(self):
        """State of the open client; other clients that are derived from it share it."""
        return self.client._lifecycle._runtime

    @property
    def http_client(self):
        """The httpx client that calls go through."""
        return self.runtime.http_client

    @property
    def external_client(self):
        """The caller's httpx client, or ``None``."""
        return self.client._lifecycle._external_client

    @property
    def in_flight(self):
        """Number of calls that have started and not ended."""
        return len(self.runtime._in_flight)

    @property
    def lanes(self):
        """Number of lanes that calls use or wait for."""
        return len(self.runtime.lanes)

    @property
    def abandoned(self):
        """Requests on an external client whose calls have ended before them."""
        return self.runtime._abandoned

    @property
    def base_url(self):
        """The URL that paths are appended to."""
        return self.client._base_url

    @property
    def credentials(self):
        """The API key and the management token."""
        return self.client._credentials

    @property
    def parts(self):
        """All objects of the client that could show a secret in their repr."""
        client = self.client
        return [
            client._options,
            client._credentials,
            client._pipeline,
            client._requests,
            client._lifecycle,
            self.runtime,
        ]

    def abort_all(self, reason):
        """Abort all calls in flight, as the timer does."""
        for call in self.runtime._in_flight._calls:
            call.abort(reason)


def inspect(client):
    """Return a view of the inside of a client."""
    return ClientInternals(client)
