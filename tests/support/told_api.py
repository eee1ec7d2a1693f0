"""An API that responds as a test tells it, and the clients of a service that calls it."""

import asyncio

import httpx

from aiotalonone import AsyncIntegrationClient, RetryPolicy

HANG = object()
"""As a result: no response comes."""


class ToldApi:
    """Ends each request with its ``result``: a status, an error class of httpx, or ``HANG``."""

    def __init__(self, result=200):
        self.result = result
        self.body = '{"effects": [], "coupons": [{"value": "SUMMER"}]}'
        self.clients = []
        self.http_client = httpx.AsyncClient(transport=httpx.MockTransport(self._respond))

    async def _respond(self, request):
        if self.result is HANG:
            await asyncio.Future()
        if isinstance(self.result, type):
            raise self.result("it failed", request=request)
        return httpx.Response(self.result, text=self.body, headers={"Retry-After": "30"})

    def create_client(self, **options):
        """Return an unopened client of this API that makes one attempt for each call."""
        settings = {"api_key": "key", "http_client": self.http_client, "retry": RetryPolicy(attempts=1), **options}
        self.clients.append(AsyncIntegrationClient("https://shop.talon.one", **settings))
        return self.clients[-1]
