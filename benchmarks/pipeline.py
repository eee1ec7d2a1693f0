"""What a successful call pays for the pipeline: the client beside the same call written out by hand.

``python benchmarks/pipeline.py``. Both encode the same model, send the same request through the same httpx client
(whose transport answers at once), and decode the same answer with the same codec. The hand knows no deadline, lane,
retry, outcome or log.
"""

import asyncio
from collections.abc import Awaitable, Callable
from statistics import median, quantiles
from time import perf_counter
from urllib.parse import quote
from uuid import uuid4

import httpx

from aiotalonone import AsyncIntegrationClient, codec
from aiotalonone.models import IntegrationRequest, NewCustomerSessionV2

ROUNDS = 200
CALLS = 100  # of each, in a round
URL = "https://acme.europe-west1.talon.one"
ANSWER = b'{"effects":[]}'
REQUEST = IntegrationRequest(customer_session=NewCustomerSessionV2(profile_id="c-1", coupon_codes=["WELCOME"]))
HEAD = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]


class Prompt(httpx.AsyncBaseTransport):
    """Answers at once."""

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        """The same answer to all."""
        return httpx.Response(200, headers=HEAD, stream=httpx.ByteStream(ANSWER))


async def by_hand(http_client: httpx.AsyncClient) -> object:
    """Encode, send, decode."""
    request = http_client.build_request(
        "PUT",
        f"{URL}/v2/customer_sessions/{quote('cart-1', safe='')}",
        content=codec.encode_as("IntegrationRequest", REQUEST),
        headers={
            "Accept": "application/json",
            "Authorization": "ApiKey-v1 key",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid4().hex,
        },
    )
    answer = await http_client.send(request)
    answer.raise_for_status()
    return codec.decode_as("IntegrationStateV2", answer.content)


async def by_client(client: AsyncIntegrationClient) -> object:
    """The same, with everything that the client does besides."""
    return await client.sessions.update_customer_session_v2("cart-1", REQUEST)


async def microseconds(call: Callable[[], Awaitable[object]]) -> float:
    """The mean of a round."""
    start = perf_counter()
    for _ in range(CALLS):
        await call()
    return (perf_counter() - start) / CALLS * 1e6


async def main() -> None:
    """Rounds of both in turn, each time the other first."""
    async with AsyncIntegrationClient(URL, api_key="key") as client:
        traffic = client._connection._traffic  # noqa: SLF001 - the one httpx client for both
        own = traffic.http_client
        async with httpx.AsyncClient(transport=Prompt(), headers=own.headers, timeout=own.timeout) as http_client:
            traffic.http_client = http_client
            pairs = []
            for number in range(ROUNDS):
                sides = [lambda: by_hand(http_client), lambda: by_client(client)]
                first, second = number % 2, 1 - number % 2
                figures = {first: await microseconds(sides[first]), second: await microseconds(sides[second])}
                pairs.append((figures[0], figures[1]))
            traffic.http_client = own
    differences = [ours - hand for hand, ours in pairs[10:]]
    low, middle, high = quantiles(differences, n=4)
    print(f"by hand {median(hand for hand, _ in pairs):.1f} µs, client {median(ours for _, ours in pairs):.1f} µs")
    print(f"the client pays {middle:.1f} µs a call (quartiles {low:.1f} to {high:.1f})")


if __name__ == "__main__":
    asyncio.run(main())
